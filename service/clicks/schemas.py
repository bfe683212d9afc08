"""The shapes of the clicks API: what may be asked, and what is answered."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from service.clicks.visits import OUTCOMES
from service.referrals.policy import Channel
from service.shared.api import Query
from service.shared.fields import SLUG
from service.shared.paging import DEFAULT_LIMIT, MAX_LIMIT

YEARS = (2000, 2200)
SLUG_OR_NONE = validate.Regexp(r"\A([a-z0-9]+(-[a-z0-9]+)*)?\Z", error=SLUG.error)


class Moment(fields.Field[datetime]):
    """A day (2026-11-24, UTC) or a moment (RFC 3339). `ends` makes a day mean its end."""

    def __init__(self, *, ends: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._ends = ends

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002 - as above
        **_: Any,
    ) -> datetime:
        try:
            moment = self._day(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError as fault:
            raise ValidationError("Give a day like 2026-11-24 or a moment like 2026-11-24T05:00:00Z.") from fault
        if moment.tzinfo is None:
            raise ValidationError("A moment needs its zone: end it with Z for UTC.")
        if not YEARS[0] <= moment.year < YEARS[1]:
            raise ValidationError(f"Give a year from {YEARS[0]} to {YEARS[1] - 1}.")
        return moment.astimezone(UTC)

    def _day(self, text: str) -> datetime:
        day = datetime.combine(date.fromisoformat(text), time(), UTC)
        return day + timedelta(days=1) if self._ends and day.year < YEARS[1] else day


def told(text: str) -> dict[str, Any]:
    return {"description": text}


class TableQuery(Query):
    """Which clicks; without a range, the last 30 days."""

    since = Moment(data_key="from", metadata={"type": "string", **told("A day (UTC) or a moment (RFC 3339).")})
    until = Moment(
        data_key="to",
        ends=True,
        metadata={"type": "string", **told("A day, which is included, or a moment, which is not.")},
    )
    by = fields.String(load_default="day", validate=validate.OneOf(["hour", "day"]))
    product = fields.String(validate=[validate.Length(1, 80), SLUG], metadata=told("A product's slug."))
    channel = fields.String(validate=validate.OneOf([str(channel) for channel in Channel]))
    placement = fields.String(
        validate=[validate.Length(0, 80), SLUG_OR_NONE], metadata=told("A placement's name; empty for links without.")
    )

    @validates_schema(skip_on_field_errors=True)
    def check_range(self, data: Mapping[str, Any], **_: Any) -> None:
        if "since" in data and "until" in data and data["since"] >= data["until"]:
            raise ValidationError("`from` must come before `to`.", "from")


class ClicksQuery(TableQuery):
    limit = fields.Integer(load_default=DEFAULT_LIMIT, validate=validate.Range(1, MAX_LIMIT))
    cursor = fields.String(validate=validate.Length(1, 400), metadata=told("As `next_cursor` gave it."))


FilteredOut = Schema.from_dict({reason: fields.Integer(required=True) for reason in OUTCOMES[1:]}, name="FilteredOut")


class ClickRowOut(Schema):
    starts = fields.String(required=True, metadata=told("The day, or the hour as RFC 3339, UTC."))
    product = fields.String(required=True)
    channel = fields.String(required=True, validate=validate.OneOf([str(channel) for channel in Channel]))
    placement = fields.String(required=True)
    counted = fields.Integer(required=True, metadata=told("One for each visitor, link and hour."))
    filtered = fields.Nested(FilteredOut, required=True, metadata=told("Visits that are not counted, by reason."))


ClickPageOut = Schema.from_dict(
    {
        "from": fields.DateTime(required=True),
        "to": fields.DateTime(required=True),
        "by": fields.String(required=True, validate=validate.OneOf(["hour", "day"])),
        "items": fields.List(fields.Nested(ClickRowOut), required=True),
        "next_cursor": fields.String(required=True, allow_none=True),
    },
    name="ClickPageOut",
)
