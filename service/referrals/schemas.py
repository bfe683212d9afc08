"""The shapes of programs, discounts and the practice in seed files, in the console and in the API."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from service.catalog.schemas import MOST_SUBSTITUTES, RetailPriceIn, SubstituteIn
from service.catalog.terms import CURRENCIES
from service.referrals.destinations import fault_of_template
from service.referrals.disclosures import fault_of_own, fault_of_words
from service.referrals.marketplaces import MARKETPLACES, kind_of_host, marketplace_of
from service.referrals.policy import (
    CHANNEL_LETTERS,
    DISCOUNT_AUDIENCES,
    DISCOUNT_WAYS,
    PROGRAM_KINDS,
    Channel,
    DiscountView,
    LinkForm,
    fault_of_cell,
    wanted_cell,
)
from service.shared.fields import (
    Document,
    Text,
    choice,
    decimal_text,
    identifier,
    past_day,
    prose,
    refuse_repeats,
    rows,
)

HOST = validate.Regexp(r"\A[a-z0-9-]+(\.[a-z0-9-]+)+\Z", error="Give a host name like us.fullscript.com.")


class PermissionIn(Document):
    """A program's written leave; its note is shown wherever it is made use of."""

    note = prose(500, required=True, error_messages={"required": "Write down the permission's wording."})
    # A permission counts from the day it was given on.
    given_on = past_day(required=True, error_messages={"required": "Give the day it was given, as 2026-01-02."})

    @validates_schema(skip_on_field_errors=True)
    def check_note(self, data: Mapping[str, Any], **_: Any) -> None:
        _check_words(data, "note")


def _check_words(data: Mapping[str, Any], *names: str) -> None:
    """Raises ValidationError for words that may not stand in a message, as all of these may come to."""
    faults = {name: fault for name in names if (fault := fault_of_words(data.get(name, "")))}
    if faults:
        raise ValidationError({name: [fault] for name, fault in faults.items()})


class CellIn(Document):
    link = choice([str(form) for form in LinkForm])
    discount = choice([str(view) for view in DiscountView])
    permission = fields.Nested(PermissionIn)


