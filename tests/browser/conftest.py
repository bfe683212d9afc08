"""A running service, a blog on another origin, and the system's Chromium."""

import html
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPConnection, HTTPException
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.article import OPENING_OF, TEXT, lay_out

PROJECT: Final = Path(__file__).resolve().parents[2]
STARTS_WITHIN: Final = 60
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def fetch(base: str, path: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of a GET that follows no redirect."""
    connection = HTTPConnection(urlsplit(base).netloc, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


@pytest.fixture(scope="session")
def service_settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The settings of the service, for its server and for its command line."""
    port = _free_port()
    return {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "FORMULARY_ENV": "development",
        "DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('service')}/formulary.sqlite3",
        "REDIS_URL": "",
    }


@pytest.fixture(scope="session")
def service(service_settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the real service, seeded into a file of its own."""
    base = service_settings["PUBLIC_URL"]
    log = tmp_path_factory.mktemp("service-log") / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "service", "serve"],
            cwd=PROJECT,
            env={**os.environ, **service_settings},
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _wait_until_ready(base, process, log)
            yield base
        finally:
            process.terminate()


@pytest.fixture
def link(service: str, service_settings: dict[str, str]) -> str:
    """A one-time link, made as the owner makes one."""
    made = subprocess.run(
        [sys.executable, "-m", "service", "console-link", "Ana", "--role", "owner"],
        cwd=PROJECT,
        env={**os.environ, **service_settings},
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout.strip()


@pytest.fixture(scope="session")
def blog(service: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the article on a site that is not ours."""
    folder = tmp_path_factory.mktemp("blog")
    embeds = {slug: embed_code(service, slug) for slug in OPENING_OF}
    (folder / "index.html").write_text(lay_out(TEXT.read_text(encoding="utf-8"), embeds), encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_QuietHandler, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless Chromium; ended with this folder, since its event loop would stand in the way of other tests."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"NO BROWSER: none of {', '.join(BROWSERS)} is on PATH, so no page was looked at")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts (`width`, then playwright's own options) and closes them after the test."""
    contexts: list[BrowserContext] = []

    def make(width: int = 1280, **options: Any) -> BrowserContext:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def output() -> Path:
    """Where screenshots are kept for a look with one's own eyes."""
    folder = PROJECT / "test-output" / "browser"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def embed_code(service: str, slug: str) -> str:
    """The embed code, as an owner copies it from the formula's page."""
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", fetch(service, f"/f/{slug}")[2], re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing to say."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if fetch(base, "/readyz")[0] == 200:
                return
        except (OSError, HTTPException):
            pass
        time.sleep(0.1)
    pytest.fail(f"The service did not start:\n{log.read_text(encoding='utf-8')}")
