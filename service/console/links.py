"""The health of every link: what the last check found, and which way to buy is offered now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, request

from service.console.frame import render_page
from service.referrals.book import Book
from service.referrals.links import LinkHealth, Verdict
from service.referrals.offers import Way, choose_way
from service.referrals.queries import current_book, list_links, list_products
from service.shared.paging import DEFAULT_LIMIT, decode_cursor

# The tone and the word of each verdict; none is that of a URL nobody has checked yet.
TONE_AND_WORD: Final[Mapping[Verdict | None, tuple[str, str]]] = {
    None: ("note", "Not checked yet"),
    Verdict.ALIVE: ("good", "Works"),
    Verdict.BLOCKED: ("note", "Cannot be told"),
    Verdict.DEAD: ("wrong", "Gone"),
    Verdict.WRONG: ("wrong", "Leads wrong"),
    Verdict.UNKNOWN: ("wrong", "Faulty"),
}

console_links = Blueprint("console_links", __name__, url_prefix="/console", template_folder="templates")


@dataclass(frozen=True, slots=True)
class LinkView:
    """One way to buy a product; `url` is told as text, since Amazon wants no link to it behind a sign-in."""

    product: str
    name: str
    way: str
    url: str | None
    tone: str
    word: str
    is_flagged: bool
    reason: str | None
    failures: int
    checked_at: datetime | None
    offered: str


@console_links.get("/links")
def health() -> Response:
    cursor = request.args.get("cursor", "")
    book = current_book()
    page = list_links(book, after=decode_cursor(cursor) if cursor else "", limit=DEFAULT_LIMIT)
    products = list_products()
    return render_page(
        "console/links.html",
        links=[_view(found, products[found.link.product], book) for found in page.rows],
        next_cursor=page.next_cursor,
    )


def _view(health: LinkHealth, product: Mapping[str, Any], book: Book) -> LinkView:
    link = health.link
    tone, word = TONE_AND_WORD[health.verdict]
    return LinkView(
        product=link.product,
        name=product["name"],
        way=_way_in_words(link.position, book.programs[link.program].seller),
        url=link.url,
        tone=tone,
        word=word,
        is_flagged=health.is_flagged,
        reason=health.reason or link.fault,
        failures=health.failures,
        checked_at=health.checked_at,
        offered=_offered(link.position, choose_way(product, book)),
    )


def _way_in_words(position: int, seller: str) -> str:
    return f"{seller}, substitute {position}" if position else f"{seller}, its own link"


def _offered(position: int, way: Way | None) -> str:
    """Which way to buy the product is offered now, said of the way at a position."""
    if way is None:
        return "Nothing: none of its links can be made."
    if way.position == position:
        return "This one, since nothing else is left." if way.is_dead else "This one."
    stands_in = ", stands in" if way.is_substitute else ""
    return f"{_way_in_words(way.position, way.program.seller)}{stands_in}."
