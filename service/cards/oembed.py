"""oEmbed 1.0 (https://oembed.com): the card of a formula's page, as JSON."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Response, json
from marshmallow import EXCLUDE, fields, validate

from service.cards.heights import WIDE, card_height
from service.cards.presenter import view_formula
from service.cards.snippets import fixed_iframe
from service.catalog.queries import get_published_formula
from service.referrals.queries import current_book
from service.shared.api import Blueprint, Query
from service.shared.errors import FormularyError, NotFound
from service.shared.http_cache import published

CACHE_SECONDS = 3600

oembed = Blueprint("oembed", __name__, description="oEmbed for WordPress, Ghost and others")


class FormatNotImplemented(FormularyError):
    code = "format-not-implemented"
    title = "This format is not offered"
    status = 501


class OembedQuery(Query):
    """Consumers add parameters of their own (WordPress sends dnt); the specification lets them."""

    class Meta:
        unknown = EXCLUDE

    url = fields.String(required=True, validate=validate.Length(1, 500))
    format = fields.String(load_default="json")
    maxwidth = fields.Integer(validate=validate.Range(1, 10000))
    maxheight = fields.Integer(validate=validate.Range(1, 10000))


@oembed.get("/oembed")
@oembed.arguments(OembedQuery, location="query")
@oembed.response(200, {"type": "object"})
@oembed.alt_response(404)
@oembed.alt_response(410)
@oembed.alt_response(501)
def embed(query: dict[str, Any]) -> Response:
    """A formula's card as an iframe no larger than maxwidth and maxheight."""
    if query["format"] != "json":
        raise FormatNotImplemented("Ask for format=json.")
    book = current_book()
    slug = _slug_of(query["url"], book.public_url)
    now = datetime.now(UTC)
    view = view_formula(get_published_formula(slug), book=book, now=now)
    width = min(WIDE, query.get("maxwidth", WIDE))
    height = min(card_height(view, width), query.get("maxheight", 10000))
    body = {
        "version": "1.0",
        "type": "rich",
        "title": f"{view.title.pinyin} {view.title.hanzi}",
        "provider_name": book.practice.name,
        "provider_url": book.public_url,
        "cache_age": _cache_age(view.valid_until, now),
        "width": width,
        "height": height,
        "html": str(fixed_iframe(view, width=width, height=height)),
    }
    return published(
        json.dumps(body, ensure_ascii=False),
        "application/json",
        known_arguments=("url", "format"),
        last_modified=view.published_at,
        valid_until=view.valid_until,
    )


def _cache_age(valid_until: datetime | None, now: datetime) -> int:
    """Seconds a consumer may keep the answer: an hour, or until the card changes by itself."""
    return CACHE_SECONDS if valid_until is None else min(CACHE_SECONDS, int((valid_until - now).total_seconds()))


def _slug_of(url: str, public_url: str) -> str:
    """The formula whose page or card this URL is. Raises NotFound for anything else."""
    parts, ours = urlsplit(url), urlsplit(public_url)
    path = parts.path.removeprefix(ours.path)
    if parts.netloc == ours.netloc:
        for start in ("/f/", "/cards/"):
            if path.startswith(start):
                return path.removeprefix(start)
    raise NotFound("This address is not the page of one of our formulas.", pointer="/query/url")
