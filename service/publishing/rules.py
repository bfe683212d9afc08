"""Who may see which row.

A row reaches a practitioner when it has a source. It reaches the public when, besides, its
confidence is H or M and it is worded for patients.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.catalog import terms

Row = Mapping[str, Any]


def title_of(document: Row) -> dict[str, str]:
    """The display names: the preferred one of each script a card shows, else the first."""
    title = {}
    for key, script in (
        ("hanzi", "hans"),
        ("pinyin", "pinyin"),
        ("english", "english"),
        ("latin", "latin"),
    ):
        names = [name for name in document.get("names", []) if name["script"] == script]
        chosen = next(
            (name for name in names if name.get("preferred")),
            names[0] if names else None,
        )
        if chosen:
            title[key] = chosen["text"]
    return title


def is_sourced(row: Row) -> bool:
    return bool(row.get("sources")) and not row.get("source_gap")


def is_public(row: Row) -> bool:
    return is_sourced(row) and row["confidence"] in terms.PUBLIC_CONFIDENCES


def review_of(rows: Iterable[Row]) -> dict[str, Any]:
    """Who has signed the clinical rows: `state` is reviewed, partly_reviewed or unreviewed."""
    rows = list(rows)
    signed = [row for row in rows if row.get("reviewed_on")]
    state = "unreviewed" if not signed else "reviewed" if len(signed) == len(rows) else "partly_reviewed"
    review: dict[str, Any] = {
        "state": state,
        "rows": len(rows),
        "reviewed": len(signed),
    }
    if signed:
        review["reviewed_on"] = min(row["reviewed_on"] for row in signed)
    due = [row["review_due_on"] for row in signed if row.get("review_due_on")]
    if due:
        review["review_due_on"] = min(due)
    return review


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


def public_cautions_of(cautions: Sequence[Row]) -> list[Row]:
    """What the public reads: a herb's caution only where no caution of the formula covers its subjects."""
    worded = [row for row in cautions if is_public(row) and row.get("patient_text")]
    covered = {subject for row in worded if "herb" not in row for subject in row["subjects"]}
    return [row for row in worded if "herb" not in row or not covered.issuperset(row["subjects"])]


def _herb_cautions(document: Row, herbs: Mapping[str, Row]) -> Iterable[tuple[str, Row]]:
    for ingredient in document.get("ingredients", []):
        slug = ingredient["herb"]
        herb = herbs.get(slug, {})
        safety_as = herbs.get(herb.get("safety_as", ""), {})
        for caution in [*herb.get("cautions", []), *safety_as.get("cautions", [])]:
            yield slug, caution
