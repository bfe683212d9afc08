"""The public surfaces of a formula: the catalog page, its own page, and its card."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from service.cards.heights import WIDE, card_height
from service.cards.presenter import (
    CautionView,
    FormulaView,
    TitleView,
    view_caution,
    view_formula,
    view_title,
)
from service.cards.snippets import iframe_of
from service.cards.structured_data import structured_data
from service.catalog.queries import (
    PublishedFormula,
    get_formula_by_short_name,
    get_published_formula,
    list_published_formulas,
)
from service.catalog.review import state_sentence
from service.catalog.short_names import fold, is_typed_name
from service.extensions import limiter
from service.lookup.index import Match
from service.lookup.queries import current_index
from service.referrals.queries import current_book
from service.shared.errors import BadInput, NotFound
from service.shared.http_cache import published
from service.shared.paging import decode_cursor

HTML = "text/html"
THEMES = ("auto", "light", "dark")
ON_THE_HOME_PAGE = 24
SEARCH_LIMIT = 20

pages = Blueprint("pages", __name__, template_folder="templates")
cards = Blueprint("cards", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class ResultView:
    """A line of the answers: `parts` is the matched name, cut where it matched."""

    kind: str
    href: str | None
    title: TitleView
    field: str
    parts: list[tuple[str, bool]]
    caution: CautionView | None
    review: str


@pages.get("/")
@limiter.limit("600 per minute", exempt_when=lambda: "q" not in request.args)
def home() -> Response:
    query = request.args.get("q", "").strip()
    if len(query) > 100 or not query.isprintable():
        raise BadInput("Look up at most 100 printable characters.", pointer="/query/q")
    return _answers(query) if query else _catalog(request.args.get("cursor", ""))


def _answers(query: str) -> Response:
    results = [_result(match) for match in current_index().find(query, limit=SEARCH_LIMIT)]
    body = render_template("answers.html", query=query, results=results, practice=current_book().practice)
    return published(body, HTML)


def _catalog(cursor: str) -> Response:
    book, now = current_book(), datetime.now(UTC)
    page = list_published_formulas(after=decode_cursor(cursor) if cursor else "", limit=ON_THE_HOME_PAGE)
    views = [view_formula(row, book=book, now=now) for row in page.rows]
    body = render_template(
        "home.html",
        items=[(view, iframe_of(view)) for view in views],
        next_cursor=page.next_cursor,
        preview_height=card_height(views[0], WIDE) if views else 0,
        practice=book.practice,
        public_url=book.public_url,
    )
    boundaries = [view.valid_until for view in views if view.valid_until]
    return published(body, HTML, known_arguments=("cursor",), valid_until=min(boundaries, default=None))


@pages.get("/f/<slug>")
def formula_page(slug: str) -> Response:
    return _formula_page(get_published_formula(slug), keep=True)


@pages.get("/<short_name>")
def short_page(short_name: str) -> Response:
    """The page itself, its canonical address told, so that what was said on the phone needs no redirect."""
    if not is_typed_name(short_name):
        raise NotFound("There is nothing at this address.")
    found = get_formula_by_short_name(short_name)
    # Of the many spellings only the two that are told are kept.
    return _formula_page(found.formula, keep=short_name in (found.short_name, fold(found.short_name)))


def _formula_page(formula: PublishedFormula, *, keep: bool) -> Response:
    view = view_formula(formula, book=current_book(), now=datetime.now(UTC), placement="page")
    oembed = f"{current_book().public_url}/oembed?{urlencode({'url': view.page_url, 'format': 'json'})}"
    body = render_template(
        "formula.html", structured_data=structured_data(view), view=view, snippet=iframe_of(view), oembed_url=oembed
    )
    response = published(
        body,
        HTML,
        any_campaign=True,
        keep=keep,
        last_modified=view.published_at,
        valid_until=view.valid_until,
    )
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
    view = _view(slug, "card")
    body = render_template("card.html", view=view, theme=theme)
    return published(
        body,
        HTML,
        known_arguments=("theme",),
        last_modified=view.published_at,
        valid_until=view.valid_until,
    )


def _view(slug: str, placement: str) -> FormulaView:
    return view_formula(get_published_formula(slug), book=current_book(), now=datetime.now(UTC), placement=placement)


def _result(match: Match) -> ResultView:
    summary = match.entry.summary
    caution = summary.get("caution")
    return ResultView(
        kind=match.entry.kind,
        href=f"/f/{match.entry.slug}" if match.entry.kind == "formula" else None,
        title=view_title(match.entry.slug, summary["title"]),
        field=match.field.replace("_", "-"),
        parts=_cut(match.text, match.spans),
        caution=view_caution(caution) if caution else None,
        review=state_sentence(summary["review"]),
    )


def _cut(text: str, spans: tuple[tuple[int, int], ...]) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it matched."""
    pieces, place = [], 0
    for start, end in spans:
        pieces += [(text[place:start], False), (text[start:end], True)]
        place = end
    return [piece for piece in [*pieces, (text[place:], False)] if piece[0]]
