"""The public surfaces of a formula: the catalog page, its own page, and its card."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from service.cards.presenter import CautionView, TitleView, view_caution, view_formula, view_title
from service.cards.snippets import iframe_of
from service.catalog.queries import list_published
from service.lookup.index import Match
from service.lookup.queries import current_index
from service.referrals.queries import current_book
from service.shared.errors import BadInput
from service.shared.http_cache import published
from service.shared.paging import decode_cursor

HTML = "text/html"
THEMES = ("auto", "light", "dark")
ON_THE_HOME_PAGE = 24
SEARCH_LIMIT = 20

pages = Blueprint("pages", __name__, template_folder="templates")
cards = Blueprint("cards", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class ItemView:
    """A line of the catalog."""

    slug: str
    title: TitleView
    caution: CautionView | None
    snippet: Markup


@dataclass(frozen=True, slots=True)
class ResultView:
    """A line of the answers: `parts` is the matched name, cut where it matched."""

    kind: str
    href: str | None
    title: TitleView
    field: str
    parts: list[tuple[str, bool]]
    caution: CautionView | None


@pages.get("/")
def home() -> Response:
    query = request.args.get("q", "").strip()
    if len(query) > 100 or not query.isprintable():
        raise BadInput("Look up at most 100 printable characters.", pointer="/query/q")
    cursor = request.args.get("cursor", "")
    page = list_published("formula", after=decode_cursor(cursor) if cursor else "", limit=ON_THE_HOME_PAGE)
    items = [_item(json.loads(row.summary)) for row in page.rows]
    book = current_book()
    body = render_template(
        "home.html",
        query=query,
        results=[_result(match) for match in current_index().find(query, limit=SEARCH_LIMIT)] if query else None,
        items=items,
        next_cursor=page.next_cursor,
        preview=items[0].snippet if items else "",
        practice=book.practice,
        public_url=book.public_url,
    )
    return published(body, HTML, known_arguments=("cursor",))


@pages.get("/f/<slug>")
def formula_page(slug: str) -> Response:
    view = view_formula(slug)
    oembed = f"{current_book().public_url}/oembed?{urlencode({'url': view.page_url, 'format': 'json'})}"
    body = render_template("formula.html", view=view, snippet=iframe_of(view), oembed_url=oembed)
    response = published(body, HTML, last_modified=view.published_at, valid_until=view.valid_until)
    response.headers["Link"] = f'<{oembed}>; rel="alternate"; type="application/json+oembed"'
    return response


@cards.get("/cards/<slug>")
def card(slug: str) -> Response:
    theme = request.args.get("theme", "auto")
    unknown = [name for name in request.args if name != "theme"]
    if unknown:
        raise BadInput("A card takes the option theme, and no other.", pointer="/query")
    if theme not in THEMES:
        raise BadInput(f"theme is one of {', '.join(THEMES)}.", pointer="/query/theme")
    view = view_formula(slug)
    body = render_template("card.html", view=view, theme=theme)
    return published(
        body, HTML, known_arguments=("theme",), last_modified=view.published_at, valid_until=view.valid_until
    )


def _item(summary: dict[str, Any]) -> ItemView:
    slug = summary["slug"]
    caution = summary.get("caution")
    return ItemView(
        slug=slug,
        title=view_title(slug, summary["title"]),
        caution=view_caution(caution) if caution else None,
        snippet=iframe_of(view_formula(slug)),
    )


def _result(match: Match) -> ResultView:
    summary = match.entry.summary
    caution = summary.get("caution")
    return ResultView(
        kind=match.entry.kind,
        href=f"/f/{match.entry.slug}" if match.entry.kind == "formula" else f"/api/v1/herbs/{match.entry.slug}",
        title=view_title(match.entry.slug, summary["title"]),
        field=match.field.replace("_", "-"),
        parts=_cut(match.text, match.spans),
        caution=view_caution(caution) if caution else None,
    )


def _cut(text: str, spans: tuple[tuple[int, int], ...]) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it matched."""
    pieces, place = [], 0
    for start, end in spans:
        pieces += [(text[place:start], False), (text[start:end], True)]
        place = end
    return [piece for piece in [*pieces, (text[place:], False)] if piece[0]]
