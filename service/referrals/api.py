"""API v1: the offers of a formula on a channel, and the health of every link."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, json, request
from marshmallow import Schema, fields, validate

from service.accounts.guards import require_scope
from service.catalog.api_schemas import PageQuery
from service.catalog.queries import get_published_formula
from service.referrals.links import LinkHealth, Verdict
from service.referrals.offers import OfferedFormula, offers_for
from service.referrals.policy import PUBLIC_CHANNELS, Channel, LinkForm
from service.referrals.queries import current_book, list_links
from service.shared.api import Blueprint, Query
from service.shared.http_cache import NO_STORE, private, published
from service.shared.paging import decode_cursor

JSON = "application/json"

offers = Blueprint(
    "offers",
    __name__,
    url_prefix="/api/v1/formulas",
    description="Links, discounts, disclosures",
)
links = Blueprint("links", __name__, url_prefix="/api/v1/links", description="The health of links")


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


class PriceOut(Schema):
    """Told on private channels alone, from the retail price the owner entered."""

    text = fields.String(required=True)
    currency = fields.String(required=True, metadata={"description": "ISO 4217."})
    retail = fields.String(required=True, metadata={"description": "Decimal text."})
    lowest = fields.String(required=True)
    highest = fields.String(required=True)
    as_of = fields.Date(required=True, metadata={"description": "The day the retail price was entered for."})


class DisclosureOut(Schema):
    kind = fields.String(required=True)
    where = fields.String(
        required=True,
        validate=validate.OneOf(["at_link", "beside_button", "beside_claim", "with_product", "with_formula"]),
    )
    text = fields.String(required=True)
    product = fields.String(required=True, allow_none=True)


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
    price = fields.Nested(PriceOut, required=True, allow_none=True)
    permission = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The program's written leave for a rule looser than its default; show it with the offer."
        },
    )
    regulatory_class = fields.String(required=True)
    rel = fields.String(required=True)
    hit = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "For links straight to a vendor: POST it as `code` to /hit when one is followed."},
    )


class OfferSetOut(Schema):
    formula = fields.String(required=True)
    channel = fields.String(required=True)
    offers = fields.List(fields.Nested(OfferOut), required=True)
    statements = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "To be shown beside claims."},
    )
    disclosures = fields.List(
        fields.Nested(DisclosureOut),
        required=True,
        metadata={"description": "Everything a surface must show, and beside what."},
    )
    valid_until = fields.DateTime(required=True, allow_none=True)
    unavailable = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Products not offered now."},
    )
    flagged = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Products whose every link is known to be dead; the first is offered all the same."},
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


class LinkOut(Schema):
    formula = fields.String(required=True)
    product = fields.String(required=True)
    position = fields.Integer(required=True, metadata={"description": "0 is the product's own, then its substitutes."})
    program = fields.String(required=True)
    url = fields.URL(required=True, allow_none=True, metadata={"description": "None where it cannot be made."})
    verdict = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf([*Verdict, None]),
        metadata={"description": "None until this URL has been checked."},
    )
    failures = fields.Integer(required=True, metadata={"description": "In a row; two raise the flag."})
    reason = fields.String(required=True, allow_none=True)
    checked_at = fields.DateTime(required=True, allow_none=True)
    flagged_at = fields.DateTime(required=True, allow_none=True)


class LinkPageOut(Schema):
    items = fields.List(fields.Nested(LinkOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


@links.get("")
@links.arguments(PageQuery, location="query")
@links.response(200, LinkPageOut)
@links.alt_response(401)
@links.alt_response(403)
def list_link_states(query: dict[str, Any]) -> Response:
    """Every way to buy every published product, with what the last check found; the flagged first."""
    after = decode_cursor(query["cursor"]) if "cursor" in query else ""
    page = list_links(current_book(), after=after, limit=query["limit"])
    body = {"items": [_link_out(health) for health in page.rows], "next_cursor": page.next_cursor}
    response = private(json.dumps(LinkPageOut().dump(body)), JSON)
    if page.next_cursor:
        link = f"{request.path}?limit={query['limit']}&cursor={page.next_cursor}"
        response.headers["Link"] = f'<{link}>; rel="next"'
    return response


def _link_out(health: LinkHealth) -> dict[str, Any]:
    link = health.link
    return {
        "formula": link.formula,
        "product": link.product,
        "position": link.position,
        "program": link.program,
        "url": link.url,
        "verdict": health.verdict,
        "failures": health.failures,
        "reason": health.reason or link.fault,
        "checked_at": health.checked_at,
        "flagged_at": health.flagged_at,
    }
