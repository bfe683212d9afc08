"""Clicks on links that lead to a vendor without us, told by the page's own script."""

from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import BrowserContext, Page, Request

pytestmark = pytest.mark.browser

Open = Callable[..., BrowserContext]
SURFACES: Final = {"card": "/cards/zheng-gu-shui", "page": "/f/zheng-gu-shui"}
WITH_GPC: Final = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"


def visit(context: BrowserContext, service: str, path: str) -> tuple[Page, list[Request]]:
    """A page whose vendor answers from here, and the hits it will have sent."""
    hits: list[Request] = []
    context.route("https://www.amazon.com/**", lambda route: route.fulfill(body="the shop"))
    context.on("request", lambda request: hits.append(request) if request.url.endswith("/hit") else None)
    page = context.new_page()
    page.goto(service + path)
    return page, hits


@pytest.mark.parametrize("placement", SURFACES)
@pytest.mark.parametrize("button", ["left", "middle"])
def test_a_followed_link_is_told_once_and_opens_the_shop(
    open_context: Open, service: str, placement: str, button: str
) -> None:
    context = open_context()
    page, hits = visit(context, service, SURFACES[placement])
    with context.expect_page() as opened, context.expect_event("requestfinished", lambda found: "/hit" in found.url):
        page.locator("a[data-hit]").first.click(button=button)  # type: ignore[arg-type]  # two of the three there are
    # A tab that a middle click opens lies beyond what the test can answer for the shop.
    assert button == "middle" or opened.value.url.startswith("https://www.amazon.com/")
    code = page.locator("a[data-hit]").first.get_attribute("data-hit")
    assert [(hit.method, hit.post_data) for hit in hits] == [("POST", f"code={code}&placement={placement}")]
    answer = hits[0].response()
    assert answer is None or answer.status == 204


def test_whoever_asks_for_privacy_is_not_told(open_context: Open, service: str) -> None:
    context = open_context()
    context.add_init_script(WITH_GPC)
    page, hits = visit(context, service, SURFACES["card"])
    with context.expect_page() as opened:
        page.locator("a[data-hit]").first.click()
    opened.value.wait_for_load_state()
    assert hits == []


def test_the_link_works_without_any_script(open_context: Open, service: str) -> None:
    context = open_context(java_script_enabled=False)
    page, hits = visit(context, service, SURFACES["card"])
    with context.expect_page() as opened:
        page.locator("a[data-hit]").first.click()
    assert opened.value.url.startswith("https://www.amazon.com/")
    assert hits == []
