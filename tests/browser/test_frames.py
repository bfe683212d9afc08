"""A card whose product has more to disclose still fits in the frame that is kept for it."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext

from service.catalog.actions import raise_catalog_version, save_formula
from service.catalog.queries import get_formula
from service.catalog.schemas import FormulaIn
from service.extensions import transaction
from service.publishing.actions import publish_formula, read_surroundings
from service.referrals.queries import current_book, find_discount, find_program
from tests.browser.looking import MEASURE_CARD
from tests.conftest import PUBLIC_URL

pytestmark = pytest.mark.browser

WIDTHS: Final = (256, 320, 400, 480, 560, 640)
FONTS: Final = ("DejaVu Sans", "Liberation Sans")
PROP_65: Final = (
    "WARNING: This product can expose you to chemicals including lead, which is known to the State of California to "
    "cause cancer and birth defects or other reproductive harm. For more information go to www.P65Warnings.ca.gov."
)
NOTE: Final = (
    "Their letter 88 to this practice, which lets it tell the discount of its patients on pages and cards. " * 3
)


def disclose_more(slug: str) -> None:
    """Give a formula's products all that may be told of them, and the public a discount by permission."""
    document: dict[str, Any] = FormulaIn().dump(get_formula(slug))
    for product in document["products"]:
        product["prop_65"] = PROP_65
        product["omits"] = [row["herb"] for row in document["ingredients"][:2]]
    graver = [caution for caution in document["cautions"] if caution["grade"] == "contraindicated"]
    for number in range(5):
        # So that a liniment's warnings stand in a line of their own.
        document["cautions"].insert(0, {**graver[-1], "key": f"new_{number}", "subjects": [f"population:new-{number}"]})
    program, discount = find_program("fullscript"), find_discount("fullscript-patients")
    assert program is not None
    assert discount is not None
    with transaction():
        save_formula(FormulaIn().load(document))
        publish_formula(slug, by="x", reason="x", around=read_surroundings(), book=current_book())
        permission = {"note": NOTE.strip(), "given_on": "2026-01-02"}
        program.policy = {"public_web": {"discount": "figure", "permission": permission}}
        discount.audience = "public"
        raise_catalog_version()


@pytest.mark.parametrize("slug", ["du-huo-ji-sheng-tang", "zheng-gu-shui"])
def test_a_card_with_every_note_and_permission_fits_its_frame(
    app: Flask, open_context: Callable[..., BrowserContext], slug: str
) -> None:
    disclose_more(slug)
    client = app.test_client()
    card = client.get(f"/cards/{slug}").text
    assert "P65Warnings" in card
    is_liniment = slug == "zheng-gu-shui"
    assert ('class="warnings"' in card, "By written permission" in card) == (is_liniment, not is_liniment)
    page = open_context().new_page()
    for width in WIDTHS:
        frame = client.get("/oembed", query_string={"url": f"{PUBLIC_URL}/f/{slug}", "maxwidth": width}).json
        assert frame is not None
        page.set_viewport_size({"width": width, "height": frame["height"]})
        page.set_content(card)
        for font in FONTS:
            page.evaluate("font => { document.documentElement.style.fontFamily = font }", font)
            measured: dict[str, Any] = page.evaluate(MEASURE_CARD)
            assert measured["scrollHeight"] <= measured["clientHeight"], (width, font, measured)
            assert measured["clientHeight"] <= 1.3 * measured["content"], (width, font, measured)
