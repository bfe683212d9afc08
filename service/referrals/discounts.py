"""Which discount is in force, how it is told on each channel, and what it makes of a known price."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.referrals.book import KnownDiscount, KnownProgram
from service.referrals.marketplaces import fault_of_discount
from service.referrals.policy import DISCOUNT_AUDIENCES, PRICE_CHANNELS, Cell, Channel, DiscountView

NEUTRAL_DISCOUNT: Final = "Patient pricing shows after you sign in."
OVERLAP_RULE: Final = (
    "Of discounts whose windows overlap one is told: the product's own before the program's, "
    "a percentage before an amount, then the larger."
)
_HOW_WRITTEN: Final = {
    "automatic": "applied at checkout",
    "sign_in": "applied at checkout after you sign in",
    "code": "with code {code}",
}
_HOW_SPOKEN: Final = {
    "automatic": "taken off at checkout",
    "sign_in": "taken off at checkout after you sign in",
    "code": "with the code {code}",
}
_SIGNS: Final = {"USD": "$", "CAD": "CA$", "GBP": "£", "EUR": "€"}
_SPOKEN: Final = {"USD": "dollars", "CAD": "Canadian dollars", "GBP": "pounds", "EUR": "euros"}
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Discount:
    """What may be told of a discount here: words, and figures only where policy shows them."""

    text: str
    metadata: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What a product costs, from the owner's entry of its retail price: decimal texts, and the day of the entry."""

    text: str
    currency: str
    retail: str
    lowest: str
    highest: str
    as_of: str


def in_force(program: KnownProgram, product: str, now: datetime) -> list[KnownDiscount]:
    """The discounts that hold for a product at a moment (UTC), the one to tell first (see OVERLAP_RULE).

    One that its program forbids is not among them, however it came to be there.
    """
    found = [
        discount
        for discount in program.discounts
        if discount.applies_to(product)
        and discount.is_active(now)
        and not fault_of_discount(program.kind, program.marketplace, program.takes_profit, discount.as_rules_see_it())
    ]
    return sorted(found, key=_rank, reverse=True)


def _rank(discount: KnownDiscount) -> tuple[Any, ...]:
    return (
        discount.product is not None,
        discount.percent_max or 0,
        discount.percent_min or 0,
        Decimal(discount.amount or 0),
        discount.key,
    )


def tell_discount(discounts: Sequence[KnownDiscount], cell: Cell, channel: Channel) -> Discount | None:
    """The first of the discounts in force, as far as the cell and its audience let it be told."""
    best = _figure_of(discounts, cell, channel)
    if best is not None:
        others = [
            other.key for other in discounts if other is not best and channel in DISCOUNT_AUDIENCES[other.audience]
        ]
        return Discount(in_words(best, channel), metadata_of(best, others))
    is_neutral = cell.discount is not DiscountView.NONE and any(
        discount.how == "sign_in" and discount.audience != "practitioner" for discount in discounts
    )
    return Discount(NEUTRAL_DISCOUNT) if is_neutral else None


def tell_price(
    product: Mapping[str, Any], kind: str, discounts: Sequence[KnownDiscount], cell: Cell, channel: Channel
) -> Price | None:
    """The price after the discount that is told, where the owner entered a retail price and the channel is private.

    None for Amazon, whose prices only its own API may give.
    """
    retail = product.get("retail_price")
    if retail is None or kind == "amazon_associates" or channel not in PRICE_CHANNELS:
        return None
    if cell.discount is not DiscountView.FIGURE:
        return None
    full = Decimal(retail["amount"])
    best = _figure_of(discounts, cell, channel)
    lowest, highest = _reduced(full, best) if best and _is_comparable(best, retail["currency"]) else (full, full)
    return Price(
        text=_price_in_words(full, lowest, highest, retail),
        currency=retail["currency"],
        retail=str(full.quantize(_CENT)),
        lowest=str(lowest),
        highest=str(highest),
        as_of=retail["as_of"],
    )


