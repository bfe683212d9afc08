"""QR codes (ISO/IEC 18004) of a formula's page, for print.

Error correction M, a quiet zone of four modules, and always dark on white: many readers take no other.
"""

import io
from collections.abc import Mapping
from typing import Final

import segno

from service.referrals.addresses import Preset, page_address, short_address, with_utm
from service.referrals.book import Book
from service.referrals.offers import OfferedFormula

QUIET_ZONE: Final = 4
DARK, LIGHT = "#000", "#fff"
# Pixels to a module. With the 41 modules of a usual address, large is 984 pixels: 83 mm at 300 dpi.
SCALES: Final[Mapping[str, int]] = {"small": 4, "medium": 10, "large": 24}


def qr_target(formula: OfferedFormula, book: Book) -> str:
    """What the code says: our own page's shortest address with the print preset, never a vendor's link."""
    url = short_address(formula.short_name, book.public_url) or page_address(formula.slug, book.public_url)
    return with_utm(url, Preset.PRINT, slug=formula.slug, public_url=book.public_url)


def draw_svg(target: str, *, title: str) -> str:
    """The code as an SVG image that scales to any size, its title for those who hear it."""
    drawn = io.BytesIO()
    # Sizes stand in the view box alone; classes would ask for a style sheet.
    _make(target).save(
        drawn,
        kind="svg",
        border=QUIET_ZONE,
        dark=DARK,
        light=LIGHT,
        title=title,
        xmldecl=False,
        omitsize=True,
        svgclass=None,
        lineclass=None,
    )
    return drawn.getvalue().decode()


def draw_png(target: str, *, size: str) -> bytes:
    """The code as a PNG image; `size` is a key of SCALES."""
    drawn = io.BytesIO()
    _make(target).save(drawn, kind="png", border=QUIET_ZONE, scale=SCALES[size], dark=DARK, light=LIGHT)
    return drawn.getvalue()


def _make(target: str) -> segno.QRCode:
    return segno.make_qr(target, error="m", boost_error=False)
