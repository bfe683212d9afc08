"""What a publication holds, composed from the document: one place decides what the public may see.

A row reaches a practitioner when it has a source. It reaches the public when, besides, its
confidence is H or M, it is worded for patients, and it claims nothing a card may not say.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.catalog import terms

Row = Mapping[str, Any]

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
SEVERITIES = ("avoid", "caution", "monitor")
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


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a document refers to, read once for a whole publishing run."""

    herbs: Mapping[str, Row] = field(default_factory=dict)
    sources: Mapping[str, Row] = field(default_factory=dict)
    evidence: Sequence[Row] = ()
    combinations: Sequence[Row] = ()


def title_of(document: Row) -> dict[str, str]:
    """The display names: the preferred one of each script a card shows, else the first."""
    title = {}
    for key, script in (("hanzi", "hans"), ("pinyin", "pinyin"), ("english", "english"), ("latin", "latin")):
        names = [name for name in document.get("names", []) if name["script"] == script]
        chosen = next((name for name in names if name.get("preferred")), names[0] if names else None)
        if chosen:
            title[key] = chosen["text"]
    return title


def cautions_of(document: Row, herbs: Mapping[str, Row]) -> list[dict[str, Any]]:
    """A formula's own cautions and its herbs', worst first; its own override a herb's of the same key."""
    own = [dict(caution) for caution in document.get("cautions", [])]
    keys = {caution["key"] for caution in own}
    inherited = [
        {**caution, "herb": herb_slug}
        for herb_slug, caution in _herb_cautions(document, herbs)
        if caution["key"] not in keys
    ]
    for caution in own + inherited:
        caution["severity"] = terms.SEVERITY_OF_GRADE[caution["grade"]]
    return sorted(own + inherited, key=lambda caution: terms.GRADES.index(caution["grade"]))


def _herb_cautions(document: Row, herbs: Mapping[str, Row]) -> Iterable[tuple[str, Row]]:
    for ingredient in document.get("ingredients", []):
        slug = ingredient["herb"]
        herb = herbs.get(slug, {})
        safety_as = herbs.get(herb.get("safety_as", ""), {})
        for caution in [*herb.get("cautions", []), *safety_as.get("cautions", [])]:
            yield slug, caution


def is_sourced(row: Row) -> bool:
    return bool(row.get("sources")) and not row.get("source_gap")


def is_public(row: Row) -> bool:
    return is_sourced(row) and row["confidence"] in terms.PUBLIC_CONFIDENCES


def review_of(rows: Iterable[Row]) -> dict[str, Any]:
    """Who has signed the clinical rows: `state` is reviewed, partly_reviewed or unreviewed."""
    rows = list(rows)
    signed = [row for row in rows if row.get("reviewed_on")]
    state = "unreviewed" if not signed else "reviewed" if len(signed) == len(rows) else "partly_reviewed"
    review: dict[str, Any] = {"state": state, "rows": len(rows), "reviewed": len(signed)}
    if signed:
        review["reviewed_on"] = min(row["reviewed_on"] for row in signed)
    due = [row["review_due_on"] for row in signed if row.get("review_due_on")]
    if due:
        review["review_due_on"] = min(due)
    return review


