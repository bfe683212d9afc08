"""Where a /go code leads. Nothing of the request but the code takes part in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from service.catalog.codes import LENGTH
from service.catalog.errors import FormulaWithdrawn
from service.catalog.queries import find_offered_by_code
from service.referrals.addresses import page_address
from service.referrals.book import Book, KnownProgram
from service.referrals.destinations import DestinationRefused, check_way, destination_of, ways_of
from service.referrals.offers import CHANNEL_OF_LETTER, OfferedFormula, Way, choose_way
from service.referrals.policy import Channel, LinkForm, cell_for
from service.shared.errors import Gone, NotFound


class LinkNotFound(NotFound):
    code = "link-not-found"
    title = "No such link"


class LinkEnded(Gone):
    code = "link-ended"
    title = "This link has ended"


# The key under which a view tells, in the WSGI environ, which link was followed.
FOLLOWED: Final = "formulary.followed"
# Where a link stands that names no placement of the book.
OTHER_PLACEMENT: Final = "other"


class Link(NamedTuple):
    """A link that may be followed: to which product, on which channel, and where it stands ("" where none is told)."""

    product: str
    channel: Channel
    placement: str


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a code leads: the vendor's URL, and the product and channel the code stands for."""

    url: str
    product: str
    channel: Channel


def link_of(product: str, channel: Channel, placement: str, book: Book) -> Link:
    """The link at a placement; one that the book does not know is `other`."""
    known = not placement or placement in book.placements
    return Link(product, channel, placement if known else OTHER_PLACEMENT)


def find_direct(code: str) -> tuple[str, Channel] | None:
    """The product and channel a code was issued for, for links that lead to the vendor without us."""
    channel = CHANNEL_OF_LETTER.get(code[LENGTH:])
    row = find_offered_by_code(code[:LENGTH]) if channel else None
    return (row.product, channel) if row and channel else None


def find_destination(code: str, placement: str, book: Book) -> Destination:
    """The vendor's URL, built anew and host-checked, of the same way to buy the product that its card offers.

    Where that way is a substitute which may not be redirected to, it is our page of the formula, which links to it.
    Raises LinkNotFound for a code that was never issued or whose channel has no redirect,
    LinkEnded where the product or its program is off, FormulaWithdrawn, and DestinationRefused.
    """
    channel = CHANNEL_OF_LETTER.get(code[LENGTH:])
    row = find_offered_by_code(code[:LENGTH]) if channel else None
    if row is None or channel is None:
        raise LinkNotFound("Look the formula up in the catalog instead.")
    if row.status == "withdrawn":
        raise FormulaWithdrawn(f"{row.formula} is no longer recommended here.")
    formula = OfferedFormula.read(row.formula, row.offered)
    product = next((found for found in formula.products if found["slug"] == row.product), None)
    way = _get_way(product, book)
    if cell_for(way.program.kind, channel, way.program.policy).link is LinkForm.GO:
        known = placement if placement in book.placements else ""
        return Destination(destination_of(way.product, way.program, known), row.product, channel)
    if way.is_substitute:
        return Destination(page_address(row.formula, book.public_url), row.product, channel)
    raise LinkNotFound(f"{way.program.seller} is linked directly, never through a redirect.")


def _check_made(way: Mapping[str, Any], program: KnownProgram) -> None:
    """Raises DestinationRefused without the URL that was refused: it is the owner's to read, in the health of links."""
    try:
        check_way(way, program)
    except DestinationRefused as refusal:
        raise DestinationRefused(
            "Its link is being put right. Look the formula up in the catalog instead."
        ) from refusal


def _get_way(product: Mapping[str, Any] | None, book: Book) -> Way:
    """The way the card offers. Raises LinkEnded, or DestinationRefused where a link exists but cannot be made."""
    way = choose_way(product, book) if product else None
    if way is not None:
        return way
    for refused in ways_of(product) if product else []:
        program = book.programs.get(refused["program"])
        if program is not None and program.enabled:
            _check_made(refused, program)
    raise LinkEnded("The product is no longer offered through us. Look the formula up in the catalog instead.")
