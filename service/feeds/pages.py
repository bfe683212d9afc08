"""The feed: for everyone, and with the offers of the console for practitioners."""

from datetime import UTC, datetime
from typing import Any

from flask import Response
from marshmallow import EXCLUDE, fields, validate

from service.accounts.guards import require_scope
from service.catalog.queries import list_latest_formulas
from service.feeds.json_feed import compose_feed
from service.referrals.policy import Channel
from service.referrals.queries import current_book
from service.shared.api import Blueprint, Query
from service.shared.errors import BadInput
from service.shared.http_cache import NO_STORE, published
from service.shared.paging import decode_cursor

FEED_TYPE = "application/feed+json"
ITEMS_A_PAGE = 20

feeds = Blueprint("feeds", __name__, template_folder="templates", description="JSON Feed 1.1")


class FeedQuery(Query):
    """Readers add parameters of their own to a feed's address; they mean nothing here."""

    class Meta:
        unknown = EXCLUDE

    view = fields.String(
        load_default="public",
        validate=validate.OneOf(["public", "practitioner"]),
        metadata={
            "description": "`practitioner` needs a key with the scope read:practitioner; its offers are those of the "
            "console, with discount and price, and it is not to be kept."
        },
    )
    cursor = fields.String(validate=validate.Length(1, 200))


@feeds.get("/feed.json")
@feeds.arguments(FeedQuery, location="query")
@feeds.response(200, {"type": "object"}, content_type=FEED_TYPE)
@feeds.alt_response(401)
@feeds.alt_response(403)
def feed(query: dict[str, Any]) -> Response:
    """Published formulas, the latest change first; pages by next_url."""
    is_private = query["view"] == "practitioner"
    if is_private:
        require_scope("read:practitioner")
    before = decode_cursor(query["cursor"]) if "cursor" in query else None
    if before is not None and not (before.isascii() and before.isdigit() and len(before) < 10):
        raise BadInput(
            "This cursor is not one of this feed's; start from /feed.json.",
            pointer="/query/cursor",
        )
    page = list_latest_formulas(before=int(before) if before else None, limit=ITEMS_A_PAGE)
    body, valid_until = compose_feed(
        page.rows,
        current_book(),
        channel=Channel.CONSOLE if is_private else Channel.FEED,
        now=datetime.now(UTC),
        next_cursor=page.next_cursor,
    )
    if is_private:
        response = Response(body, mimetype=FEED_TYPE)
        response.headers["Cache-Control"] = f"private, {NO_STORE}"
        response.headers["Vary"] = "Authorization"
        return response
    return published(
        body,
        FEED_TYPE,
        known_arguments=("view", "cursor"),
        last_modified=max((row.published_at for row in page.rows), default=None),
        valid_until=valid_until,
    )
