"""A discount's form: what it is filled with, the shape it is read into, and what its fields are called."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from marshmallow import ValidationError

from service.console.forms import Form, seen_of
from service.console.words import AUDIENCE_WORDS, WAY_WORDS
from service.referrals.models import Discount, Program
from service.referrals.policy import DiscountView, views_of
from service.referrals.schemas import DiscountIn, known_time_zones

DEFAULT_ZONE: Final = "America/Los_Angeles"
LABELS: Final[Mapping[str, str]] = {
    "percent_min": "Percent, at least",
    "percent_max": "Percent, at most",
    "time_zone": "Time zone",
    "starts_day": "Starts on",
    "starts_time": "Starts at",
    "ends_day": "Ends on",
    "ends_time": "Ends at",
}
WAYS: Final = tuple(WAY_WORDS.items())
AUDIENCES: Final = tuple(AUDIENCE_WORDS.items())
_NEAR: Final = (
    "America/Los_Angeles",
    "America/Denver",
    "America/Phoenix",
    "America/Chicago",
    "America/New_York",
    "America/Anchorage",
    "Pacific/Honolulu",
    "UTC",
)
# Older names of the same zones, and offsets whose sign reads the other way round, would only be mistaken.
_FAR: Final = re.compile(r"(Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)/.+")
_TEXTS: Final = ("program", "product", "how", "code", "audience", "terms")


def filled_from(discount: Discount) -> dict[str, str]:
    """The form of a discount as it stands; its times in its own time zone, by default UTC."""
    zone = discount.time_zone or ("UTC" if discount.starts_at or discount.ends_at else DEFAULT_ZONE)
    return {
        "seen": seen_of(discount),
        "program": discount.program.key,
        **{name: getattr(discount, name) or "" for name in ("product", "how", "code", "audience", "terms", "amount")},
        "currency": discount.currency or "USD",
        "percent_min": str(discount.percent_min or ""),
        "percent_max": str(discount.percent_max or ""),
        **_clock("starts", discount.starts_at, zone),
        **_clock("ends", discount.ends_at, zone),
        "time_zone": zone,
    }


def filled_anew(zone: str | None) -> dict[str, str]:
    """The form of a discount to add, with the time zone (IANA) that was used last."""
    return {"currency": "USD", "time_zone": zone or DEFAULT_ZONE}


def read_discount(form: Form, *, discount: Discount | None) -> dict[str, Any]:
    """What was sent, in its shape; of a discount to add where there is none. Raises ValidationError."""
    written: dict[str, Any] = {"key": discount.key if discount else form.text("key"), "basis": "retail"}
    written |= {name: form.text(name) for name in _TEXTS}
    written |= {name: _whole_number(form.text(name)) for name in ("percent_min", "percent_max")}
    if form.text("amount"):
        written |= {"amount": form.text("amount"), "currency": form.text("currency")}
    shown = filled_from(discount) if discount else {}
    for name in ("starts", "ends"):
        stored: datetime | None = getattr(discount, f"{name}_at", None)
        sent = {part: form.text(part) for part in (f"{name}_day", f"{name}_time", "time_zone")}
        # A moment that was not touched stays what it is, to the second, and of two alike the one it was.
        is_touched = any(shown.get(part) != text for part, text in sent.items())
        written[f"{name}_at"] = stored.isoformat() if stored and not is_touched else _wall_clock(form, name)
    if written["starts_at"] or written["ends_at"]:
        written["time_zone"] = form.text("time_zone")
    loaded: dict[str, Any] = DiscountIn().load({name: value for name, value in written.items() if value != ""})
    return loaded


def refuse(form: Form) -> Form:
    """A refused form with each fault at its field, in the words the form uses."""

    def place(path: str, sentence: str) -> tuple[str, str]:
        field = {"starts_at": "starts_day", "ends_at": "ends_day"}.get(path, path)
        return field, re.sub("|".join(LABELS), lambda name: f"“{LABELS[name[0]]}”", sentence)

    return form.placed(place)


def programs_with_discounts(programs: list[Program]) -> list[tuple[str, str]]:
    """Key and seller of the programs that may tell of a discount at all."""
    return [(program.key, program.seller) for program in programs if views_of(program.kind) != {DiscountView.NONE}]


def time_zones(chosen: str) -> list[tuple[str, list[str]]]:
    """The time zones (IANA) to choose from, the practice's neighbours first."""
    near = [*_NEAR, *([chosen] if chosen not in _NEAR and chosen in known_time_zones() else [])]
    far = sorted(zone for zone in known_time_zones() if _FAR.fullmatch(zone) and zone not in near)
    return [("Near", near), ("Everywhere", far)]


def _clock(name: str, moment: datetime | None, zone: str) -> dict[str, str]:
    """A moment's day and time on the wall; an end at midnight is the whole day before it."""
    if moment is None:
        return {f"{name}_day": "", f"{name}_time": ""}
    there = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if there.time() == time() and name == "ends":
        return {"ends_day": f"{there.date() - timedelta(days=1)}", "ends_time": ""}
    return {f"{name}_day": f"{there.date()}", f"{name}_time": "" if there.time() == time() else f"{there:%H:%M}"}


def _wall_clock(form: Form, name: str) -> str:
    """The time on the wall that was chosen, ISO 8601, or "". Raises ValidationError."""
    day, clock = form.text(f"{name}_day"), form.text(f"{name}_time")
    if not day:
        if clock:
            raise ValidationError({f"{name}_day": ["Choose a day too."]})
        return ""
    try:
        chosen, at = date.fromisoformat(day), time.fromisoformat(clock or "00:00")
        if name == "ends" and not clock:
            chosen += timedelta(days=1)
    except (ValueError, OverflowError) as fault:
        raise ValidationError({f"{name}_day": ["Write a day as 2026-12-31 and a time as 17:30."]}) from fault
    return datetime.combine(chosen, at.replace(tzinfo=None)).isoformat()


def _whole_number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
