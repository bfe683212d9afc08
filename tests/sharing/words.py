"""What nobody may read of a formula whose name is passed on: the conditions it is for."""

import json
import re

from sqlalchemy import select

from service.catalog.queries import find_current
from service.extensions import db
from service.safety.models import Condition

WORD = re.compile(r"[^\W_]+")


def conditions_named(text: str, slug: str) -> list[str]:
    """The words of a text for what a seeded formula acts on, and for any condition that the catalog knows."""
    said = as_words(text)
    return [term for term in _forbidden(slug) if as_words(term) in said]


def as_words(text: str) -> str:
    """The words of a text between single spaces, to be found whole."""
    return f" {' '.join(WORD.findall(text.lower()))} "


def _forbidden(slug: str) -> set[str]:
    current = find_current("formula", slug)
    assert current is not None
    document = json.loads(current.document)
    conditions = db.session.scalars(select(Condition).where(Condition.kind == "condition")).all()
    forbidden = {row["text"] for row in document["indications"]}
    forbidden |= {term for row in document["indications"] for term in row.get("lay_terms", [])}
    forbidden |= {term for row in conditions for term in [row.name, *row.lay_terms]}
    forbidden |= {row["condition"] for row in json.loads(current.practitioner)["evidence"] if "condition" in row}
    forbidden |= {"pain", "ache", "arthritis", "cramp", "sprain", "bruise", "numb", "bone", "joint", "muscle", "back"}
    assert len(forbidden) > 60
    return forbidden
