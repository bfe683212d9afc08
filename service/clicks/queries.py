"""Reads of the counts: rows for the API, and sums for a page of charts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, literal, select, tuple_

from service.clicks.models import ClickCount, ClickPosition
from service.clicks.visits import COUNTED, OUTCOMES, REASONS
from service.extensions import db
from service.shared.errors import BadInput
from service.shared.paging import Page, page_of

_COUNTS = ClickCount.__table__.c
_LINK = (_COUNTS.product, _COUNTS.channel, _COUNTS.placement)
PERIODS: Final[Mapping[str, tuple[ColumnElement[Any], ...]]] = {
    "hour": (_COUNTS.day, _COUNTS.hour, *_LINK),
    "day": (_COUNTS.day, *_LINK),
}
CURSOR_HOURS: Final[Mapping[str, Sequence[str]]] = {"hour": [f"{hour:02}" for hour in range(24)], "day": [""]}
_PER_OUTCOME = tuple(
    func.sum(case((_COUNTS.outcome == outcome, _COUNTS["count"]), else_=0)).label(outcome) for outcome in OUTCOMES
)
# What totals may be told by.
FACETS: Final = ("product", "channel", "placement", "device")


@dataclass(frozen=True, slots=True)
class Range:
    """The hours that begin at `since` or later and before `until` (UTC)."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class ClickRow:
    """The clicks of one link in one hour or day, by outcome; `starts` is `2026-11-24T05:00:00Z` or `2026-11-24`."""

    starts: str
    product: str
    channel: str
    placement: str
    outcomes: Mapping[str, int]
    cursor: str


@dataclass(frozen=True, slots=True)
class Total:
    """How many clicks a day, a product or the like had, and how many visits were not counted."""

    name: str
    counted: int
    filtered: int


def last_days(days: int, *, now: datetime) -> Range:
    """So many whole days up to now, today among them."""
    tomorrow = datetime.combine(now.astimezone(UTC).date(), time(), UTC) + timedelta(days=1)
    return Range(tomorrow - timedelta(days=days), tomorrow)


def positions_of(host: str, files: Iterable[Path]) -> dict[str, int]:
    """How many bytes are folded of each of a host's files, by name; those of which none are have no entry."""
    rows = ClickPosition.__table__.c
    names = [path.name for path in files]
    query = select(rows.file, rows.folded).where(rows.host == host, rows.file.in_(names))
    return {row.file: row.folded for row in db.session.execute(query)}


def list_clicks(within: Range, *, by: str, only: Mapping[str, str], cursor: str | None, limit: int) -> Page[ClickRow]:
    """A page of rows in the order of time and link; `by` is hour or day, `only` has values of FACETS to keep to.

    Raises BadInput for a cursor of another list.
    """
    keys = PERIODS[by]
    query = _within(select(*keys, *_PER_OUTCOME), within).group_by(*keys).order_by(*keys).limit(limit + 1)
    for name, value in only.items():
        query = query.where(_COUNTS[name] == value)
    if cursor is not None:
        after = _read_cursor(cursor, by)
        query = query.where(
            tuple_(*keys) > tuple_(*(literal(value, key.type) for value, key in zip(after, keys, strict=True)))
        )
    return page_of([_row(found, by) for found in db.session.execute(query)], limit=limit, key=lambda row: row.cursor)


def list_daily_totals(within: Range) -> Sequence[Total]:
    """One total for each day, also for those without clicks."""
    found = {total.name: total for total in _totals(_COUNTS.day, within)}
    days = (within.until - within.since).days
    names = [(within.since + timedelta(days=day)).date().isoformat() for day in range(days)]
    return [found.get(name, Total(name, 0, 0)) for name in names]


def list_totals(facet: str, within: Range) -> Sequence[Total]:
    """Totals by one of FACETS, the most counted first."""
    totals = _totals(_COUNTS[facet], within)
    return sorted(totals, key=lambda total: (-total.counted, -total.filtered, total.name))


def count_reasons(within: Range) -> Mapping[str, int]:
    """How many visits were not counted, by reason; every reason is there."""
    row = db.session.execute(_within(select(*_PER_OUTCOME), within)).one()
    return {reason: int(getattr(row, reason) or 0) for reason in REASONS}


def _totals(column: ColumnElement[Any], within: Range) -> list[Total]:
    query = _within(select(column.label("name"), *_PER_OUTCOME), within).group_by(column)
    return [
        Total(str(row.name), int(getattr(row, COUNTED)), sum(int(getattr(row, reason)) for reason in REASONS))
        for row in db.session.execute(query)
    ]


def _within(query: Select[Any], within: Range) -> Select[Any]:
    since, until = _ceiling(within.since), _ceiling(within.until)
    hour = tuple_(_COUNTS.day, _COUNTS.hour)
    return query.where(hour >= _hour(since), hour < _hour(until))


def _hour(moment: datetime) -> Any:
    return tuple_(literal(moment.date(), _COUNTS.day.type), literal(moment.hour, _COUNTS.hour.type))


def _ceiling(moment: datetime) -> datetime:
    """The first whole hour at or after a moment, UTC."""
    floor = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return floor if floor == moment else floor + timedelta(hours=1)


def _row(found: Any, by: str) -> ClickRow:
    day = found.day.isoformat()
    hour = f"{found.hour:02}" if by == "hour" else ""
    return ClickRow(
        starts=f"{day}T{hour}:00:00Z" if hour else day,
        product=found.product,
        channel=found.channel,
        placement=found.placement,
        outcomes={outcome: int(getattr(found, outcome)) for outcome in OUTCOMES},
        cursor=f"{day}|{hour}|{found.product}|{found.channel}|{found.placement}",
    )


def _read_cursor(cursor: str, by: str) -> tuple[Any, ...]:
    day, *rest = cursor.split("|", 4)
    try:
        hour, product, channel, placement = rest
        place = CURSOR_HOURS[by].index(hour)
        hours = (place,) if by == "hour" else ()
        return (date.fromisoformat(day), *hours, product, channel, placement)
    except ValueError as fault:
        raise BadInput(
            "This cursor belongs to another list; start from the first page.", pointer="/query/cursor"
        ) from fault
