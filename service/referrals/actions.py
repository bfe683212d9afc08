"""Verbs that change programs, discounts and the practice. They flush and never commit.

What the seed writes stays the seed's until somebody edits it here; from then on the seed leaves it alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select

from service.catalog.actions import raise_catalog_version
from service.catalog.queries import list_offered
from service.extensions import db
from service.referrals.destinations import DestinationRefused, check_way, ways_of
from service.referrals.links import Link, Verdict
from service.referrals.marketplaces import fault_of_account, fault_of_discount
from service.referrals.models import Discount, LinkState, Practice, Program
from service.referrals.offers import OfferedFormula
from service.referrals.queries import (
    find_discount,
    find_program,
    get_program,
    known_program,
    list_products_by_program,
)
from service.shared.errors import BadInput

PROGRAM_FIELDS: Final[Mapping[str, Any]] = {
    # each with what it is when it is left out
    "key": None,
    "kind": None,
    "seller": None,
    "marketplace": None,
    "templates": None,
    "allowed_hosts": None,
    "policy": {},
    "disclosure": None,
    "enabled": True,
    "settings": {},
    "placements": {},
    "takes_profit": True,
    "is_example": False,
}
DISCOUNT_FIELDS: Final = (
    "key",
    "product",
    "percent_min",
    "percent_max",
    "amount",
    "currency",
    "basis",
    "how",
    "code",
    "audience",
    "terms",
    "starts_at",
    "ends_at",
    "time_zone",
)
FAILURES_TO_FLAG: Final = 2
CHANGED, UNCHANGED, KEPT = "changed", "unchanged", "kept as edited here"


@dataclass(frozen=True, slots=True)
class FlagChange:
    """A link's flag before and after a check, and its failures in a row."""

    was_flagged: bool
    is_flagged: bool
    failures: int


def save_practice(data: Mapping[str, Any]) -> str:
    """Set the practice's name, place, site and placements; CHANGED or UNCHANGED."""
    practice = db.session.get(Practice, 1) or Practice(id=1)
    values = {key: data[key] for key in ("name", "place", "site")} | {"placements": data.get("placements", [])}
    return CHANGED if _assign(practice, values) else UNCHANGED


def seed_program(data: Mapping[str, Any], account: Mapping[str, Any]) -> str:
    """Create or change a program with its account, from the seed: CHANGED, UNCHANGED or KEPT. Raises BadInput."""
    program = db.session.scalar(select(Program).filter_by(key=data["key"])) or Program()
    values = values_of(data, account)
    if program.edited_by is not None:
        return UNCHANGED if document_of(program, PROGRAM_FIELDS) == values else KEPT
    # The seed's own discounts are checked when they are seeded, right after their program.
    _check_program(values, [discount for discount in program.discounts if discount.edited_by] if program.id else [])
    return CHANGED if _assign(program, values) else UNCHANGED


def change_program(data: Mapping[str, Any], account: Mapping[str, Any], *, by: str) -> Program:
    """Change a program and its account by hand, and tell every cache.

    Raises NotFound, and BadInput for an account in another form, a discount the change would make unlawful, or a
    published link that could no longer be made. A program that is off makes no links, so it can always be switched off.
    """
    program = get_program(data["key"])
    values = values_of(data, account)
    _check_program(values, program.discounts)
    if _assign(program, values):
        if program.enabled:
            _refuse_broken_links(program)
        _mark_edited(program, by)
    return program


def create_program(data: Mapping[str, Any], account: Mapping[str, Any], *, by: str) -> Program:
    """Add a template program by hand, and tell every cache; the seed leaves it alone.

    Raises BadInput for another kind, of which there is one each, for a key that is taken, and as `change_program`.
    """
    if data["kind"] != "template":
        raise BadInput("Only a template program can be added; change the one there is instead.", pointer="/kind")
    if find_program(data["key"]) is not None:
        raise BadInput(f"There is a program {data['key']!r} already; choose another key.", pointer="/key")
    values = values_of(data, account)
    _check_program(values, [])
    program = Program()
    _assign(program, values)
    _mark_edited(program, by)
    return program


