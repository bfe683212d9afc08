"""What a publication holds: the bodies that every surface reads, composed from the document."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.catalog import terms
from service.publishing.rules import (
    Row,
    cautions_of,
    cautions_of_herb,
    is_public,
    is_sourced,
    public_cautions_of,
    review_of,
    title_of,
)

LANGUAGES = {
    "hans": "zh-Hans",
    "hant": "zh-Hant",
    "pinyin": "zh-Latn-pinyin",
    "wade_giles": "zh-Latn-wadegile",
    "latin": "la",
    "kampo": "ja",
    "korean": "ko",
    "vietnamese": "vi",
}
# Raise it when what is composed here changes: the next start then publishes the seed anew.
BODY_FORMAT = "3"
PUBLIC_NAME_SCRIPTS = frozenset({"hans", "hant", "pinyin", "english", "latin", "kampo", "korean", "abbreviation"})
PRODUCT_FACTS = (
    "slug",
    "name",
    "maker",
    "brand",
    "form",
    "size",
    "regulatory_class",
    "drug_facts",
    "omits",
    "prop_65",
    "last_verified_on",
)


# How a product is sold: a listing of the owner's stands in place of all of it.
SOLD_BY = frozenset({"program", "destination", "substitutes", "retail_price"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a document refers to, read once for a whole publishing run; `listings` by the slug of their product."""

    herbs: Mapping[str, Row] = field(default_factory=dict)
    sources: Mapping[str, Row] = field(default_factory=dict)
    evidence: Sequence[Row] = ()
    combinations: Sequence[Row] = ()
    listings: Mapping[str, Row] = field(default_factory=dict)

    def listed(self, product: Row) -> Row:
        """A product as it is sold: as its document says, or as the owner lists it."""
        listing = self.listings.get(product["slug"])
        if listing is None:
            return product
        return {**{key: value for key, value in product.items() if key not in SOLD_BY}, **listing}


def _present(row: Row, **changes: Any) -> dict[str, Any]:
    """A practitioner's row: everything but what only editing needs, with its review state."""
    hidden = {
        "reviewer",
        "reviewer_licence",
        "reviewed_on",
        "review_due_on",
        "source_gap",
    }
    shown = {key: value for key, value in row.items() if key not in hidden}
    return {
        **shown,
        **changes,
        "review": "reviewed" if row.get("reviewed_on") else "unreviewed",
    }


def _present_name(name: Row) -> dict[str, Any]:
    language = LANGUAGES.get(name["script"], "en")
    if name["script"] in ("kampo", "korean") and name["text"].isascii():
        language += "-Latn"
    shown = {"text": name["text"], "script": name["script"], "lang": language}
    return {**shown, "preferred": True} if name.get("preferred") else shown


def _cited(rows: Iterable[Any], sources: Mapping[str, Row]) -> dict[str, Row]:
    """The sources that these rows, however nested, name by key."""
    keys: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, Mapping):
            named = value.get("sources")
            if isinstance(named, list):
                keys.update(named)
            for part in value.values():
                collect(part)
        elif isinstance(value, list):
            for part in value:
                collect(part)

    collect(list(rows))
    return {key: {k: v for k, v in sources[key].items() if k != "key"} for key in sorted(keys) if key in sources}


def compose_formula(document: Row, around: Surroundings) -> dict[str, Any]:
    """The public and practitioner bodies and the summary of a formula, as plain data."""
    cautions = [caution for caution in cautions_of(document, around.herbs) if is_sourced(caution)]
    shown = public_cautions_of(cautions)
    frame = {
        **{key: document[key] for key in ("slug", "kind", "route")},
        "title": title_of(document),
    }
    common = {
        **frame,
        "forms": document.get("forms", []),
        "products": [_product_facts(product) for product in document.get("products", [])],
    }
    public = common | _public_formula(document, shown, around)
    return {
        "public": _with_sources(public, around),
        "practitioner": _with_sources(common | _practitioner_formula(document, cautions, around), around),
        "summary": frame | {"caution": _key_caution(shown), "review": public["review"]["state"]},
    }


def _public_formula(document: Row, cautions: Sequence[Row], around: Surroundings) -> dict[str, Any]:
    indications = [row for row in document.get("indications", []) if row["audience"] == "patient" and is_public(row)]
    ingredients = [row for row in document.get("ingredients", []) if is_public(row)]
    return {
        "names": _public_names(document),
        "origin": _public_origin(document),
        "indications": [{"text": row["text"], "sources": row["sources"]} for row in indications],
        "cautions": [_public_caution(row) for row in cautions],
        "ingredients": [_public_ingredient(row, around.herbs) for row in ingredients],
        "review": review_of([*indications, *cautions, *ingredients]),
    }


