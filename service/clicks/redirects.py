"""The layer that answers /go from memory, and counts a followed link once its answer was sent.

Flask decides where a code leads; its view marks the answer (`FOLLOWED`), and the layer repeats that answer until
the catalog's version changes. The rate limit of /go therefore stands only on what reaches Flask.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from service.referrals.redirects import FOLLOWED, OTHER_PLACEMENT, Link

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATHS: Final = ("/go/", "/hit")
# Far more than a practice has products, channels and placements; only answers with a genuine code are held.
MOST_HELD: Final = 20_000
Count = Callable[["WSGIEnvironment", Link], None]


@dataclass(frozen=True, slots=True)
class Held:
    """A redirect as Flask answered it at a catalog version."""

    version: int
    status: str
    headers: list[tuple[str, str]]
    body: bytes
    link: Link


class Counted(list[bytes]):
    """A body that counts when it is closed, which WSGI does once the answer was sent (PEP 3333).

    It is a list, since granian answers any other iterable by way of a stream, at four fifths of the rate. Lists it
    does not close but lets go of, once they are sent; the count is then made there.
    """

    __slots__ = ("_count", "_environ", "_link")

    def __init__(self, body: bytes, count: Count, environ: "WSGIEnvironment", link: Link) -> None:
        super().__init__([body])
        self._count: Count | None = count
        self._environ = environ
        self._link = link

    def close(self) -> None:
        count, self._count = self._count, None
        if count is not None:
            count(self._environ, self._link)

    def __del__(self) -> None:
        self.close()


class RedirectLayer:
    """The layer itself. `version` gives the catalog's version as this worker knows it; without `count` none is."""

    def __init__(self, app: "WSGIApplication", version: Callable[[], int], *, count: Count | None) -> None:
        self._app = app
        self._version = version
        self._count = count
        self._held: dict[str, Held] = {}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        held = self._held.get(path)
        if held is not None and held.version == self._version():
            method = environ["REQUEST_METHOD"]
            if method in ("GET", "HEAD"):
                start_response(held.status, held.headers.copy())
                return self._answer(held.body if method == "GET" else b"", environ, held.link)
        if path.startswith(PATHS):
            return self._pass_through(path, environ, start_response)
        return self._app(environ, start_response)

    def forget(self) -> None:
        """Empty the memory."""
        self._held = {}

    def _answer(self, body: bytes, environ: "WSGIEnvironment", link: Link) -> Iterable[bytes]:
        return [body] if self._count is None else Counted(body, self._count, environ, link)

    def _pass_through(self, path: str, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        version = self._version()
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            started.append((status, headers))
            return start_response(status, headers, exc_info)

        chunks = self._app(environ, start)
        link: Link | None = environ.get(FOLLOWED)
        if link is None or not started or not started[-1][0].startswith(("302", "204")):
            return chunks
        body = b"".join(chunks)
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
        status, headers = started[-1]
        if status.startswith("302") and environ["REQUEST_METHOD"] == "GET" and link.placement != OTHER_PLACEMENT:
            self._hold(path, Held(version, status, _lasting(headers), body, link))
        return self._answer(body, environ, link)

    def _hold(self, path: str, held: Held) -> None:
        if len(self._held) >= MOST_HELD:
            self.forget()
        self._held[path] = held


def _lasting(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers without those that told one visitor how much is left of the rate limit."""
    return [pair for pair in headers if not pair[0].lower().startswith(("x-ratelimit", "retry-after"))]
