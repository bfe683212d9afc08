"""The way into the console, as a person goes it: by keyboard alone, without script, in light and in dark."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.looking import PALE_TEXT, watch

pytestmark = pytest.mark.browser

WORDS: Final = "river lamp sixteen walnut"
# Controls smaller than WCAG 2.2's 24 by 24 pixels (2.5.8), which excepts links inside a sentence.
SMALL_TARGETS: Final = """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), select")]
  .filter(e => e.checkVisibility() && !e.closest("p, .skip, .refused"))
  .map(e => [e.outerHTML.slice(0, 60), e.getBoundingClientRect()])
  .filter(([, box]) => box.height < 24 || box.width < 24).map(([told, box]) => `${told} ${box.width}x${box.height}`)"""

Open = Callable[..., BrowserContext]


def type_at(page: Page, label: str, words: str) -> None:
    """Go on with Tab until the field of this label is reached, and type."""
    field = page.get_by_label(label, exact=True)
    for _ in range(20):
        page.keyboard.press("Tab")
        if field.evaluate("e => e === document.activeElement"):
            break
    expect(field).to_be_focused()
    assert field.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.type(words)


def press(page: Page, name: str) -> None:
    """Go on with Tab until the button of this name is reached, and press Enter."""
    button = page.get_by_role("button", name=name, exact=True)
    for _ in range(20):
        page.keyboard.press("Tab")
        if button.evaluate("e => e === document.activeElement"):
            break
    expect(button).to_be_focused()
    page.keyboard.press("Enter")


def enter(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Passphrase", exact=True).fill(WORDS)
    page.get_by_label("Once more", exact=True).fill(WORDS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Home", exact=True)).to_be_visible()
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
def test_a_person_comes_in_by_link_goes_and_comes_back_by_keyboard(
    open_context: Open, service: str, link: str, has_script: bool
) -> None:
    context = open_context(java_script_enabled=has_script)
    seen = watch(context)
    page = context.new_page()
    page.goto(link)
    type_at(page, "Passphrase", WORDS)
    type_at(page, "Once more", WORDS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Your passphrase is set.")

    press(page, "Sign out")
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")
    page.wait_for_load_state("networkidle")
    page.goto(f"{service}/console/account")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    type_at(page, "Name", "ana")
    type_at(page, "Passphrase", WORDS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Account", exact=True)).to_be_visible()
    assert seen.complaints == []


def test_the_skip_link_is_first_and_leads_past_the_navigation(open_context: Open, service: str, link: str) -> None:
    page = open_context().new_page()
    enter(page, link)
    page.goto(f"{service}/console/account")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_refused_form_says_so_where_it_was_refused(open_context: Open, link: str, output: Path) -> None:
    page = open_context().new_page()
    page.goto(link)
    page.get_by_label("Passphrase", exact=True).fill("too short")
    page.get_by_label("Once more", exact=True).fill("too short")
    page.keyboard.press("Enter")
    expect(page).to_have_title("Error: Choose a passphrase · Formulary")
    field = page.get_by_label("Passphrase", exact=True)
    expect(field).to_have_accessible_description(
        "At least 12 characters. Four or five words that have nothing to do with each other are easy to keep. "
        "Error: Use at least 12 characters; four or five words are easy to keep."
    )
    page.screenshot(path=output / "console-refused.png", full_page=True)
    page.get_by_role("alert").get_by_role("link").click()
    expect(field).to_be_focused()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_reads_in_light_and_in_dark_wide_and_narrow(
    open_context: Open, service: str, link: str, theme: str, width: int, output: Path
) -> None:
    context = open_context(width, color_scheme=theme)
    seen = watch(context)
    page = context.new_page()
    looked_at = {"enter": link, "sign-in": f"{service}/console/sign-in"}
    for name, address in looked_at.items():
        page.goto(address)
        look_at(page, width, output / f"console-{name}-{theme}-{width}.png")
    enter(page, link)
    for name in ("", "account", "?done=saved"):
        page.goto(f"{service}/console/{name}")
        shown = {"": "home", "?done=saved": "notice"}.get(name, name)
        look_at(page, width, output / f"console-{shown}-{theme}-{width}.png")
    assert seen.complaints == []


def look_at(page: Page, width: int, file: Path) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=file, full_page=True)
    assert page.locator("h1").count() == 1
    assert page.evaluate(PALE_TEXT) == []
    assert page.evaluate(SMALL_TARGETS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
