"""QR codes of a formula's page, as images."""

from flask import Blueprint, Response, request

from service.catalog.queries import get_published_formula
from service.referrals.offers import OfferedFormula
from service.referrals.queries import current_book
from service.shared.errors import BadInput
from service.shared.http_cache import published
from service.sharing.qr import SCALES, draw_png, draw_svg, qr_target

qr_codes = Blueprint("qr_codes", __name__)


@qr_codes.get("/f/<slug>/qr.svg")
def qr_svg(slug: str) -> Response:
    if request.args:
        raise BadInput("The SVG fits any size and takes no options.", pointer="/query")
    found = get_published_formula(slug)
    formula = OfferedFormula.read(slug, found.offered)
    image = draw_svg(qr_target(formula, current_book()), title=f"QR code: the page of {formula.title}")
    return published(image, "image/svg+xml", last_modified=found.published_at)


@qr_codes.get("/f/<slug>/qr.png")
def qr_png(slug: str) -> Response:
    unknown = [name for name in request.args if name != "size"]
    if unknown:
        raise BadInput("The PNG takes the option size, and no other.", pointer="/query")
    size = request.args.get("size", "medium")
    if size not in SCALES:
        raise BadInput(f"size is one of {', '.join(SCALES)}.", pointer="/query/size")
    found = get_published_formula(slug)
    image = draw_png(qr_target(OfferedFormula.read(slug, found.offered), current_book()), size=size)
    return published(image, "image/png", known_arguments=("size",), last_modified=found.published_at)
