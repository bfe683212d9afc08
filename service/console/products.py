"""The owner's pages of products: the ways to buy each, in order, and its retail price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from service.accounts.guards import current_person
from service.catalog.terms import CURRENCIES
from service.console.forms import REFUSALS, Form, refuse_stale, seen_of
from service.console.frame import done, render_page
from service.console.product_form import choices_of, filled_from, read_listing, refuse, rows_of
from service.console.programs import EditView, view_edit
from service.extensions import transaction
from service.publishing.listings import get_sold, list_product, unlist_product
from service.referrals.destinations import ways_of
from service.referrals.models import Program
from service.referrals.queries import find_listing, list_listings, list_products, list_programs
from service.shared.paging import DEFAULT_LIMIT, decode_cursor, page_of

products = Blueprint("console_products", __name__, url_prefix="/console/products", template_folder="templates")


@dataclass(frozen=True, slots=True)
class ProductLine:
    """A product as it is sold."""

    slug: str
    name: str
    sellers: Sequence[str]
    retail_price: str | None
    is_listed_here: bool


@products.get("")
def list_all() -> Response:
    cursor = request.args.get("cursor", "")
    after = decode_cursor(cursor) if cursor else ""
    found = [product for slug, product in sorted(list_products().items()) if slug > after]
    page = page_of(found[: DEFAULT_LIMIT + 1], limit=DEFAULT_LIMIT, key=lambda product: str(product["slug"]))
    programs, listings = _programs(), list_listings()
    return render_page(
        "console/products.html",
        products=[_line(product, programs, product["slug"] in listings) for product in page.rows],
        next_cursor=page.next_cursor,
    )


@products.get("/<slug>")
def one(slug: str) -> Response:
    filled = filled_from(get_sold(slug)[1], _programs())
    return _one(slug, Form({**filled, "seen": seen_of(find_listing(slug))}))


@products.post("/<slug>")
def one_sent(slug: str) -> Response:
    form = Form.sent_in_print()
    try:
        refuse_stale(form, find_listing(slug))
        data = read_listing(form, _programs())
        with transaction():
            list_product(slug, data, by=current_person().name)
    except REFUSALS as fault:
        return _one(slug, refuse(form.refused(fault)))
    return done(f"/console/products/{slug}", "saved")


@products.post("/<slug>/unlist")
def unlist_sent(slug: str) -> Response:
    with transaction():
        unlist_product(slug, by=current_person().name)
    return done(f"/console/products/{slug}", "saved")


def _one(slug: str, form: Form) -> Response:
    (_, product), programs, listing = get_sold(slug), _programs(), find_listing(slug)
    edit: EditView | None = view_edit(listing) if listing is not None else None
    return render_page(
        "console/product.html",
        form=form,
        product=_line(product, programs, listing is not None),
        edit=edit,
        choices=choices_of(programs),
        ways=rows_of(form),
        currencies=[(currency, currency) for currency in CURRENCIES],
    )


def _programs() -> dict[str, Program]:
    return {program.key: program for program in list_programs()}


def _line(product: Mapping[str, Any], programs: Mapping[str, Program], is_listed_here: bool) -> ProductLine:
    price = product.get("retail_price")
    sellers = [
        programs[way["program"]].seller if way["program"] in programs else way["program"] for way in ways_of(product)
    ]
    told = f"{price['amount']} {price['currency']}, as of {price['as_of']}" if price else None
    return ProductLine(product["slug"], product["name"], sellers, told, is_listed_here)