def values_of(data: Mapping[str, Any], account: Mapping[str, Any]) -> dict[str, Any]:
    """A program's columns from the two shapes it is entered in."""
    given = {**data, **{key: value for key, value in account.items() if key != "example"}}
    return {**PROGRAM_FIELDS, **given, "is_example": account.get("example", False)}


def seed_discount(data: Mapping[str, Any]) -> str:
    """Create or change a discount, from the seed: CHANGED, UNCHANGED or KEPT. Raises NotFound and BadInput.

    One that no longer fits a program which was edited here is left aside too: the program is the owner's now.
    """
    discount = find_discount(data["key"]) or Discount()
    program, values = get_program(data["program"], pointer="/program"), _values_of_discount(data)
    if discount.edited_by is not None:
        same = document_of(discount, DISCOUNT_FIELDS) == values and discount.program is program
        return UNCHANGED if same else KEPT
    if program.edited_by is not None and _fault_of_discount(program, data):
        return KEPT
    _checked_discount(data)
    return CHANGED if _assign(discount, {**values, "program": program}) else UNCHANGED


def create_discount(data: Mapping[str, Any], *, by: str) -> Discount:
    """As `change_discount`, for a key that is new; one that is taken raises BadInput."""
    if find_discount(data["key"]) is not None:
        raise BadInput(f"There is a discount {data['key']!r} already; choose another key.", pointer="/key")
    return change_discount(data, by=by)


def change_discount(data: Mapping[str, Any], *, by: str) -> Discount:
    """Create or change a discount by hand, and tell every cache.

    Raises NotFound, and BadInput for what the program does not allow, or a product not sold through it.
    """
    discount = find_discount(data["key"]) or Discount()
    program, values = _checked_discount(data)
    is_same = discount.program is program and discount.product == values["product"]
    if not is_same:
        _refuse_other_products(program, values["product"])
    if _assign(discount, {**values, "program": program}):
        _mark_edited(discount, by)
    return discount


def end_discount(discount: Discount, *, by: str) -> None:
    """End a discount now; one that is over, or has yet to start, raises BadInput."""
    now = datetime.now(UTC).replace(microsecond=0)
    if discount.ends_at is not None and discount.ends_at <= now:
        raise BadInput("This discount is over already.", pointer="/ends_at")
    if discount.starts_at is not None and discount.starts_at >= now:
        raise BadInput("This discount has not started; change its window instead.", pointer="/starts_at")
    discount.ends_at = now
    _mark_edited(discount, by)


def keep_discounts(keys: Collection[str]) -> int:
    """Delete every discount but these and those edited here; how many that were."""
    query = select(Discount).where(Discount.key.not_in(keys), Discount.edited_by.is_(None))
    gone = db.session.scalars(query).all()
    for discount in gone:
        db.session.delete(discount)
    db.session.flush()
    return len(gone)


def record_check(link: Link, *, verdict: Verdict, reason: str, now: datetime) -> FlagChange:
    """Write what a check found (at `now`, UTC): two failures in a row raise the flag, a success takes it down.

    What is blocked counts as neither. A changed URL begins anew. A flagged link is dead once the fault is its own, and
    until it works again; either raises the catalog version, so that every surface chooses its links again.
    """
    place = {"product": link.product, "position": link.position}
    state = db.session.scalar(select(LinkState).filter_by(**place)) or LinkState(**place, failures=0)
    was_flagged, was_dead = state.flagged_at is not None, state.dead_at is not None
    if state.url_digest != link.digest or verdict is Verdict.ALIVE:
        state.failures, state.flagged_at, state.dead_at = 0, None, None
    if verdict.is_failure:
        state.failures += 1
    if state.failures >= FAILURES_TO_FLAG and state.flagged_at is None:
        state.flagged_at = now
    if state.flagged_at is not None and state.dead_at is None and verdict.is_the_links_own:
        state.dead_at = now
    values = {"program": link.program, "url_digest": link.digest, "verdict": verdict}
    _assign(state, {**values, "reason": reason, "checked_at": now})
    if (state.dead_at is not None) != was_dead:
        raise_catalog_version()
    return FlagChange(was_flagged, state.flagged_at is not None, state.failures)


