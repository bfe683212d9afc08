"""The public feed."""

from datetime import UTC, datetime
from typing import Any

from flask import Response
from marshmallow import EXCLUDE, fields, validate

from service.catalog.queries import list_latest_formulas
from service.feeds.json_feed import compose_feed
from service.referrals.queries import current_book
from service.shared.api import Blueprint, Query
from service.shared.errors import BadInput
from service.shared.http_cache import published
from service.shared.paging import decode_cursor

FEED_TYPE = "application/feed+json"
ITEMS_A_PAGE = 20

feeds = Blueprint("feeds", __name__, template_folder="templates", description="JSON Feed 1.1")


class FeedQuery(Query):
    """Readers add parameters of their own to a feed's address; they mean nothing here."""

    class Meta:
        unknown = EXCLUDE

    cursor = fields.String(validate=validate.Length(1, 200))


@feeds.get("/feed.json")
@feeds.arguments(FeedQuery, location="query")
@feeds.response(200, {"type": "object"}, content_type=FEED_TYPE)
def feed(query: dict[str, Any]) -> Response:
    """Published formulas, the latest change first; pages by next_url."""
    before = decode_cursor(query["cursor"]) if "cursor" in query else None
    if before is not None and not (before.isascii() and before.isdigit() and len(before) < 10):
        raise BadInput(
            "This cursor is not one of this feed's; start from /feed.json.",
            pointer="/query/cursor",
        )
    page = list_latest_formulas(before=int(before) if before else None, limit=ITEMS_A_PAGE)
    body, valid_until = compose_feed(page.rows, current_book(), now=datetime.now(UTC), next_cursor=page.next_cursor)
    return published(
        body,
        FEED_TYPE,
        known_arguments=("cursor",),
        last_modified=max((row.published_at for row in page.rows), default=None),
        valid_until=valid_until,
    )
