"""What a reader of the practice's article sees where the cards are embedded."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Frame, FrameLocator, Locator, Page, expect

from tests.browser.conftest import fetch
from tests.browser.looking import MEASURE_CARD, PALE_TEXT, WATCH_SHIFTS, Watch, watch

pytestmark = pytest.mark.browser

WIDTHS: Final = (1280, 768, 360)
THEMES: Final = ("light", "dark")
FDA: Final = "These statements have not been evaluated by the Food and Drug Administration."


@dataclass(frozen=True)
class Product:
    slug: str
    hanzi: str
    pinyin: str
    english: str
    purpose: str
    caution: str
    button: str


DU_HUO: Final = Product(
    "du-huo-ji-sheng-tang",
    "独活寄生汤",
    "Dú Huó Jì Shēng Tāng",
    "Angelica Pubescens and Taxillus Decoction",
    "comfortable movement of the lower back",
    "pregnant",
    "Dú Huó Jì Shēng Tāng at Fullscript",
)
SHAO_YAO: Final = Product(
    "shao-yao-gan-cao-tang",
    "芍药甘草汤",
    "Sháo Yào Gān Cǎo Tāng",
    "Peony and Licorice Decoction",
    "help muscles relax",
    "licorice",
    "Sháo Yào Gān Cǎo Tāng at Fullscript",
)
ZHENG_GU: Final = Product(
    "zheng-gu-shui",
    "正骨水",
    "Zhèng Gǔ Shuǐ",
    "bone-setting liniment",
    "temporary relief of minor aches",
    "never by mouth",
    "Zheng Gu Shui at Amazon (paid link)",
)
PRODUCTS: Final = (DU_HUO, SHAO_YAO, ZHENG_GU)
SUPPLEMENTS: Final = (DU_HUO, SHAO_YAO)

Open = Callable[..., BrowserContext]


@dataclass(frozen=True)
class Reading:
    """The article open in a browser, read to its end."""

    page: Page
    seen: Watch
    name: str

    def frame(self, product: Product) -> Frame:
        return next(frame for frame in self.page.frames if frame.url.endswith(f"/cards/{product.slug}"))


def read_article(context: BrowserContext, blog: str, name: str) -> Reading:
    """Opens the article and scrolls past every card, since frames load when they come near."""
    seen = watch(context)
    page = context.new_page()
    page.goto(blog)
    for product in PRODUCTS:
        iframe_of(page, product).scroll_into_view_if_needed()
        expect(card_of(page, product).locator(".card")).to_be_visible()
    page.wait_for_load_state("networkidle")
    return Reading(page, seen, name)


def keep_picture(reading: Reading, path: Path) -> None:
    """The whole article in one window: frames outside of it are not painted."""
    page = reading.page
    width = page.evaluate("innerWidth")
    page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight")})
    page.screenshot(path=path)


def iframe_of(page: Page, product: Product) -> Locator:
    return page.locator(f'iframe[src$="/cards/{product.slug}"]')


def card_of(page: Page, product: Product) -> FrameLocator:
    return page.frame_locator(f'iframe[src$="/cards/{product.slug}"]')


@pytest.fixture(params=[(width, theme) for width in WIDTHS for theme in THEMES], ids=lambda p: f"{p[0]}-{p[1]}")
def reading(request: pytest.FixtureRequest, open_context: Open, blog: str) -> Reading:
    width, theme = request.param
    context = open_context(width, color_scheme=theme)
    context.add_init_script(WATCH_SHIFTS)
    return read_article(context, blog, f"{width}-{theme}")


def test_the_reader_sees_three_complete_cards(reading: Reading, output: Path) -> None:
    for product in PRODUCTS:
        card = card_of(reading.page, product)
        expect(card.get_by_text(product.hanzi, exact=True)).to_be_visible()
        expect(card.locator("h1").get_by_text(product.pinyin, exact=True)).to_be_visible()
        expect(card.get_by_text(product.english, exact=True)).to_be_visible()
        expect(card.locator(".purpose")).to_contain_text(product.purpose)
        expect(card.locator(".cautions")).to_contain_text(product.caution)
        expect(card.locator(".cautions .word").first).to_be_visible()
        expect(card.locator(".button")).to_have_text(product.button)
        expect(card.locator(".button")).to_be_visible()
        expect(card.get_by_text("Discuss with your practitioner")).to_be_visible()
        expect(card.get_by_text(re.compile("reviewed by a licensed practitioner", re.IGNORECASE))).to_be_visible()
    keep_picture(reading, output / f"article-{reading.name}.png")


def test_the_disclosure_stands_beside_the_button_in_body_type(reading: Reading) -> None:
    for product in PRODUCTS:
        card = card_of(reading.page, product)
        disclosure, button = card.locator(".disclosure"), card.locator(".button")
        expect(disclosure).to_be_visible()
        below, beside = disclosure.bounding_box(), button.bounding_box()
        assert below is not None
        assert beside is not None
        assert below["y"] - (beside["y"] + beside["height"]) <= 16
        size = "element => getComputedStyle(element).fontSize"
        assert disclosure.evaluate(size) == card.locator(".purpose p").first.evaluate(size) == "16px"


def test_the_page_does_not_shift_and_no_card_scrolls_inside(reading: Reading) -> None:
    assert reading.page.evaluate("window.shifted") == []
    for product in PRODUCTS:
        frame = reading.frame(product)
        measured: dict[str, Any] = frame.evaluate(MEASURE_CARD)
        assert measured["scrollHeight"] <= measured["clientHeight"], (product.slug, measured)
        assert measured["scrollWidth"] <= measured["clientWidth"], (product.slug, measured)
        assert measured["clientHeight"] <= 1.3 * measured["content"], (product.slug, measured)
        assert frame.evaluate("window.shifted") == []
        assert frame.evaluate(PALE_TEXT) == []


def test_nothing_complains_and_nobody_else_is_asked(reading: Reading, service: str, blog: str) -> None:
    assert reading.seen.complaints == []
    assert reading.seen.hosts == {urlsplit(service).netloc, urlsplit(blog).netloc}


@pytest.fixture
def plain_reading(open_context: Open, blog: str) -> Reading:
    """The article with scripts switched off."""
    return read_article(open_context(java_script_enabled=False), blog, "no-script")


def test_the_fullscript_button_leads_through_our_redirect(plain_reading: Reading, service: str) -> None:
    for product in SUPPLEMENTS:
        button = card_of(plain_reading.page, product).locator(".button")
        href = button.get_attribute("href") or ""
        assert re.fullmatch(re.escape(service) + r"/go/\w+/card", href)
        assert_opens_apart(button)
        status, headers, _ = fetch(service, urlsplit(href).path)
        assert status == 302
        assert urlsplit(headers["location"]).hostname == "us.fullscript.com"


def test_the_amazon_link_is_direct_and_says_it_is_paid(plain_reading: Reading) -> None:
    card = card_of(plain_reading.page, ZHENG_GU)
    button = card.locator(".button")
    parts = urlsplit(button.get_attribute("href") or "")
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "www.amazon.com", "/s")
    assert parse_qs(parts.query)["tag"]
    assert_opens_apart(button)
    expect(card.locator(".disclosure")).to_have_text(
        "As an Amazon Associate I earn from qualifying purchases. You are free to buy elsewhere."
    )
    assert card.locator('a[href*="/go/"]').count() == 0


def assert_opens_apart(link: Locator) -> None:
    assert link.get_attribute("target") == "_blank"
    assert set((link.get_attribute("rel") or "").split()) == {"sponsored", "nofollow", "noopener"}


def test_the_fda_sentence_is_bold_on_supplements_and_absent_from_the_liniment(plain_reading: Reading) -> None:
    for product in SUPPLEMENTS:
        sentence = card_of(plain_reading.page, product).get_by_text(FDA)
        expect(sentence).to_be_visible()
        assert int(sentence.evaluate("element => getComputedStyle(element).fontWeight")) >= 700
        assert card_of(plain_reading.page, product).get_by_text("Drug Facts").count() == 0
    liniment = card_of(plain_reading.page, ZHENG_GU)
    assert liniment.get_by_text("Food and Drug Administration").count() == 0
    expect(liniment.get_by_role("heading", name="Drug Facts")).to_be_visible()
    expect(liniment.locator(".facts")).to_contain_text("Camphor 5.6%")


def test_no_card_tells_a_discount_figure(plain_reading: Reading) -> None:
    for product in PRODUCTS:
        card = card_of(plain_reading.page, product)
        assert not re.search(r"\d", card.locator(".buy").inner_text())
        facts = card.locator(".facts")
        told = card.locator(".card").inner_text().replace(facts.inner_text() if facts.count() else "\0", "")
        assert not re.search(r"%|\b(10|15)\b|\boff retail\b", told)


def test_a_card_fits_any_column_in_any_common_font(open_context: Open, service: str, blog: str) -> None:
    """A sidebar's width is not the window's, and letters are narrower where the font is Arial's like."""
    page = open_context(1280).new_page()
    page.goto(blog)
    for column in range(280, 641, 40):
        page.evaluate("width => { document.querySelector('main').style.maxWidth = `${width}px` }", column)
        for product in PRODUCTS:
            iframe_of(page, product).scroll_into_view_if_needed()
            expect(card_of(page, product).locator(".card")).to_be_visible()
            frame = next(frame for frame in page.frames if frame.url.endswith(f"/cards/{product.slug}"))
            for font in ("DejaVu Sans", "Liberation Sans"):
                frame.evaluate("font => { document.documentElement.style.fontFamily = font }", font)
                measured: dict[str, Any] = frame.evaluate(MEASURE_CARD)
                assert measured["scrollHeight"] <= measured["clientHeight"], (product.slug, column, font, measured)
                assert measured["clientHeight"] <= 1.3 * measured["content"], (product.slug, column, font, measured)


@pytest.mark.parametrize("layout", ["display:inline-block", "float:left", "display:grid;justify-items:center"])
def test_a_card_stays_visible_in_a_parent_that_shrinks(open_context: Open, blog: str, layout: str) -> None:
    page = open_context(360).new_page()
    page.goto(blog)
    iframe_of(page, DU_HUO).evaluate(
        """(frame, layout) => {
          const parent = document.createElement("div"), embed = frame.parentElement;
          parent.style.cssText = layout;
          embed.replaceWith(parent);
          parent.append(embed);
        }""",
        layout,
    )
    assert iframe_of(page, DU_HUO).evaluate("frame => frame.clientWidth") >= 280
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