def keep_link_states(places: Collection[tuple[str, int]]) -> int:
    """Forget what was found of every way to buy but these (product, position); how many that were."""
    gone = [state for state in db.session.scalars(select(LinkState)) if (state.product, state.position) not in places]
    for state in gone:
        db.session.delete(state)
    db.session.flush()
    return len(gone)


def document_of(row: Any, names: Collection[str]) -> dict[str, Any]:
    """A row's columns by name."""
    return {name: getattr(row, name) for name in names}


def _checked_discount(data: Mapping[str, Any]) -> tuple[Program, dict[str, Any]]:
    program = get_program(data["program"], pointer="/program")
    fault = _fault_of_discount(program, data)
    if fault:
        raise BadInput(fault[1], pointer=f"/{fault[0]}")
    return program, _values_of_discount(data)


def _values_of_discount(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: data.get(name) for name in DISCOUNT_FIELDS}


def _fault_of_discount(program: Program, data: Mapping[str, Any]) -> tuple[str, str] | None:
    return fault_of_discount(program.kind, program.marketplace, program.takes_profit, data)


def _refuse_other_products(program: Program, product: str | None) -> None:
    sold = [slug for slug, _ in list_products_by_program().get(program.key, [])]
    if product is not None and product not in sold:
        told = f"choose one of {', '.join(sold)}, or none" if sold else "leave the product out"
        raise BadInput(f"{product} is not sold through {program.seller}; {told}.", pointer="/product")


def _check_program(values: Mapping[str, Any], discounts: Collection[Discount]) -> None:
    kind, marketplace = values["kind"], values["marketplace"]
    accounts = {"": {}, **values["placements"]}
    for placement, own in accounts.items():
        fault = fault_of_account(kind, marketplace, {**values["settings"], **own})
        if fault:
            place = f"/placements/{placement}" if placement else "/settings"
            raise BadInput(fault[1], pointer=f"{place}/{fault[0]}")
    for discount in discounts:
        fault = fault_of_discount(kind, marketplace, values["takes_profit"], document_of(discount, DISCOUNT_FIELDS))
        if fault and (discount.ends_at is None or discount.ends_at > datetime.now(UTC)):
            raise BadInput(f"The discount {discount.key} would break a rule: {fault[1]}", pointer=f"/{fault[0]}")


def _refuse_broken_links(program: Program) -> None:
    """Raises BadInput naming the published products whose link the changed program can no longer make."""
    known, broken = known_program(program), []
    for slug, offered in list_offered():
        for product in OfferedFormula.read(slug, offered).products:
            for way in ways_of(product):
                if way["program"] != program.key:
                    continue
                try:
                    check_way(way, known)
                except DestinationRefused as refusal:
                    broken.append(f"{product['slug']}: {refusal.detail}")
    if broken:
        more = f" and {len(broken) - 5} more" if len(broken) > 5 else ""
        raise BadInput(f"Published links would break: {'; '.join(broken[:5])}{more}", pointer="/templates")


def _mark_edited(row: Program | Discount, by: str) -> None:
    row.edited_by, row.edited_at = by, datetime.now(UTC).replace(microsecond=0)
    db.session.flush()
    raise_catalog_version()


def _assign(row: Any, values: Mapping[str, Any]) -> bool:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    db.session.add(row)
    db.session.flush()
    return bool(changed)
