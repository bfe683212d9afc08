"""The shapes of a document: what a seed file, an import and a revision hold, one and the same.

`load` gives plain dicts ready for `actions.save_*`; `dump` of a row gives them back, so that
`load(dump(x)) == x`. Absent and empty fields are left out.
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from service.catalog import terms
from service.catalog.short_names import LONGEST, SHORTEST
from service.shared.fields import (
    SLUG,
    Document,
    Ranged,
    Text,
    amount,
    choice,
    decimal_text,
    identifier,
    iso_day,
    past_day,
    prose,
    refuse_repeats,
    rows,
)

MOST_SUBSTITUTES = 9
SUBJECT = validate.Regexp(
    rf"\A({'|'.join(terms.SUBJECT_KINDS)}):[a-z0-9]+(-[a-z0-9]+)*\Z",
    error=f"Write kind:slug, the kind one of {', '.join(terms.SUBJECT_KINDS)}.",
)


class SourceKeys(fields.List[str]):
    """Keys of sources: a set, written in order."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str | None]:
        keys: list[Any] = super()._deserialize(value, attr, data, **kwargs)
        return sorted(set(keys))


class StatementIn(Ranged):
    """What every clinical row carries. A row without a source must say what is missing."""

    confidence = choice(terms.CONFIDENCES, required=True)
    sources = SourceKeys(prose(), attribute="source_keys", data_key="sources")
    source_gap = prose()
    note = prose()
    reviewer = prose()
    reviewer_licence = prose()
    reviewed_on = fields.Date()
    review_due_on = fields.Date()

    needs_source = True

    @validates_schema(skip_on_field_errors=True)
    def check_sourced(self, data: Mapping[str, Any], **_: Any) -> None:
        if self.needs_source and not data.get("source_keys") and not data.get("source_gap"):
            raise ValidationError(
                "Name at least one source, or say in source_gap what is missing.",
                "sources",
            )
        signed = [key in data for key in ("reviewer", "reviewer_licence", "reviewed_on")]
        if any(signed) and not all(signed):
            raise ValidationError("A review has a reviewer, a licence and a date.", "reviewer")


class NameIn(StatementIn):
    needs_source = False
    text = prose(200, required=True)
    script = choice(terms.SCRIPTS, required=True)
    preferred = fields.Boolean()


class OriginIn(StatementIn):
    book = prose(required=True)
    chapter = prose()
    author = prose()
    dynasty = prose()
    year = fields.Integer(strict=True)


