"""The console's pages of sharing, links and clicks: gone through by keyboard, and looked at in light and in dark."""

import re
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from service.catalog.codes import product_code
from tests.browser.looking import UNTOLD_HANZI, watch
from tests.browser.test_console import enter, look_at, press

pytestmark = pytest.mark.browser

Open = Callable[..., BrowserContext]
DU_HUO = "du-huo-ji-sheng-tang"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def click_in_a_card(service: str) -> None:
    """A reader follows the link in a card, as far as us."""
    connection = HTTPConnection(urlsplit(service).netloc, timeout=10)
    connection.request("GET", f"/go/{product_code(f'{DU_HUO}-fullscript')}w/card", headers={"User-Agent": FIREFOX})
    assert connection.getresponse().status == 302
    connection.close()


def follow(page: Page, name: str | re.Pattern[str]) -> None:
    """Go on with Tab until the link of this name is reached, and press Enter."""
    link = page.get_by_role("link", name=name, exact=isinstance(name, str))
    for _ in range(40):
        page.keyboard.press("Tab")
        if link.evaluate("e => e === document.activeElement"):
            break
    expect(link).to_be_focused()
    page.keyboard.press("Enter")


def test_a_formula_is_shared_its_link_seen_and_its_clicks_read_by_keyboard(
    open_context: Open, service: str, link: str
) -> None:
    click_in_a_card(service)
    context = open_context(permissions=["clipboard-read", "clipboard-write"])
    seen = watch(context)
    page = context.new_page()
    enter(page, link)

    follow(page, "Share")
    follow(page, re.compile("独活寄生汤"))
    expect(page.get_by_role("link", name="Open in Messages")).to_have_attribute("href", re.compile(r"^sms:\?&body="))
    press(page, "Copy Text")
    expect(page.get_by_role("button", name="Copied")).to_be_focused()
    assert page.evaluate("navigator.clipboard.readText()") == page.get_by_label("Text", exact=True).input_value()

    follow(page, "Links")
    expect(page.get_by_role("row")).to_have_count(5)

    follow(page, "Clicks")
    counted = page.get_by_role("img", name=re.compile("^By product: 1 in all"))
    for _ in range(40):
        if counted.count():
            break
        page.wait_for_timeout(250)  # until the log has been folded
        page.reload()
    expect(counted).to_contain_text("Du Huo Ji Sheng Tang")
    period = page.get_by_label("The last")
    while not period.evaluate("e => e === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.type("90")
    press(page, "Show")
    expect(page).to_have_url(f"{service}/console/clicks?days=90")
    with page.expect_download() as download:
        follow(page, "Download as CSV")
    assert f"{DU_HUO}-fullscript,public_web,card,1" in Path(download.value.path()).read_text(encoding="utf-8")
    assert seen.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_reads_in_light_and_in_dark_wide_and_narrow(
    open_context: Open, service: str, link: str, theme: str, width: int, output: Path
) -> None:
    context = open_context(width, color_scheme=theme)
    seen = watch(context)
    page = context.new_page()
    enter(page, link)
    for name in ("clicks", "links", "share", f"share/{DU_HUO}", "share/zheng-gu-shui"):
        page.goto(f"{service}/console/{name}")
        page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
        look_at(page, width, output / f"console-{name.replace('/', '-')}-{theme}-{width}.png")
        assert page.evaluate(UNTOLD_HANZI) == []
    assert seen.complaints == []
