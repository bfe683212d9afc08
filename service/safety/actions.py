"""Verbs on the vocabulary of drugs and conditions. They flush and never commit."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import select

from service.extensions import db
from service.safety.models import Condition, Drug, DrugClass
from service.shared.errors import BadInput

Word = TypeVar("Word", DrugClass, Drug, Condition)


def save_drug_class(data: Mapping[str, Any]) -> bool:
    """Create or change a class; true when that changed something."""
    return _save(DrugClass, {"atc": [], **data})


def save_drug(data: Mapping[str, Any]) -> bool:
    """Create or change a drug; true when that changed something. Raises BadInput for no such class."""
    values = {"atc": None, **data}
    slug = values.pop("drug_class", None)
    values["drug_class"] = db.session.scalar(select(DrugClass).filter_by(slug=slug)) if slug else None
    if slug and values["drug_class"] is None:
        raise BadInput(f"There is no drug class {slug!r}.", pointer="/drug_class")
    return _save(Drug, values)


def save_condition(data: Mapping[str, Any]) -> bool:
    """Create or change a condition; true when that changed something."""
    return _save(Condition, {"lay_terms": [], "icd10cm": [], **data})


def _save(model: type[Word], values: Mapping[str, Any]) -> bool:
    word = db.session.scalar(select(model).filter_by(slug=values["slug"])) or model()
    changed = [name for name, value in values.items() if getattr(word, name) != value]
    for name in changed:
        setattr(word, name, values[name])
    db.session.add(word)
    db.session.flush()
    return bool(changed)