def _placement() -> Text:
    return Text(validate=validate.Regexp(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", error="Name a place like spring-letter."))


class ProgramIn(Document):
    key = identifier(required=True, error_messages={"required": "Give the program a key, like own-shop."})
    kind = choice(PROGRAM_KINDS, required=True)
    seller = prose(required=True, error_messages={"required": "Write the seller's name, as readers know it."})
    marketplace = Text()
    templates = fields.Dict(keys=identifier(), values=prose(), required=True)
    allowed_hosts = fields.List(
        Text(validate=HOST),
        required=True,
        validate=validate.Length(min=1, error="Name at least one host that its links may lead to."),
    )
    policy = fields.Dict(keys=choice([str(channel) for channel in Channel]), values=fields.Nested(CellIn))
    disclosure = prose(300)
    enabled = fields.Boolean(load_default=True)

    @validates_schema(skip_on_field_errors=True)
    def check_policy(self, data: Mapping[str, Any], **_: Any) -> None:
        for name, own in data.get("policy", {}).items():
            channel = Channel(name)
            wanted = wanted_cell(data["kind"], channel, own)
            fault = fault_of_cell(data["kind"], channel, wanted)
            if fault is None and wanted.link is LinkForm.GO and channel not in CHANNEL_LETTERS:
                fault = "This channel has no redirect; link it to the page."
            if fault:
                raise ValidationError({"policy": {name: [fault]}})

    @validates_schema(skip_on_field_errors=True)
    def check_disclosure(self, data: Mapping[str, Any], **_: Any) -> None:
        _check_words(data, "seller", "disclosure")
        fault = fault_of_own(data["kind"], data.get("disclosure", ""))
        if fault:
            raise ValidationError(fault, "disclosure")

    @validates_schema(skip_on_field_errors=True)
    def check_marketplace(self, data: Mapping[str, Any], **_: Any) -> None:
        names = MARKETPLACES[data["kind"]]
        if "marketplace" in data and data["marketplace"] not in names:
            told = f"Choose one of {', '.join(names)}." if names else "A template program has none; leave it out."
            raise ValidationError(told, "marketplace")

    @validates_schema(skip_on_field_errors=True)
    def check_hosts(self, data: Mapping[str, Any], **_: Any) -> None:
        place = marketplace_of(data["kind"], data.get("marketplace"))
        for position, host in enumerate(data["allowed_hosts"]):
            kind = kind_of_host(host)
            if kind != data["kind"]:
                raise ValidationError({"allowed_hosts": {position: [f"{host} belongs to programs of kind {kind}."]}})
            if place is not None and host != place.host:
                told = f"This marketplace sells at {place.host} alone."
                raise ValidationError({"allowed_hosts": {position: [told]}})

    @validates_schema(skip_on_field_errors=True)
    def check_templates(self, data: Mapping[str, Any], **_: Any) -> None:
        for name, text in data["templates"].items():
            fault = fault_of_template(text, data["allowed_hosts"])
            if fault:
                raise ValidationError({"templates": {name: [fault]}})


class AccountIn(Document):
    """An account with a program; `placements` has the settings that differ by where a link stands."""

    example = fields.Boolean(load_default=False)
    settings = fields.Dict(keys=prose(), values=prose(), required=True)
    placements = fields.Dict(keys=_placement(), values=fields.Dict(keys=prose(), values=prose()))
    takes_profit = fields.Boolean(load_default=True)


@cache
def known_time_zones() -> frozenset[str]:
    """The names of time zones (IANA) that this system knows; asked once, since that reads a folder of files."""
    return frozenset(available_timezones())


def _percent() -> fields.Integer:
    told = "Write a whole number from 1 to 100."
    return fields.Integer(strict=True, validate=validate.Range(1, 100, error=told), error_messages={"invalid": told})


# A discount's window; the ends of the calendar cannot be told in every time zone.
YEARS = range(2000, 2101)


class DiscountIn(Document):
    """Times are moments with an offset, or wall-clock times of `time_zone`, of two alike the earlier."""

    key = identifier(required=True, error_messages={"required": "Give the discount a key, like spring-sale."})
    program = identifier(required=True, error_messages={"required": "Choose the program that gives it."})
    product = identifier()
    percent_min = _percent()
    percent_max = _percent()
    amount = decimal_text()
    currency = choice(CURRENCIES)
    basis = choice(["retail"], required=True)
    how = choice(DISCOUNT_WAYS, required=True)
    code = prose(40)
    audience = choice(DISCOUNT_AUDIENCES, required=True, error_messages={"required": "Choose who may be told of it."})
    terms = prose()
    starts_at = fields.DateTime(format="iso")
    ends_at = fields.DateTime(format="iso")
    time_zone = Text()

    @validates_schema(skip_on_field_errors=True)
    def check_figure(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("percent_min" in data) == ("amount" in data):
            raise ValidationError("Give percent_min and percent_max, or an amount.", "percent_min")
        for one, other in (("percent_min", "percent_max"), ("amount", "currency")):
            if (one in data) != (other in data):
                raise ValidationError(f"Give {one} and {other} together.", other)
        if "percent_min" in data and data["percent_min"] > data["percent_max"]:
            raise ValidationError("percent_min is more than percent_max.", "percent_min")

    @validates_schema(skip_on_field_errors=True)
    def check_code(self, data: Mapping[str, Any], **_: Any) -> None:
        if (data["how"] == "code") != ("code" in data):
            raise ValidationError("A code goes with a discount given by one (how: code), and only with it.", "code")

    @validates_schema(skip_on_field_errors=True)
    def check_window(self, data: Mapping[str, Any], **_: Any) -> None:
        for name in ("starts_at", "ends_at"):
            if name in data and data[name].year not in YEARS:
                raise ValidationError(f"Give a year from {YEARS.start} to {YEARS.stop - 1}.", name)
        zone = data.get("time_zone")
        if zone is not None and zone not in known_time_zones():
            raise ValidationError("Name a time zone like America/Los_Angeles.", "time_zone")
        for name in ("starts_at", "ends_at"):
            if name in data and data[name].tzinfo is None:
                _check_wall_clock(data[name], zone, name)
        if "starts_at" in data and "ends_at" in data and _moment(data, "starts_at") >= _moment(data, "ends_at"):
            raise ValidationError("The end is not after the start.", "ends_at")

    @post_load
    def place_in_time(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        for name in ("starts_at", "ends_at"):
            if name in data:
                data[name] = _moment(data, name)
        return data


def _check_wall_clock(moment: datetime, zone: str | None, name: str) -> None:
    """Raises ValidationError for a time without a zone, and for one that clocks leap over in spring."""
    if zone is None:
        raise ValidationError("Add an offset (2026-12-01T00:00:00-08:00) or a time_zone.", name)
    there = moment.replace(tzinfo=ZoneInfo(zone))
    if there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != moment:
        raise ValidationError("Clocks leap over this time on that day; choose another.", name)


def _moment(data: Mapping[str, Any], name: str) -> datetime:
    moment: datetime = data[name]
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(data["time_zone"]))).astimezone(UTC)


class ListingIn(SubstituteIn):
    """How the owner sells a product: its first way to buy, those that stand in for it, and the retail price."""

    substitutes = fields.List(fields.Nested(SubstituteIn), validate=validate.Length(max=MOST_SUBSTITUTES))
    retail_price = fields.Nested(RetailPriceIn)


class PracticeIn(Document):
    name = prose(required=True)
    place = prose(required=True)
    site = fields.URL(schemes={"https"}, required=True)
    placements = fields.List(_placement())
    accounts = fields.Dict(keys=identifier(), values=fields.Nested(AccountIn), required=True)
    discounts = rows(DiscountIn)

    @validates_schema(skip_on_field_errors=True)
    def check_no_repeats(self, data: Mapping[str, Any], **_: Any) -> None:
        refuse_repeats(data, "discounts", ("key",))
