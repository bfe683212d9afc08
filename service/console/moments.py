"""A moment as people read it: in the time zone it is told in, and in UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class MomentView:
    """`iso` is RFC 3339; the other times are told to the minute."""

    iso: str
    local: str
    zone: str
    utc: str


def view_moment(moment: datetime, time_zone: str | None = None) -> MomentView:
    """A moment in a time zone (IANA), by default UTC."""
    zone = time_zone or "UTC"
    local, utc = moment.astimezone(ZoneInfo(zone)), moment.astimezone(UTC)
    return MomentView(utc.isoformat().replace("+00:00", "Z"), f"{local:%Y-%m-%d %H:%M}", zone, f"{utc:%Y-%m-%d %H:%M}")
