"""API v1: the offers of a formula on a channel."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, json
from marshmallow import Schema, fields, validate

from service.accounts.guards import require_scope
from service.catalog.queries import get_published_formula
from service.referrals.offers import OfferedFormula, offers_for
from service.referrals.policy import PUBLIC_CHANNELS, Channel, LinkForm
from service.referrals.queries import current_book
from service.shared.api import Blueprint, Query
from service.shared.http_cache import NO_STORE, published

JSON = "application/json"

offers = Blueprint(
    "offers",
    __name__,
    url_prefix="/api/v1/formulas",
    description="Links, discounts, disclosures",
)


class ChannelQuery(Query):
    channel = fields.String(
        load_default=str(Channel.PUBLIC_WEB),
        validate=validate.OneOf([str(channel) for channel in Channel]),
        metadata={"description": "All but public_web and feed need a key with the scope read:practitioner."},
    )


class DiscountOut(Schema):
    text = fields.String(required=True)
    metadata = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "Only where policy shows it."},
    )


class OfferOut(Schema):
    product = fields.String(required=True)
    product_name = fields.String(required=True)
    seller = fields.String(required=True)
    program = fields.String(required=True)
    link = fields.String(required=True, validate=validate.OneOf([str(form) for form in LinkForm]))
    url = fields.URL(required=True, require_tld=False)
    label = fields.String(required=True)
    paid_link_label = fields.String(required=True, allow_none=True)
    disclosure = fields.String(required=True)
    discount = fields.Nested(DiscountOut, required=True, allow_none=True)
    regulatory_class = fields.String(required=True)
    rel = fields.String(required=True)


class OfferSetOut(Schema):
    formula = fields.String(required=True)
    channel = fields.String(required=True)
    offers = fields.List(fields.Nested(OfferOut), required=True)
    statements = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "To be shown beside claims."},
    )
    valid_until = fields.DateTime(required=True, allow_none=True)
    unavailable = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Products not offered now."},
    )


@offers.get("/<slug>/offers")
@offers.arguments(ChannelQuery, location="query")
@offers.response(200, OfferSetOut)
@offers.alt_response(401)
@offers.alt_response(403)
@offers.alt_response(404)
@offers.alt_response(410)
def list_offers(query: dict[str, Any], slug: str) -> Response:
    """What a channel may show of a formula's products: the link, its form, discount and disclosures."""
    channel = Channel(query["channel"])
    if channel not in PUBLIC_CHANNELS:
        require_scope("read:practitioner")
    formula = OfferedFormula.read(slug, get_published_formula(slug).offered)
    found = offers_for(formula, channel, book=current_book(), now=datetime.now(UTC))
    body = json.dumps(found.as_json())
    if channel in PUBLIC_CHANNELS:
        return published(body, JSON, known_arguments=("channel",), valid_until=found.valid_until)
    response = Response(body, mimetype=JSON)
    response.headers["Cache-Control"] = NO_STORE
    return response