class IngredientIn(StatementIn):
    herb = identifier(required=True, attribute="herb_slug", data_key="herb")
    role = choice(terms.ROLES)
    role_confidence = choice(terms.CONFIDENCES)
    classical_dose = prose()
    grams_min = amount()
    grams_max = amount()
    percent_min = amount()
    percent_max = amount()
    dose_basis = prose()
    preparation = prose()
    optional = fields.Boolean()

    @validates_schema(skip_on_field_errors=True)
    def check_basis(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("grams_min" in data or "percent_min" in data) and "dose_basis" not in data:
            raise ValidationError("Say what the amount rests on.", "dose_basis")
        if ("role" in data) != ("role_confidence" in data):
            raise ValidationError("A role has a confidence.", "role_confidence")


class IndicationIn(StatementIn):
    audience = choice(terms.AUDIENCES, required=True)
    sort = choice(terms.INDICATION_SORTS, required=True)
    text = prose(required=True)
    lay_terms = fields.List(prose())
    code = prose()


class CautionIn(StatementIn):
    key = prose(80, required=True)
    type = choice(terms.CAUTION_TYPES, required=True)
    subjects = fields.List(Text(validate=SUBJECT), required=True, validate=validate.Length(min=1))
    grade = choice(terms.GRADES, required=True)
    certainty = choice(terms.CERTAINTIES)
    basis = fields.List(choice(terms.EVIDENCE_BASES))
    text = prose(required=True)
    patient_text = prose()
    mechanism = prose()
    what_to_do = prose()
    conflict = prose()


class DoseIn(StatementIn):
    form = prose(required=True)
    text = prose(required=True)
    grams_min = amount()
    grams_max = amount()
    basis = prose(required=True)


class NoteIn(StatementIn):
    topic = choice(terms.NOTE_TOPICS, required=True)
    text = prose(required=True)


class EvidenceIn(StatementIn):
    key = prose(80, required=True)
    formulas = fields.List(identifier())
    subject = prose(required=True)
    condition = prose()
    design = choice(terms.DESIGNS, required=True)
    participants = fields.Integer(strict=True, validate=validate.Range(min=1))
    studies = fields.Integer(strict=True, validate=validate.Range(min=1))
    result = prose(required=True)
    bias = prose()
    harms = prose()
    certainty = choice(terms.CERTAINTIES)


class CombinationIn(StatementIn):
    key = prose(80, required=True)
    parts = fields.List(prose(), required=True, validate=validate.Length(min=2))
    purpose = prose()
    verdict = choice(terms.VERDICTS, required=True)
    why = prose(required=True)
    cautions = fields.List(prose())


class SourceIn(Document):
    key = prose(80, required=True)
    title = prose(required=True)
    kind = prose(required=True)
    seen = choice(("full", "abstract", "secondary"), required=True)
    address = prose()
    pmid = prose()
    doi = prose()
    identifiers = prose()
    licence = prose()
    note = prose()
    accessed = Text(validate=validate.Regexp(r"\A\d{4}(-\d{2}){0,2}\Z", error="Write 2026, 2026-11 or 2026-11-21."))


class ActiveIngredientIn(Document):
    name = prose(required=True)
    amount = prose(required=True)
    purpose = prose(required=True)


class DrugFactsIn(Document):
    """The parts of a US over-the-counter label, in our words, under the label's headings."""

    label_date = iso_day(required=True)
    ndc = prose(required=True)
    set_id = prose()
    active = fields.List(
        fields.Nested(ActiveIngredientIn),
        required=True,
        validate=validate.Length(min=1),
    )
    inactive = fields.List(prose())
    inactive_note = prose()
    uses = prose()
    warnings = fields.List(prose(), required=True, validate=validate.Length(min=1))
    directions = prose()
    pregnancy = prose(required=True)
    confidence = choice(terms.CONFIDENCES, required=True)
    sources = fields.List(prose(), required=True, validate=validate.Length(min=1))


class DestinationIn(Document):
    """Where a product's link leads: a URL kept as pasted, or one of the program's templates."""

    url = prose()
    template = identifier()
    variables = fields.Dict(keys=prose(), values=prose())

    @validates_schema(skip_on_field_errors=True)
    def check_one_form(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("url" in data) == ("template" in data):
            raise ValidationError("Give either url or template.")


class SubstituteIn(Document):
    """Another way to buy the same product, which stands in where the ways before it are dead."""

    program = identifier(required=True)
    destination = fields.Nested(DestinationIn, required=True)


class RetailPriceIn(Document):
    """The maker's list price as the owner read it; told to no one in public."""

    amount = decimal_text(required=True, error_messages={"required": "Give the amount, as 29.90."})
    currency = choice(terms.CURRENCIES, required=True)
    as_of = past_day(required=True, error_messages={"required": "Give the day you read it, as 2026-11-21."})


class ProductIn(Document):
    slug = identifier(required=True)
    name = prose(required=True)
    maker = prose()
    brand = prose()
    form = prose()
    size = prose()
    program = identifier(required=True)
    destination = fields.Nested(DestinationIn, required=True)
    substitutes = fields.List(fields.Nested(SubstituteIn), validate=validate.Length(max=MOST_SUBSTITUTES))
    regulatory_class = choice(terms.REGULATORY_CLASSES, required=True)
    drug_facts = fields.Nested(DrugFactsIn)
    omits = fields.List(identifier())
    prop_65 = prose()
    retail_price = fields.Nested(RetailPriceIn)
    last_verified_on = fields.Date()

    @validates_schema(skip_on_field_errors=True)
    def check_drug_facts(self, data: Mapping[str, Any], **_: Any) -> None:
        if (data["regulatory_class"] == "otc_drug") != ("drug_facts" in data):
            raise ValidationError("An otc_drug has drug_facts, a supplement has none.", "drug_facts")


class HerbIn(Document):
    slug = identifier(required=True)
    species = prose()
    part = prose()
    safety_as = identifier()
    names = rows(NameIn)
    doses = rows(DoseIn)
    cautions = rows(CautionIn)
    notes = rows(NoteIn)

    @validates_schema(skip_on_field_errors=True)
    def check_no_repeats(self, data: Mapping[str, Any], **_: Any) -> None:
        refuse_repeats(data, "names", ("script", "text"))
        refuse_repeats(data, "cautions", ("key",))


class FormulaIn(Document):
    slug = identifier(required=True)
    short_name = Text(validate=[validate.Length(SHORTEST, LONGEST), SLUG])
    kind = choice(terms.FORMULA_KINDS, required=True)
    category = prose(required=True)
    route = choice(terms.ROUTES, required=True)
    forms = fields.List(prose())
    origins = rows(OriginIn)
    names = rows(NameIn)
    ingredients = rows(IngredientIn)
    indications = rows(IndicationIn)
    cautions = rows(CautionIn)
    doses = rows(DoseIn)
    notes = rows(NoteIn)
    products = rows(ProductIn)

    @validates_schema(skip_on_field_errors=True)
    def check_no_repeats(self, data: Mapping[str, Any], **_: Any) -> None:
        refuse_repeats(data, "names", ("script", "text"))
        refuse_repeats(data, "ingredients", ("herb_slug",))
        refuse_repeats(data, "cautions", ("key",))
        refuse_repeats(data, "products", ("slug",))
