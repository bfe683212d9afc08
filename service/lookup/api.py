"""API v1: search."""

from typing import Any

from flask import Response, json
from marshmallow import Schema, fields, validate

from service.catalog.api_schemas import REVIEW_STATE, KeyCautionOut, TitleOut
from service.catalog.version import watch
from service.extensions import limiter
from service.lookup.index import CLASSES, Match
from service.lookup.queries import current_index
from service.shared.api import Blueprint, Query
from service.shared.http_cache import published

search = Blueprint("search", __name__, url_prefix="/api/v1", description="Look-up by any name")

PRINTABLE = validate.Predicate("isprintable", error="Leave out control characters.")


class SearchQuery(Query):
    q = fields.String(required=True, validate=[validate.Length(1, 100), PRINTABLE])
    kind = fields.String(validate=validate.OneOf(["formula", "herb"]))
    limit = fields.Integer(load_default=10, validate=validate.Range(1, 50))


class MatchOut(Schema):
    class_ = fields.String(required=True, data_key="class", validate=validate.OneOf(CLASSES))
    field = fields.String(required=True, metadata={"description": "The script of the name that matched."})
    text = fields.String(required=True)
    spans = fields.List(
        fields.List(fields.Integer(), validate=validate.Length(equal=2)),
        required=True,
        metadata={"description": "Half-open character ranges of text, for highlighting."},
    )


class ResultOut(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(["formula", "herb"]))
    slug = fields.String(required=True)
    title = fields.Nested(TitleOut, required=True)
    match = fields.Nested(MatchOut, required=True)
    caution = fields.Nested(KeyCautionOut, required=True, allow_none=True)
    review = fields.String(required=True, validate=REVIEW_STATE)


class SearchOut(Schema):
    query = fields.String(required=True)
    catalog_version = fields.Integer(required=True)
    results = fields.List(fields.Nested(ResultOut), required=True)


@search.get("/search")
@search.arguments(SearchQuery, location="query")
@search.response(200, SearchOut)
@search.alt_response(429)
@limiter.limit("600 per minute")
def find(query: dict[str, Any]) -> Response:
    """Formulas and herbs by a name in hanzi, pinyin (tones and spaces as you like), English or Latin."""
    matches = current_index().find(query["q"], kind=query.get("kind"), limit=query["limit"])
    body = {
        "query": query["q"],
        "catalog_version": watch()(),
        "results": [result_of(match) for match in matches],
    }
    return published(json.dumps(body, ensure_ascii=False), "application/json")


def result_of(match: Match) -> dict[str, Any]:
    """A match as the API and the pages show it."""
    return {
        "kind": match.entry.kind,
        "slug": match.entry.slug,
        "title": match.entry.summary["title"],
        "match": {
            "class": match.match_class,
            "field": match.field,
            "text": match.text,
            "spans": [list(span) for span in match.spans],
        },
        "caution": match.entry.summary["caution"],
        "review": match.entry.summary["review"],
    }
