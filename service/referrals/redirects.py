"""Where a /go code leads. Nothing of the request but the code takes part in it."""

from service.catalog.codes import LENGTH
from service.catalog.errors import FormulaWithdrawn
from service.catalog.queries import find_offered_by_code
from service.referrals.book import Book
from service.referrals.offers import CHANNEL_OF_LETTER, OfferedFormula, destination_of
from service.referrals.policy import LinkForm, cell_for
from service.shared.errors import Gone, NotFound


class LinkNotFound(NotFound):
    code = "link-not-found"
    title = "No such link"


class LinkEnded(Gone):
    code = "link-ended"
    title = "This link has ended"


def find_destination(code: str, book: Book) -> str:
    """The vendor's URL, built anew and host-checked.

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
    program = book.programs.get(product["program"]) if product else None
    if product is None or program is None or not program.enabled:
        raise LinkEnded("The product is no longer offered through us. Look the formula up in the catalog instead.")
    if cell_for(program.kind, channel, program.policy).link is not LinkForm.GO:
        raise LinkNotFound(f"{program.seller} is linked directly, never through a redirect.")
    return destination_of(product, program)
