"""Verbs that change programs, discounts and the practice. They flush and never commit."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select

from service.extensions import db
from service.referrals.models import Discount, Practice, Program
from service.referrals.policy import FULLSCRIPT_CAP
from service.shared.errors import BadInput

PROGRAM_DEFAULTS: Mapping[str, Any] = {"policy": {}, "disclosure": None}
DISCOUNT_DEFAULTS: Mapping[str, Any] = {
    "product": None,
    "code": None,
    "terms": None,
    "starts_at": None,
    "ends_at": None,
}


def save_practice(data: Mapping[str, Any]) -> bool:
    """Set the practice's name, place and site; true when that changed something."""
    practice = db.session.get(Practice, 1) or Practice(id=1)
    return _assign(practice, {key: data[key] for key in ("name", "place", "site")})


def save_program(data: Mapping[str, Any], account: Mapping[str, Any]) -> bool:
    """Create or change a program together with its account; true when that changed something."""
    program = db.session.scalar(select(Program).filter_by(key=data["key"])) or Program()
    values = {
        **PROGRAM_DEFAULTS,
        **data,
        "settings": account["settings"],
        "is_example": account["example"],
    }
    return _assign(program, values)


def save_discount(data: Mapping[str, Any]) -> bool:
    """Create or change a discount; true when that changed something. Raises BadInput for no such program."""
    program = db.session.scalar(select(Program).filter_by(key=data["program"]))
    if program is None:
        raise BadInput(f"There is no program {data['program']!r}.", pointer="/program")
    if program.kind == "fullscript":
        _check_fullscript(data)
    discount = db.session.scalar(select(Discount).filter_by(key=data["key"])) or Discount()
    return _assign(discount, {**DISCOUNT_DEFAULTS, **data, "program": program})


def keep_discounts(keys: Collection[str]) -> int:
    """Delete every discount but these; how many that were."""
    gone = db.session.scalars(select(Discount).where(Discount.key.not_in(keys))).all()
    for discount in gone:
        db.session.delete(discount)
    db.session.flush()
    return len(gone)


def _check_fullscript(data: Mapping[str, Any]) -> None:
    """Fullscript's discounts belong to the dispensary and end at its cap. Raises BadInput."""
    if data.get("product"):
        raise BadInput("A Fullscript discount belongs to the dispensary, never to a product.", pointer="/product")
    if data["percent_max"] > FULLSCRIPT_CAP:
        raise BadInput(f"Fullscript allows at most {FULLSCRIPT_CAP} %.", pointer="/percent_max")


def _assign(row: Any, values: Mapping[str, Any]) -> bool:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    db.session.add(row)
    db.session.flush()
    return bool(changed)
