"""Who may see which row.

A row reaches a practitioner when it has a source. It reaches the public when, besides, its
confidence is H or M and it is worded for patients.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from service.catalog import terms

Row = Mapping[str, Any]

FORBIDDEN: Final = re.compile(r"\b(is|are)( \w+)? safe\b|\bno side effects\b|\bFDA[- ]approved\b", re.IGNORECASE)


def title_of(document: Row) -> dict[str, str]:
    """The display names: the preferred one of each script a card shows, else the first."""
    title = {}
    for key, script in (
        ("hanzi", "hans"),
        ("pinyin", "pinyin"),
        ("english", "english"),
        ("latin", "latin"),
    ):
        names = [
            name
            for name in document.get("names", [])
            if name["script"] == script and name["confidence"] in terms.PUBLIC_CONFIDENCES
        ]
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
    """A formula's own cautions and its herbs', gravest first; its own override a herb's of the same key."""
    own = [dict(caution) for caution in document.get("cautions", [])]
    keys = {caution["key"] for caution in own}
    inherited = [
        {**caution, "herb": ingredient["herb"]}
        for ingredient in document.get("ingredients", [])
        for caution in cautions_of_herb(herbs.get(ingredient["herb"], {}), herbs)
        if caution["key"] not in keys
    ]
    return _gravest_first([*own, *inherited])


def cautions_of_herb(document: Row, herbs: Mapping[str, Row]) -> list[dict[str, Any]]:
    """A herb's own cautions and those of the herb it is as safe as, gravest first."""
    own = [dict(caution) for caution in document.get("cautions", [])]
    keys = {caution["key"] for caution in own}
    other = herbs.get(document.get("safety_as", ""), {})
    shared = [dict(caution) for caution in other.get("cautions", []) if caution["key"] not in keys]
    return _gravest_first([*own, *shared])


def public_cautions_of(cautions: Sequence[Row]) -> list[Row]:
    """What the public reads: a herb's caution only where none of the formula, as grave, covers its subjects."""
    worded = [row for row in cautions if is_public(row) and row.get("patient_text")]
    covered: dict[str, int] = {}
    for row in worded:
        if "herb" not in row:
            for subject in row["subjects"]:
                covered[subject] = min(_rank(row), covered.get(subject, _rank(row)))

    def is_covered(row: Row) -> bool:
        return all(covered.get(subject, len(terms.GRADES)) <= _rank(row) for subject in row["subjects"])

    return [row for row in worded if "herb" not in row or not is_covered(row)]


def _rank(caution: Row) -> int:
    """The place of a caution's grade, the gravest first."""
    return terms.GRADES.index(caution["grade"])


def _gravest_first(cautions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for caution in cautions:
        caution["severity"] = terms.SEVERITY_OF_GRADE[caution["grade"]]
    return sorted(cautions, key=_rank)


def forbidden_words(body: Row) -> list[str]:
    """The sentences of a public body that say what no surface may say (product card rules of the facts)."""
    told = [row["text"] for key in ("indications", "cautions") for row in body.get(key, [])]
    told += [text for product in body.get("products", []) for text in _texts_of(product)]
    return [text for text in told if FORBIDDEN.search(text)]


def _texts_of(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts_of(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts_of(part)
