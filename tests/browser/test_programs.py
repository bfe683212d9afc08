"""The owner's pages of programs and discounts: by keyboard alone, in light and in dark, wide and narrow."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import fetch
from tests.browser.looking import watch
from tests.browser.test_console import Open, enter, look_at

pytestmark = pytest.mark.browser

LETTER = "Their letter of 2 January allows it."


def go_to(page: Page, name: str, *, within: str = "") -> None:
    """Go on with Tab until the control whose label begins so is reached, in the group of this name where one is."""
    for _ in range(120):
        page.keyboard.press("Tab")
        told = page.evaluate(
            """() => {
              const at = document.activeElement;
              const label = at.labels?.[0]?.textContent ?? at.textContent;
              return [label.trim(), at.closest("fieldset")?.querySelector("legend").textContent ?? ""];
            }"""
        )
        if told[0].startswith(name) and told[1] == (within or told[1]):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    pytest.fail(f"Tab does not lead to {name!r} {within}")


def test_a_cell_is_loosened_and_a_discount_ended_by_keyboard(
    open_context: Open,
    service: str,
    link: str,
    output: Path,
) -> None:
    context = open_context(color_scheme="light")
    seen = watch(context)
    page = context.new_page()
    enter(page, link)
    go_to(page, "Programs")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Programs", exact=True)).to_be_visible()
    go_to(page, "Edit Fullscript")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Fullscript", exact=True)).to_be_visible()

    go_to(page, "Discount", within="Public web")
    page.keyboard.type("told with its figure")
    go_to(page, "Save")
    page.keyboard.press("Enter")
    expect(page).to_have_title("Error: Fullscript · Formulary")
    refused = page.get_by_role("group", name="Public web")
    expect(refused.get_by_label("Discount")).to_have_value("figure")
    expect(refused.get_by_label("Permission")).to_have_attribute("aria-invalid", "true")
    page.screenshot(path=output / "console-program-refused.png", full_page=True)

    go_to(page, "This loosens the default")
    page.keyboard.press("Enter")
    expect(refused.get_by_label("Permission")).to_be_focused()
    page.keyboard.type(LETTER)
    page.keyboard.press("Tab")
    page.keyboard.type("01022026")
    go_to(page, "Save")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    preview = page.get_by_role("row", name="Public web")
    # The seed's discount is for patients alone, so nothing here rests on the permission yet.
    expect(preview).to_contain_text("Patient pricing shows after you sign in.")
    expect(preview).not_to_contain_text(LETTER)
    page.goto(f"{service}/console/programs")
    expect(page.get_by_text(f"By written permission of 2 January 2026: {LETTER}")).to_be_visible()

    assert "Patient pricing shows after you sign in." in fetch(service, "/cards/du-huo-ji-sheng-tang")[2]
    page.goto(f"{service}/console/discounts")
    go_to(page, "End it now")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The discount is over.")
    assert "Patient pricing shows after you sign in." not in fetch(service, "/cards/du-huo-ji-sheng-tang")[2]
    # Chromium writes down the one refusal.
    assert seen.complaints == [
        "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_reads_in_light_and_in_dark_wide_and_narrow(
    open_context: Open,
    service: str,
    link: str,
    theme: str,
    width: int,
    output: Path,
) -> None:
    context = open_context(width, color_scheme=theme)
    seen = watch(context)
    page = context.new_page()
    enter(page, link)
    pages = {
        "programs": "programs",
        "program": "programs/fullscript",
        "program-new": "programs/new?preset=awin",
        "discounts": "discounts",
        "discount": "discounts/fullscript-patients",
        "discount-new": "discounts/new",
        "products": "products",
        "product": "products/zheng-gu-shui-regular",
    }
    for name, path in pages.items():
        page.goto(f"{service}/console/{path}")
        look_at(page, width, output / f"console-{name}-{theme}-{width}.png")
    assert seen.complaints == []
