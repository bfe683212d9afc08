"""API v1: formulas and herbs, as published."""

from typing import Any

from flask import Response, request

from service.accounts.guards import require_scope
from service.catalog.api_schemas import (
    FormulaOut,
    FormulaPageOut,
    HerbOut,
    HerbPageOut,
    PageQuery,
    ViewQuery,
)
from service.catalog.queries import get_published, list_published
from service.shared.api import Blueprint
from service.shared.http_cache import private, published
from service.shared.paging import decode_cursor

JSON = "application/json"

formulas = Blueprint(
    "formulas",
    __name__,
    url_prefix="/api/v1/formulas",
    description="Formulas and liniments",
)
herbs = Blueprint("herbs", __name__, url_prefix="/api/v1/herbs", description="Their herbs")


@formulas.get("")
@formulas.arguments(PageQuery, location="query")
@formulas.response(200, FormulaPageOut)
def list_formulas(query: dict[str, Any]) -> Response:
    """Published formulas in the order of their slugs, a page at a time."""
    return _page("formula", query)


@formulas.get("/<slug>")
@formulas.arguments(ViewQuery, location="query")
@formulas.response(200, FormulaOut)
@formulas.alt_response(404)
@formulas.alt_response(410)
def get_formula(query: dict[str, Any], slug: str) -> Response:
    """One published formula, with its cautions and their sources."""
    return _body("formula", slug, query)


@herbs.get("")
@herbs.arguments(PageQuery, location="query")
@herbs.response(200, HerbPageOut)
def list_herbs(query: dict[str, Any]) -> Response:
    """Published herbs in the order of their slugs, a page at a time."""
    return _page("herb", query)


@herbs.get("/<slug>")
@herbs.arguments(ViewQuery, location="query")
@herbs.response(200, HerbOut)
@herbs.alt_response(404)
def get_herb(query: dict[str, Any], slug: str) -> Response:
    """One published herb, with its names and its own cautions."""
    return _body("herb", slug, query)


def _body(kind: str, slug: str, query: dict[str, Any]) -> Response:
    if query["view"] == "practitioner":
        require_scope("read:practitioner")
        return private(get_published(kind, slug, practitioner=True).body, JSON)
    found = get_published(kind, slug)
    return published(found.body, JSON, known_arguments=("view",), last_modified=found.published_at)


def _page(kind: str, query: dict[str, Any]) -> Response:
    after = decode_cursor(query["cursor"]) if "cursor" in query else ""
    page = list_published(kind, after=after, limit=query["limit"])
    cursor = f'"{page.next_cursor}"' if page.next_cursor else "null"
    items = ",".join(row.summary for row in page.rows)
    response = published(
        f'{{"items":[{items}],"next_cursor":{cursor}}}',
        JSON,
        known_arguments=("limit", "cursor"),
    )
    if page.next_cursor:
        link = f"{request.path}?limit={query['limit']}&cursor={page.next_cursor}"
        response.headers["Link"] = f'<{link}>; rel="next"'
    return response
