"""The shapes of Fullscript's answers and events: strict about what is used, indifferent to what is added.

Fullscript counts added keys as compatible (fullscript.dev/docs/technical-reference), so unknown ones are dropped.
Read in its documentation: the token answer inside "oauth", the fields of a variant, the page's "meta", the event
inside "event_payload". Not found there, and so read leniently, here alone: whether a single resource stands inside
its own name ("variant", "clinic"), and how the clinic's discount is written.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate

from service.partners.errors import PartnerFault
from service.shared.errors import BadInput

LINK_FORM: Final = r"\Ahttps://([a-z0-9-]+\.)+fullscript\.(com|io)([/?][!-~]*)?\Z"
# The ids of all other events stand for a person or for something a person did.
EVENTS_WITHOUT_A_PERSON: Final = ("product.",)
IDENTIFIER: Final = r"\A[A-Za-z0-9_-]{1,100}\Z"


@dataclass(frozen=True, slots=True)
class Grant:
    """A pair of tokens, the scopes they are good for (empty when not told) and when the access token ends (UTC)."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    scopes: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Variant:
    """A size of a product. `msrp` is Fullscript's own text, in the region's currency, None when not told."""

    id: str
    sku: str | None
    msrp: str | None
    availability: str | None
    status: str | None
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Product:
    """A product of Fullscript's catalog with its variants."""

    id: str
    name: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class DispensaryDiscount:
    """The discount every patient of the dispensary has, in percent of the MSRP."""

    percent: Decimal
    read_at: datetime


@dataclass(frozen=True, slots=True)
class PlanLink:
    """Where the practitioner writes a treatment plan. It is theirs: never sent to a patient."""

    url: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """What happened at the partner, without whom it concerns."""

    id: str
    type: str
    resource_id: str | None


class Answer(Schema):
    class Meta:
        unknown = EXCLUDE


class GrantIn(Answer):
    access_token = fields.String(required=True, validate=validate.Length(1, 4096))
    refresh_token = fields.String(required=True, validate=validate.Length(1, 4096))
    expires_in = fields.Integer(required=True, validate=validate.Range(1, 31 * 86400))
    scope = fields.String(load_default="", allow_none=True)


class VariantIn(Answer):
    id = fields.String(required=True, validate=validate.Regexp(IDENTIFIER))
    sku = fields.String(load_default=None, allow_none=True)
    msrp = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(r"\A\d{1,7}(\.\d{1,4})?\Z"))
    availability = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=60))
    status = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=60))


class ProductIn(Answer):
    id = fields.String(required=True, validate=validate.Regexp(IDENTIFIER))
    name = fields.String(required=True, validate=validate.Length(max=300))
    variants = fields.List(fields.Nested(VariantIn), load_default=list)


class ClinicIn(Answer):
    discount = fields.Decimal(required=True, allow_nan=False, validate=validate.Range(0, 100))

    @pre_load
    def drop_the_sign(self, data: Any, **_: Any) -> Any:
        written = data.get("discount") if isinstance(data, Mapping) else None
        return {**data, "discount": written.removesuffix("%").strip()} if isinstance(written, str) else data


class PlanLinkIn(Answer):
    redirect_url = fields.String(required=True, validate=[validate.Length(max=4096), validate.Regexp(LINK_FORM)])


class MetaIn(Answer):
    next_page = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=2))


class EventIn(Answer):
    id = fields.String(required=True, validate=validate.Regexp(IDENTIFIER))
    type = fields.String(required=True, validate=validate.Regexp(r"\A[a-z0-9_.]{1,80}\Z"))
    data = fields.Dict(load_default=dict, allow_none=True)


def read_grant(answer: Any, *, now: datetime) -> Grant:
    """The tokens of a token answer. Raises PartnerFault."""
    data = _load(GrantIn, unwrap(answer, "oauth"))
    return Grant(
        access_token=data["access_token"],
        refresh_token=data["refresh_token"],
        scopes=tuple((data["scope"] or "").split()),
        expires_at=now + timedelta(seconds=data["expires_in"]),
    )


def read_variant(answer: Any, *, now: datetime) -> Variant:
    """Raises PartnerFault."""
    return Variant(**_load(VariantIn, unwrap(answer, "variant")), read_at=now)


def read_products(answer: Any, *, now: datetime) -> tuple[list[Product], int | None]:
    """A page of products and the number of the next page, or None at the end. Raises PartnerFault."""
    if not isinstance(answer, Mapping) or not isinstance(answer.get("products"), list):
        raise _not_understood("products")
    found = [_load(ProductIn, row) for row in answer["products"]]
    products = [
        Product(row["id"], row["name"], tuple(Variant(**variant, read_at=now) for variant in row["variants"]))
        for row in found
    ]
    return products, _load(MetaIn, answer.get("meta") or {})["next_page"]


def read_discount(answer: Any, *, now: datetime) -> DispensaryDiscount:
    """Raises PartnerFault."""
    return DispensaryDiscount(_load(ClinicIn, unwrap(answer, "clinic"))["discount"], now)


def read_plan_link(answer: Any, *, now: datetime) -> PlanLink:
    """Raises PartnerFault, also for a link that does not lead to Fullscript."""
    return PlanLink(_load(PlanLinkIn, unwrap(answer, "dynamic_link"))["redirect_url"], now)


def read_event(body: bytes) -> Event:
    """The event of a webhook's body. Raises BadInput."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise BadInput("The body is not JSON.") from fault
    try:
        data = EventIn().load(unwrap(unwrap(answer, "event_payload"), "event"))
    except ValidationError as fault:
        raise BadInput(f"The event is not usable: {', '.join(sorted(fault.messages_dict))}.") from fault
    names_no_person = data["type"].startswith(EVENTS_WITHOUT_A_PERSON)
    return Event(data["id"], data["type"], _resource_id(data["data"] or {}) if names_no_person else None)


def unwrap(answer: Any, name: str) -> Any:
    """What stands inside its own name, or the answer itself where it is bare."""
    inner = answer.get(name) if isinstance(answer, Mapping) else None
    return inner if isinstance(inner, Mapping) else answer


def _resource_id(data: Mapping[str, Any]) -> str | None:
    found = unwrap(data, "product").get("id")
    return found if isinstance(found, str) and re.match(IDENTIFIER, found) else None


def _load(shape: type[Schema], data: Any) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = shape().load(data)
    except ValidationError as fault:
        # Only the names of the fields: what stands in them may be a token.
        raise _not_understood(", ".join(sorted(map(str, fault.messages_dict)))) from None
    return loaded


def _not_understood(what: str) -> PartnerFault:
    return PartnerFault(f"Fullscript answered something this service does not understand ({what}). Try again later.")
