"""API v1: clicks by hour or day, as JSON and as CSV, for keys with the scope read:clicks."""

import csv
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, json, request

from service.clicks.queries import FACETS, ClickRow, Range, last_days, list_clicks
from service.clicks.schemas import ClickPageOut, ClicksQuery, TableQuery
from service.clicks.visits import COUNTED, OUTCOMES, REASONS
from service.shared.api import Blueprint
from service.shared.errors import BadInput
from service.shared.http_cache import NO_STORE
from service.shared.paging import decode_cursor

JSON: Final = "application/json"
CSV: Final = "text/csv"
DEFAULT_DAYS: Final = 30
MOST_ROWS: Final = 50_000

clicks = Blueprint("clicks", __name__, url_prefix="/api/v1", description="Clicks, added up")


@clicks.get("/clicks")
@clicks.arguments(ClicksQuery, location="query")
@clicks.response(200, ClickPageOut)
@clicks.alt_response(401)
@clicks.alt_response(403)
def get_clicks(query: dict[str, Any]) -> Response:
    """Clicks by hour or day, product, channel and placement, with the visits that are not counted, by reason."""
    within = _range_of(query)
    page = list_clicks(
        within,
        by=query["by"],
        only=_only(query),
        cursor=decode_cursor(query["cursor"]) if "cursor" in query else None,
        limit=query["limit"],
    )
    body = {
        "from": _text(within.since),
        "to": _text(within.until),
        "by": query["by"],
        "items": [_item(row) for row in page.rows],
        "next_cursor": page.next_cursor,
    }
    response = _answer(json.dumps(body), JSON)
    if page.next_cursor:
        again = {**request.args.to_dict(), "limit": query["limit"], "cursor": page.next_cursor}
        response.headers["Link"] = f'<{request.path}?{urlencode(again)}>; rel="next"'
    return response


@clicks.get("/clicks.csv")
@clicks.arguments(TableQuery, location="query")
@clicks.response(200, {"type": "string"}, content_type=CSV)
@clicks.alt_response(401)
@clicks.alt_response(403)
def get_clicks_csv(query: dict[str, Any]) -> Response:
    """The same rows as one CSV table (RFC 4180), UTF-8, with a heading."""
    return csv_of(_range_of(query), by=query["by"], only=_only(query))


def csv_of(within: Range, *, by: str, only: Mapping[str, str]) -> Response:
    """The rows of `list_clicks` as a file to keep. Raises BadInput where they are more than MOST_ROWS."""
    rows = list_clicks(within, by=by, only=only, cursor=None, limit=MOST_ROWS)
    if rows.next_cursor:
        raise BadInput(f"These are more than {MOST_ROWS:,} rows; ask for fewer days, or by=day.", pointer="/query/from")
    text = StringIO()
    table = csv.writer(text)
    table.writerow(["starts", "product", "channel", "placement", *OUTCOMES])
    for row in rows.rows:
        cells = (row.starts, row.product, row.channel, row.placement)
        table.writerow([*map(plain_cell, cells), *(row.outcomes[outcome] for outcome in OUTCOMES)])
    response = _answer(text.getvalue(), CSV)
    response.headers["Content-Disposition"] = 'attachment; filename="clicks.csv"'
    return response


def plain_cell(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would run as a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def _range_of(query: Mapping[str, Any]) -> Range:
    """What was asked for; an end that is not told is today's, a beginning DEFAULT_DAYS before the end."""
    until = query.get("until") or last_days(1, now=datetime.now(UTC)).until
    since = query.get("since") or until - timedelta(days=DEFAULT_DAYS)
    if since >= until:
        raise BadInput("`from` must come before `to`.", pointer="/query/from")
    return Range(since, until)


def _only(query: Mapping[str, Any]) -> dict[str, str]:
    return {name: query[name] for name in FACETS if name in query}


def _item(row: ClickRow) -> dict[str, Any]:
    return {
        "starts": row.starts,
        "product": row.product,
        "channel": row.channel,
        "placement": row.placement,
        "counted": row.outcomes[COUNTED],
        "filtered": {reason: row.outcomes[reason] for reason in REASONS},
    }


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _answer(body: str, mimetype: str) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Cache-Control"] = NO_STORE
    return response
