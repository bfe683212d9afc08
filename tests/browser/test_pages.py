"""What a visitor meets on the service's own pages, with eyes, keyboard, no script, or paper."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import embed_code
from tests.browser.looking import PALE_TEXT, UNTOLD_HANZI, watch

pytestmark = pytest.mark.browser

PAGES: Final = {
    "home": "/",
    "answers": "/?q=duhuo",
    "formula": "/f/du-huo-ji-sheng-tang",
    "liniment": "/f/zheng-gu-shui",
    "card": "/cards/shao-yao-gan-cao-tang",
    "absent": "/f/no-such-formula",
    "api": "/api/",
}
BUTTON_PAGES: Final = (PAGES["formula"], PAGES["card"])

Open = Callable[..., BrowserContext]
on_every_page = pytest.mark.parametrize("name", PAGES)


def visit(context: BrowserContext, service: str, path: str) -> Page:
    page = context.new_page()
    page.goto(service + path)
    return page


@on_every_page
def test_a_page_has_one_h1_and_tells_its_languages(open_context: Open, service: str, name: str) -> None:
    page = visit(open_context(), service, PAGES[name])
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.evaluate(UNTOLD_HANZI) == []
    assert page.locator(".hanzi:not([lang^=zh]), .pinyin:not([lang^=zh-Latn])").count() == 0


@on_every_page
def test_a_page_fits_a_window_of_320_pixels(open_context: Open, service: str, name: str, output: Path) -> None:
    page = visit(open_context(320), service, PAGES[name])
    page.screenshot(path=output / f"page-{name}-320.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@on_every_page
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_reads_in_light_and_in_dark(
    open_context: Open, service: str, name: str, theme: str, output: Path
) -> None:
    page = visit(open_context(color_scheme=theme), service, PAGES[name])
    page.screenshot(path=output / f"page-{name}-{theme}.png", full_page=True)
    assert page.evaluate(PALE_TEXT) == []


@on_every_page
def test_a_page_loads_without_a_complaint(open_context: Open, service: str, name: str) -> None:
    context = open_context()
    seen = watch(context)
    visit(context, service, PAGES[name]).wait_for_load_state("networkidle")
    assert [told for told in seen.complaints if "status of 404" not in told] == []


@pytest.mark.parametrize("path", BUTTON_PAGES)
def test_the_button_reads_on_paper_even_from_a_dark_screen(open_context: Open, service: str, path: str) -> None:
    page = visit(open_context(color_scheme="dark"), service, path)
    page.emulate_media(media="print")
    assert page.evaluate(PALE_TEXT) == []
    assert page.locator(".button").evaluate("e => getComputedStyle(e).color") == "rgb(35, 33, 29)"


@pytest.mark.parametrize("path", BUTTON_PAGES)
def test_the_button_reads_in_forced_colours(open_context: Open, service: str, path: str) -> None:
    button = visit(open_context(forced_colors="active"), service, path).locator(".button")
    expect(button).to_be_visible()
    colour, ground, border = button.evaluate(
        "e => { const s = getComputedStyle(e); return [s.color, s.backgroundColor, s.borderTopColor] }"
    )
    assert colour != ground != border


def test_tab_reaches_the_search_box_and_shows_where_it_is(open_context: Open, service: str) -> None:
    page = visit(open_context(), service, "/")
    box = page.get_by_label("Look a formula or herb up")
    for _ in range(8):
        page.keyboard.press("Tab")
        if box.evaluate("e => e === document.activeElement"):
            break
    expect(box).to_be_focused()
    style, width = box.evaluate("e => { const s = getComputedStyle(e); return [s.outlineStyle, s.outlineWidth] }")
    assert (style, width) == ("solid", "2px")


SEARCHES: Final = ("独活寄生", "Angelica pub", "duhuoji")


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("query", SEARCHES)
def test_searching_answers_with_the_formula_first(
    open_context: Open, service: str, has_script: bool, query: str
) -> None:
    page = visit(open_context(java_script_enabled=has_script), service, "/")
    page.get_by_label("Look a formula or herb up").fill(query)
    page.keyboard.press("Enter")
    first = page.locator("#results .catalog > li").first
    expect(first).to_be_visible()
    assert "独活寄生汤" in first.locator("h3").inner_text()
    assert first.locator("mark").count() > 0


def test_the_copy_button_copies_the_embed_code(open_context: Open, service: str) -> None:
    context = open_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=service)
    page = visit(context, service, PAGES["formula"])
    embed = page.locator("#embed")
    embed.get_by_role("button", name="Copy").click()
    expect(embed.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == embed_code(service, "du-huo-ji-sheng-tang")


def test_without_script_the_embed_code_is_there_to_select(open_context: Open, service: str) -> None:
    page = visit(open_context(java_script_enabled=False), service, PAGES["formula"])
    embed = page.locator("#embed")
    expect(embed.get_by_role("textbox")).to_have_value(embed_code(service, "du-huo-ji-sheng-tang"))
    expect(embed.get_by_role("button", name="Copy")).to_be_hidden()


def test_the_short_address_is_copied_as_it_is_said(open_context: Open, service: str) -> None:
    context = open_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=service)
    share = visit(context, service, PAGES["formula"]).locator("#share")
    share.get_by_role("button", name="Copy the address").click()
    expect(share.get_by_role("button", name="Copied")).to_be_visible()
    assert share.page.evaluate("navigator.clipboard.readText()") == f"{service}/du-huo"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_code_on_the_page_reads_on_a_screen_of_either_theme(
    open_context: Open, service: str, theme: str, output: Path
) -> None:
    page = visit(open_context(color_scheme=theme, device_scale_factor=2), service, PAGES["formula"])
    code = page.get_by_role("img", name="QR code")
    code.scroll_into_view_if_needed()
    expect(code).to_have_js_property("complete", True)
    page.locator("#share").screenshot(path=output / f"share-{theme}.png")
    code.screenshot(path=output / f"qr-{theme}.png")
    (found,) = zxingcpp.read_barcodes(Image.open(output / f"qr-{theme}.png"))
    assert found.text == f"{service}/du-huo?utm_medium=qr"


def test_an_unknown_card_says_so_in_little_room(open_context: Open, service: str, output: Path) -> None:
    page = visit(open_context(320), service, "/cards/no-such-formula")
    page.screenshot(path=output / "card-absent-320.png")
    expect(page.get_by_role("heading", name="This product is not available.")).to_be_visible()
    assert page.locator("a").count() == 0
    assert page.locator("body").evaluate("e => e.getBoundingClientRect().height") <= 200


@pytest.mark.parametrize(("theme", "reader"), [("light", "dark"), ("dark", "light")])
def test_a_card_of_a_chosen_theme_keeps_it_for_every_reader(
    open_context: Open, service: str, theme: str, reader: str
) -> None:
    page = visit(open_context(color_scheme=reader), service, f"{PAGES['card']}?theme={theme}")
    assert page.locator("html").evaluate("e => getComputedStyle(e).colorScheme") == theme
    assert page.evaluate(PALE_TEXT) == []


def test_the_preview_on_the_home_page_does_not_scroll_inside(open_context: Open, service: str) -> None:
    page = visit(open_context(680), service, "/")
    page.locator(".preview iframe").scroll_into_view_if_needed()
    card = page.frame_locator(".preview iframe")
    expect(card.locator(".card")).to_be_visible()
    assert card.locator("html").evaluate("e => e.scrollHeight <= e.clientHeight")