def _practitioner_formula(document: Row, cautions: Sequence[Row], around: Surroundings) -> dict[str, Any]:
    slug = document["slug"]
    return {
        "category": document["category"],
        "names": [_present(row, **_present_name(row)) for row in document.get("names", [])],
        **_sourced_rows(document, ("origins", "indications", "doses", "notes")),
        "ingredients": [
            _present(row, title=title_of(around.herbs.get(row["herb"], {})))
            for row in document.get("ingredients", [])
            if is_sourced(row)
        ],
        "cautions": [_present(row) for row in cautions],
        "evidence": [_present(row) for row in around.evidence if slug in row.get("formulas", []) and is_sourced(row)],
        "combinations": [_present(row) for row in around.combinations if slug in row["parts"] and is_sourced(row)],
        "review": review_of(_clinical_rows(document, cautions)),
    }


def compose_herb(document: Row, around: Surroundings) -> dict[str, Any]:
    """The public and practitioner bodies and the summary of a herb, as plain data."""
    cautions = [caution for caution in cautions_of_herb(document, around.herbs) if is_sourced(caution)]
    shown = public_cautions_of(cautions)
    frame = {"slug": document["slug"], "title": title_of(document)}
    public = {
        **frame,
        "names": _public_names(document),
        "cautions": [_public_caution(row) for row in shown],
        "review": review_of(shown),
    }
    practitioner = {
        **frame,
        **{key: document[key] for key in ("species", "part", "safety_as") if key in document},
        "names": [_present(row, **_present_name(row)) for row in document.get("names", [])],
        "cautions": [_present(row) for row in cautions],
        **_sourced_rows(document, ("doses", "notes")),
        "review": review_of(_clinical_rows(document, cautions)),
    }
    return {
        "public": _with_sources(public, around),
        "practitioner": _with_sources(practitioner, around),
        "summary": frame | {"caution": _key_caution(shown), "review": public["review"]["state"]},
    }


def _sourced_rows(document: Row, fields: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    return {key: [_present(row) for row in document.get(key, []) if is_sourced(row)] for key in fields}


def _with_sources(body: dict[str, Any], around: Surroundings) -> dict[str, Any]:
    return body | {"sources": _cited([body], around.sources)}


def _clinical_rows(document: Row, cautions: Sequence[Row]) -> list[Row]:
    fields = ("origins", "indications", "ingredients", "doses", "notes")
    return [row for key in fields for row in document.get(key, []) if is_sourced(row)] + list(cautions)


def _public_names(document: Row) -> list[dict[str, Any]]:
    return [
        _present_name(name)
        for name in document.get("names", [])
        if name["script"] in PUBLIC_NAME_SCRIPTS and name["confidence"] in terms.PUBLIC_CONFIDENCES
    ]


def _public_origin(document: Row) -> dict[str, Any] | None:
    origin = next((row for row in document.get("origins", []) if is_public(row)), None)
    shown = ("book", "author", "dynasty", "year", "sources")
    return origin and {key: origin[key] for key in shown if key in origin}


def _public_caution(row: Row) -> dict[str, Any]:
    shown = {
        "key": row["key"],
        "type": row["type"],
        "grade": row["grade"],
        "severity": row["severity"],
        "text": row["patient_text"],
        "sources": row["sources"],
        "review": "reviewed" if row.get("reviewed_on") else "unreviewed",
    }
    return shown | {"herb": row["herb"]} if "herb" in row else shown


def _public_ingredient(row: Row, herbs: Mapping[str, Row]) -> dict[str, Any]:
    shown = {
        "herb": row["herb"],
        "title": title_of(herbs.get(row["herb"], {})),
        "sources": row["sources"],
    }
    return {**shown, "optional": True} if row.get("optional") else shown


def _product_facts(product: Row) -> dict[str, Any]:
    return {key: product[key] for key in PRODUCT_FACTS if key in product}


def _key_caution(cautions: Sequence[Row]) -> dict[str, str] | None:
    worst = next(iter(cautions), None)
    if worst is None:
        return None
    return {"grade": worst["grade"], "severity": worst["severity"], "text": worst["patient_text"]}
