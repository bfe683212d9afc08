"""Timing calls of a WSGI app in this process: a ready environ in, the bytes out, no network."""

import contextlib
import io
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask

from service.app import create_app
from service.config import load_settings
from service.shared.published import PublishedBytes

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

NUMBER = "{number}"  # in a header's text: another number for each request, as visitors differ
CALLS_AN_ADDRESS = 500  # the service lets an address ask 600 times a minute
_numbers = count()
_visits = count()
_nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - the log writes to it until the end


class BenchError(Exception):
    """The bench does not measure what it says it does."""


def make_service(database_url: str, **changes: str) -> Flask:
    """The service with its usual settings, its log (a line for each request in Flask) thrown away."""
    with contextlib.redirect_stderr(_nowhere):
        return create_app(load_settings({"DATABASE_URL": database_url, "LOG_LEVEL": "info", **changes}))


def layer_of(app: Flask) -> PublishedBytes:
    """The memory of published answers in front of an app."""
    layer: PublishedBytes = app.extensions["published_bytes"]
    return layer


def nothing() -> None:
    """The baseline's part of emptying a memory it does not have."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request to repeat; `before` runs before each."""

    name: str
    app: "WSGIApplication"
    path: str
    query: str = ""
    status: str = "200 OK"
    headers: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], None] = nothing

    def environ(self) -> dict[str, Any]:
        number = next(_numbers) // CALLS_AN_ADDRESS
        return {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": self.path,
            "QUERY_STRING": self.query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
            "HTTP_HOST": "127.0.0.1:8000",
            "HTTP_ACCEPT": "*/*",
            "HTTP_USER_AGENT": "bench",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **{name: text.replace(NUMBER, str(next(_visits))) for name, text in self.headers.items()},
        }

    def seconds(self, times: int) -> float:
        """How long so many calls take; the environs are made beforehand."""
        environs = [self.environ() for _ in range(times)]
        statuses: set[str] = set()
        app, before = self.app, self.before

        def start(status: str, _headers: object, _exc_info: object = None, /) -> Callable[[bytes], object]:
            statuses.add(status)
            return nothing_written

        started = time.perf_counter()
        for environ in environs:
            before()
            chunks = app(environ, start)
            for _ in chunks:
                pass
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        took = time.perf_counter() - started
        if statuses != {self.status}:
            raise BenchError(f"{self.name}: {self.path} answers {statuses}, not {self.status}.")
        return took

    def answer(self) -> tuple[bytes, dict[str, str]]:
        """The body and headers of one call."""
        held: dict[str, str] = {}

        def start(
            _status: str, headers: list[tuple[str, str]], _exc_info: object = None, /
        ) -> Callable[[bytes], object]:
            held.update(headers)
            return nothing_written

        return b"".join(self.app(self.environ(), start)), held


def nothing_written(_: bytes) -> None:
    """WSGI's old way to write, which nobody here uses."""


def interleave(calls: list[Call], *, rounds: int, slice_seconds: float) -> dict[str, list[float]]:
    """Seconds a call, by name, one for each round; every round measures every call for about a slice."""
    times = {}
    for call in calls:
        call.seconds(20)
        times[call.name] = max(2, int(slice_seconds / (call.seconds(10) / 10)))
    found: dict[str, list[float]] = {call.name: [] for call in calls}
    for _ in range(rounds):
        for call in calls:
            found[call.name].append(call.seconds(times[call.name]) / times[call.name])
    return found
