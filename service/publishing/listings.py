"""Verbs on listings: the owner's own ways to buy a product. They flush and never commit.

A listing stands beside its formula's document and is laid over it when the formula is published, so that the seed, and
what is being edited, stay what they are.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from service.catalog.queries import list_offered_of
from service.extensions import db
from service.publishing.actions import read_surroundings, refresh_formula
from service.publishing.bodies import SOLD_BY
from service.referrals.destinations import DestinationRefused, check_way, ways_of
from service.referrals.models import Listing
from service.referrals.offers import OfferedFormula
from service.referrals.queries import find_listing, find_program, known_program
from service.referrals.schemas import ListingIn
from service.shared.errors import BadInput, NotFound


class ProductNotFound(NotFound):
    code = "product-not-found"
    title = "No such product"


def list_product(product: str, data: Mapping[str, Any], *, by: str) -> None:
    """Sell a product of a published formula by these ways, at every placement, and publish that.

    Raises ProductNotFound, and BadInput (pointer `/ways/<position>`) for a way whose program is not there or whose link
    cannot be made.
    """
    formula, sold = get_sold(product)
    for position, way in enumerate(ways_of(data)):
        _check_way(way, f"/ways/{position}")
    if ListingIn().dump(data) == {key: value for key, value in sold.items() if key in SOLD_BY}:
        return
    listing = find_listing(product) or Listing(product=product)
    listing.program, listing.destination = data["program"], data["destination"]
    listing.substitutes, listing.retail_price = data.get("substitutes", []), data.get("retail_price")
    listing.edited_by, listing.edited_at = by, datetime.now(UTC).replace(microsecond=0)
    db.session.add(listing)
    db.session.flush()
    refresh_formula(formula, by=by, reason=f"the links of {product}", around=read_surroundings())


def unlist_product(product: str, *, by: str) -> None:
    """Sell a product by what its formula's document says again, and publish that. Raises ProductNotFound."""
    formula, _ = get_sold(product)
    listing = find_listing(product)
    if listing is None:
        return
    db.session.delete(listing)
    db.session.flush()
    refresh_formula(formula, by=by, reason=f"the links of {product}", around=read_surroundings())


def get_sold(product: str) -> tuple[str, Mapping[str, Any]]:
    """The published formula that has a product, and the product as it is sold now. Raises ProductNotFound."""
    for formula, offered in list_offered_of({product}):
        for sold in OfferedFormula.read(formula, offered).products:
            if sold["slug"] == product:
                return formula, sold
    raise ProductNotFound(f"No published formula has a product {product!r}.")


def _check_way(way: Mapping[str, Any], pointer: str) -> None:
    program = find_program(way["program"])
    if program is None:
        raise BadInput(f"There is no program {way['program']!r}; choose another.", pointer=pointer)
    try:
        check_way(way, known_program(program))
    except DestinationRefused as refusal:
        raise BadInput(refusal.detail, pointer=pointer) from refusal