def _present(row: Row, **changes: Any) -> dict[str, Any]:
    """A practitioner's row: everything but what only editing needs, with its review state."""
    hidden = {"reviewer", "reviewer_licence", "reviewed_on", "review_due_on", "source_gap"}
    shown = {key: value for key, value in row.items() if key not in hidden}
    return {**shown, **changes, "review": "reviewed" if row.get("reviewed_on") else "unreviewed"}


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
    title = title_of(document)
    frame = {key: document[key] for key in ("slug", "kind", "category", "route")}
    products = [_product_facts(product) for product in document.get("products", [])]

    public_indications = [
        row for row in document.get("indications", []) if row["audience"] == "patient" and is_public(row)
    ]
    public_cautions = [row for row in cautions if is_public(row) and row.get("patient_text")]
    public_rows = [row for row in document.get("ingredients", []) if is_public(row)]
    public = {
        **frame,
        "title": title,
        "names": _public_names(document),
        "forms": document.get("forms", []),
        "origin": _public_origin(document),
        "indications": [{"text": row["text"], "sources": row["sources"]} for row in public_indications],
        "cautions": [_public_caution(row) for row in public_cautions],
        "ingredients": [_public_ingredient(row, around.herbs) for row in public_rows],
        "products": products,
        "review": review_of([*public_indications, *public_cautions, *public_rows]),
    }
    public["sources"] = _cited([public], around.sources)

    practitioner = {
        **frame,
        "title": title,
        "names": [_present(row, **_present_name(row)) for row in document.get("names", [])],
        "forms": document.get("forms", []),
        **{
            key: [_present(row) for row in document.get(key, []) if is_sourced(row)]
            for key in ("origins", "indications", "doses", "notes")
        },
        "ingredients": [
            _present(row, title=title_of(around.herbs.get(row["herb"], {})))
            for row in document.get("ingredients", [])
            if is_sourced(row)
        ],
        "cautions": [_present(row) for row in cautions],
        "evidence": [
            _present(row) for row in around.evidence if document["slug"] in row.get("formulas", []) and is_sourced(row)
        ],
        "combinations": [
            _present(row) for row in around.combinations if document["slug"] in row["parts"] and is_sourced(row)
        ],
        "products": products,
    }
    practitioner["review"] = review_of(_clinical_rows(document, cautions))
    practitioner["sources"] = _cited([practitioner], around.sources)

    return {
        "public": public,
        "practitioner": practitioner,
        "summary": {**frame, "title": title, "caution": _key_caution(public_cautions)},
    }


def compose_herb(document: Row, around: Surroundings) -> dict[str, Any]:
    """The public and practitioner bodies and the summary of a herb, as plain data."""
    title = title_of(document)
    frame = {"slug": document["slug"]}
    cautions = [
        {**row, "severity": terms.SEVERITY_OF_GRADE[row["grade"]]}
        for row in document.get("cautions", [])
        if is_sourced(row)
    ]
    public_cautions = [row for row in cautions if is_public(row) and row.get("patient_text")]
    public: dict[str, Any] = {
        **frame,
        "title": title,
        "names": _public_names(document),
        "cautions": [_public_caution(row) for row in public_cautions],
        "review": review_of(public_cautions),
    }
    public["sources"] = _cited([public], around.sources)
    practitioner: dict[str, Any] = {
        **frame,
        "title": title,
        **{key: document[key] for key in ("species", "part", "safety_as") if key in document},
        "names": [_present(row, **_present_name(row)) for row in document.get("names", [])],
        "doses": [_present(row) for row in document.get("doses", []) if is_sourced(row)],
        "cautions": [_present(row) for row in cautions],
        "notes": [_present(row) for row in document.get("notes", []) if is_sourced(row)],
        "review": review_of(_clinical_rows(document, cautions)),
    }
    practitioner["sources"] = _cited([practitioner], around.sources)
    return {"public": public, "practitioner": practitioner, "summary": {**frame, "title": title}}


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
    return {
        "key": row["key"],
        "type": row["type"],
        "severity": row["severity"],
        "text": row["patient_text"],
        "sources": row["sources"],
        "review": "reviewed" if row.get("reviewed_on") else "unreviewed",
    }


def _public_ingredient(row: Row, herbs: Mapping[str, Row]) -> dict[str, Any]:
    shown = {"herb": row["herb"], "title": title_of(herbs.get(row["herb"], {})), "sources": row["sources"]}
    return {**shown, "optional": True} if row.get("optional") else shown


def _product_facts(product: Row) -> dict[str, Any]:
    return {key: product[key] for key in PRODUCT_FACTS if key in product}


def _key_caution(cautions: Sequence[Row]) -> dict[str, str] | None:
    worst = next(iter(cautions), None)
    return worst and {"severity": worst["severity"], "text": worst["patient_text"]}
