"""The share kit: everything to send, print or say about a formula, and where it is bought."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, request

from service.accounts.guards import current_person
from service.cards.presenter import TitleView, view_title
from service.catalog.queries import PublishedFormula, get_published_formula, list_published_formulas
from service.console.frame import PRACTITIONERS, render_page
from service.partners.queries import is_connected
from service.referrals.book import Book
from service.referrals.offers import Offer, OfferedFormula, OfferSet, offers_for
from service.referrals.policy import Channel
from service.referrals.queries import current_book
from service.shared.paging import DEFAULT_LIMIT, decode_cursor
from service.sharing.presenter import view_share

console_sharing = Blueprint("console_sharing", __name__, url_prefix="/console", template_folder="templates")


@dataclass(frozen=True, slots=True)
class SharedView:
    """A line of the list: a formula, and its short name where it has one."""

    slug: str
    title: TitleView
    short_name: str | None


@dataclass(frozen=True, slots=True)
class OfferView:
    """One way to buy with all that stands beside it; `is_flagged` where its link is known to be dead."""

    offer: Offer
    notes: tuple[str, ...]
    facts: Mapping[str, Any] | None
    is_flagged: bool


@console_sharing.get("/share")
def formulas() -> Response:
    cursor = request.args.get("cursor", "")
    page = list_published_formulas(after=decode_cursor(cursor) if cursor else "", limit=DEFAULT_LIMIT)
    may_plan = current_person().role in PRACTITIONERS and is_connected(current_app.config["FORMULARY"])
    return render_page(
        "console/share_list.html",
        formulas=[_line(row) for row in page.rows],
        next_cursor=page.next_cursor,
        may_plan=may_plan,
    )


@console_sharing.get("/share/<slug>")
def kit(slug: str) -> Response:
    """The texts name no condition: they may be read by others on a locked screen."""
    formula, book, now = get_published_formula(slug), current_book(), datetime.now(UTC)
    body = json.loads(formula.public)
    products = {product["slug"]: product for product in body["products"]}
    found = _offers(formula, book, now)
    return render_page(
        "console/share.html",
        share=view_share(formula, book=book, now=now),
        title=view_title(slug, body["title"]),
        offers=[_offer_view(offer, found, products[offer.product]) for offer in found.offers],
        statements=[told.text for told in found.disclosures if told.product is None],
        unavailable=[products[product]["name"] for product in found.unavailable],
    )


def _offers(formula: PublishedFormula, book: Book, now: datetime) -> OfferSet:
    offered = OfferedFormula.read(formula.slug, formula.offered)
    return offers_for(offered, Channel.CONSOLE, book=book, now=now, placement="console")


def _offer_view(offer: Offer, found: OfferSet, product: Mapping[str, Any]) -> OfferView:
    """An offer with what is told of its product; its facts are told whole, so not by their name."""
    notes = [told for told in found.disclosures if told.product == offer.product and told.where == "with_product"]
    return OfferView(
        offer=offer,
        notes=tuple(told.text for told in notes if told.kind != "drug_facts"),
        facts=product.get("drug_facts"),
        is_flagged=offer.product in found.flagged,
    )


def _line(row: PublishedFormula) -> SharedView:
    title = view_title(row.slug, json.loads(row.public)["title"])
    return SharedView(row.slug, title, OfferedFormula.read(row.slug, row.offered).short_name)
