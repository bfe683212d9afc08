"""The shapes the API answers with, for its document; the bodies are finished when published."""

from marshmallow import Schema, fields, validate

from service.catalog import terms
from service.shared.api import Query
from service.shared.paging import DEFAULT_LIMIT, MAX_LIMIT

SEVERITY = validate.OneOf(["avoid", "caution", "monitor"])
REVIEW = validate.OneOf(["reviewed", "unreviewed"])
REVIEW_STATE = validate.OneOf(["reviewed", "partly_reviewed", "unreviewed"])


def told(text: str) -> dict[str, str]:
    return {"description": text}


class PageQuery(Query):
    limit = fields.Integer(load_default=DEFAULT_LIMIT, validate=validate.Range(1, MAX_LIMIT))
    cursor = fields.String(validate=validate.Length(1, 200), metadata=told("As `next_cursor` gave it."))


class ViewQuery(Query):
    view = fields.String(
        load_default="public",
        validate=validate.OneOf(["public", "practitioner"]),
        metadata=told("`practitioner` needs a key with the scope read:practitioner."),
    )


class TitleOut(Schema):
    hanzi = fields.String()
    pinyin = fields.String()
    english = fields.String()
    latin = fields.String()


class NameOut(Schema):
    text = fields.String(required=True)
    script = fields.String(required=True, validate=validate.OneOf(terms.SCRIPTS))
    lang = fields.String(required=True, metadata=told("BCP 47"))
    preferred = fields.Boolean()


class ReviewOut(Schema):
    state = fields.String(
        required=True,
        validate=REVIEW_STATE,
    )
    rows = fields.Integer(required=True, metadata=told("Clinical rows in this body."))
    reviewed = fields.Integer(required=True, metadata=told("Of them, signed by a licensed person."))
    reviewed_on = fields.Date()
    review_due_on = fields.Date()


class SourceOut(Schema):
    title = fields.String(required=True)
    kind = fields.String(required=True)
    seen = fields.String(
        required=True,
        metadata=told("How much of it was read: full, abstract or secondary."),
    )
    address = fields.String()
    pmid = fields.String()
    doi = fields.String()
    identifiers = fields.String()
    licence = fields.String()
    note = fields.String()
    accessed = fields.String()


class StampOut(Schema):
    status = fields.String(required=True, validate=validate.OneOf(["published", "withdrawn"]))
    revision = fields.Integer(required=True)
    catalog_version = fields.Integer(required=True, metadata=told("The catalog's version at this revision."))
    published_at = fields.DateTime(required=True, metadata=told("RFC 3339, UTC"))


class CautionOut(Schema):
    key = fields.String(required=True)
    type = fields.String(required=True, validate=validate.OneOf(terms.CAUTION_TYPES))
    grade = fields.String(required=True, validate=validate.OneOf(terms.GRADES))
    severity = fields.String(required=True, validate=SEVERITY)
    text = fields.String(required=True)
    herb = fields.String(metadata=told("The herb it comes from, where it is not the formula's own."))
    sources = fields.List(fields.String(), required=True)
    review = fields.String(required=True, validate=REVIEW)


class IndicationOut(Schema):
    text = fields.String(required=True)
    sources = fields.List(fields.String(), required=True)


class IngredientOut(Schema):
    herb = fields.String(required=True, metadata=told("The herb's slug."))
    title = fields.Nested(TitleOut, required=True)
    optional = fields.Boolean()
    sources = fields.List(fields.String(), required=True)


class OriginOut(Schema):
    book = fields.String(required=True)
    author = fields.String()
    dynasty = fields.String()
    year = fields.Integer(metadata=told("CE"))
    sources = fields.List(fields.String(), required=True)


class ActiveOut(Schema):
    name = fields.String(required=True)
    amount = fields.String(required=True)
    purpose = fields.String(required=True)


class DrugFactsOut(Schema):
    label_date = fields.Date(required=True)
    ndc = fields.String(required=True)
    set_id = fields.String()
    active = fields.List(fields.Nested(ActiveOut), required=True)
    inactive = fields.List(fields.String())
    inactive_note = fields.String()
    uses = fields.String()
    warnings = fields.List(fields.String(), required=True)
    directions = fields.String()
    pregnancy = fields.String(required=True)
    confidence = fields.String(required=True)
    sources = fields.List(fields.String(), required=True)


class ProductOut(Schema):
    slug = fields.String(required=True)
    name = fields.String(required=True)
    maker = fields.String()
    brand = fields.String()
    form = fields.String()
    size = fields.String()
    regulatory_class = fields.String(required=True, validate=validate.OneOf(terms.REGULATORY_CLASSES))
    drug_facts = fields.Nested(DrugFactsOut)
    omits = fields.List(
        fields.String(),
        metadata=told("Herbs of the formula that this product leaves out."),
    )
    prop_65 = fields.String()
    last_verified_on = fields.Date()


class KeyCautionOut(Schema):
    grade = fields.String(required=True, validate=validate.OneOf(terms.GRADES))
    severity = fields.String(required=True, validate=SEVERITY)
    text = fields.String(required=True)


class FormulaSummaryOut(StampOut):
    slug = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(terms.FORMULA_KINDS))
    route = fields.String(required=True, validate=validate.OneOf(terms.ROUTES))
    title = fields.Nested(TitleOut, required=True)
    caution = fields.Nested(KeyCautionOut, required=True, metadata=told("The gravest one."))
    review = fields.String(required=True, validate=REVIEW_STATE)


class FormulaPageOut(Schema):
    items = fields.List(fields.Nested(FormulaSummaryOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class FormulaOut(StampOut):
    """A published formula as the public may read it; practitioners get every sourced row besides."""

    slug = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(terms.FORMULA_KINDS))
    route = fields.String(required=True, validate=validate.OneOf(terms.ROUTES))
    title = fields.Nested(TitleOut, required=True)
    names = fields.List(fields.Nested(NameOut), required=True)
    forms = fields.List(fields.String(), required=True)
    origin = fields.Nested(OriginOut, allow_none=True)
    indications = fields.List(fields.Nested(IndicationOut), required=True)
    cautions = fields.List(fields.Nested(CautionOut), required=True)
    ingredients = fields.List(fields.Nested(IngredientOut), required=True)
    products = fields.List(fields.Nested(ProductOut), required=True)
    review = fields.Nested(ReviewOut, required=True)
    sources = fields.Dict(keys=fields.String(), values=fields.Nested(SourceOut), required=True)


class HerbSummaryOut(StampOut):
    slug = fields.String(required=True)
    title = fields.Nested(TitleOut, required=True)
    caution = fields.Nested(KeyCautionOut, required=True, allow_none=True)
    review = fields.String(required=True, validate=REVIEW_STATE)


class HerbPageOut(Schema):
    items = fields.List(fields.Nested(HerbSummaryOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class HerbOut(StampOut):
    slug = fields.String(required=True)
    title = fields.Nested(TitleOut, required=True)
    names = fields.List(fields.Nested(NameOut), required=True)
    cautions = fields.List(fields.Nested(CautionOut), required=True)
    review = fields.Nested(ReviewOut, required=True)
    sources = fields.Dict(keys=fields.String(), values=fields.Nested(SourceOut), required=True)
