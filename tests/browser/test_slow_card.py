"""A card on a patchy connection: what arrives late moves nothing that stands."""

import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.looking import WATCH_SHIFTS

PIECES = 6
pytestmark = pytest.mark.browser


@pytest.fixture
def slow_card(service: str) -> Iterator[str]:
    """The address of a card that arrives in pieces, a tenth of a second apart."""
    with urllib.request.urlopen(f"{service}/cards/zheng-gu-shui") as answer:
        card = answer.read()
    size = len(card) // PIECES + 1

    class InPieces(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(card)))
            self.end_headers()
            for start in range(0, len(card), size):
                self.wfile.write(card[start : start + size])
                self.wfile.flush()
                time.sleep(0.1)

        def log_message(self, *_told: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), InPieces) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("width", [320, 640])
def test_a_card_that_arrives_in_pieces_does_not_shift(
    open_context: Callable[..., BrowserContext], slow_card: str, width: int
) -> None:
    context = open_context(width)
    context.add_init_script(WATCH_SHIFTS)
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 2400})
    page.goto(slow_card)
    page.wait_for_timeout(200)
    assert page.locator(".foot").is_visible()
    assert page.evaluate("window.shifted") == []