def next_boundary(programs: Iterable[KnownProgram], now: datetime) -> datetime | None:
    """The next moment (UTC) at which a discount of these programs starts or ends."""
    boundaries = [
        moment
        for program in programs
        for discount in program.discounts
        for moment in (discount.starts_at, discount.ends_at)
        if moment is not None and moment > now
    ]
    return min(boundaries, default=None)


def in_words(discount: KnownDiscount, channel: Channel) -> str:
    """A discount in a phrase: written, or as one says it on the phone."""
    is_spoken = channel is Channel.SPEECH
    how = (_HOW_SPOKEN if is_spoken else _HOW_WRITTEN)[discount.how].format(code=discount.code)
    basis = f"the {discount.basis} price" if is_spoken else discount.basis
    until = f", until {_last_minute(discount.ends_at, discount.time_zone)}" if discount.ends_at else ""
    return f"{_figure_in_words(discount, is_spoken)} off {basis}, {how}{until}"


def metadata_of(discount: KnownDiscount, others: Sequence[str] = ()) -> dict[str, Any]:
    """For machines: percents of `basis` or an amount, how it is applied, its window (RFC 3339), what it outranks."""
    shared = ("percent_min", "percent_max", "amount", "currency", "basis", "how", "code", "audience", "terms")
    return {
        "key": discount.key,
        "level": "product" if discount.product else "program",
        **{name: getattr(discount, name) for name in shared},
        "starts_at": discount.starts_at and discount.starts_at.isoformat().replace("+00:00", "Z"),
        "ends_at": discount.ends_at and discount.ends_at.isoformat().replace("+00:00", "Z"),
        "time_zone": discount.time_zone,
        "stands_before": list(others),
        "rule": OVERLAP_RULE if others else None,
    }


def _figure_of(discounts: Sequence[KnownDiscount], cell: Cell, channel: Channel) -> KnownDiscount | None:
    if cell.discount is not DiscountView.FIGURE:
        return None
    return next((found for found in discounts if channel in DISCOUNT_AUDIENCES[found.audience]), None)


def _figure_in_words(discount: KnownDiscount, is_spoken: bool) -> str:
    if discount.amount is not None and discount.currency is not None:
        amount = Decimal(discount.amount).quantize(_CENT)
        return f"{amount} {_SPOKEN[discount.currency]}" if is_spoken else f"{_SIGNS[discount.currency]}{amount}"
    low, high = discount.percent_min, discount.percent_max
    joint, sign = (" to ", " percent") if is_spoken else ("–", " %")
    return f"{low}{sign}" if low == high else f"{low}{joint}{high}{sign}"


def _last_minute(ends_at: datetime, time_zone: str | None) -> str:
    """The last minute of a window in its owner's zone, else in UTC; the day alone where it ends with it."""
    last = (ends_at - timedelta(minutes=1)).astimezone(ZoneInfo(time_zone or "UTC"))
    if (last.hour, last.minute) == (23, 59):
        return f"{last:%-d %B %Y}"
    return f"{last:%-d %B %Y, %H:%M} {last.tzname()}"


def _is_comparable(discount: KnownDiscount, currency: str) -> bool:
    return discount.amount is None or discount.currency == currency


def _reduced(full: Decimal, discount: KnownDiscount) -> tuple[Decimal, Decimal]:
    """The lowest and highest price it may come to, in cents, halves up, never below nothing."""
    if discount.amount is not None:
        reduced = max(Decimal(0), full - Decimal(discount.amount)).quantize(_CENT)
        return reduced, reduced
    lowest, highest = (
        (full * (100 - (percent or 0)) / 100).quantize(_CENT, ROUND_HALF_UP)
        for percent in (discount.percent_max, discount.percent_min)
    )
    return lowest, highest


def _price_in_words(full: Decimal, lowest: Decimal, highest: Decimal, retail: Mapping[str, str]) -> str:
    sign = _SIGNS[retail["currency"]]
    entered = f"retail price as of {date.fromisoformat(retail['as_of']):%-d %B %Y}"
    if highest == full == lowest:
        return f"{sign}{full.quantize(_CENT)}, {entered}"
    span = f"{sign}{lowest}" if lowest == highest else f"{sign}{lowest}–{highest}"
    return f"about {span} instead of {sign}{full.quantize(_CENT)}, {entered}"
