"""Published answers are bytes: a thin WSGI layer that keeps finished public responses in memory.

A view marks its answer (`http_cache.published`); the layer gives it a strong ETag, answers 200 and
304 for GET and HEAD, compresses it once for those who accept gzip, and serves it from memory until
the catalog's version changes or the answer's time is over. Everything else passes through.
"""

import gzip
import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MARK: Final = "formulary.published"
MAX_BYTES: Final = 64 * 1024 * 1024
# No query of ours is longer; keys then weigh less than what is counted for headers.
LONGEST_QUERY: Final = 400
# What campaigns add to an address for whoever counts visits (UTM); no answer depends on it.
CAMPAIGN_ARGUMENTS: Final = frozenset({"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id"})
FRESH_SECONDS: Final = 60
STALE_SECONDS: Final = 600
STALE_IF_ERROR_SECONDS: Final = 86400
Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Mark:
    """A view's finished body; may it be kept, and until when (seconds since the epoch).

    `any_campaign`: it is the same whatever campaign the address names, and kept once for all of them.
    """

    body: bytes
    keep: bool
    valid_until: float | None
    any_campaign: bool = False


# Status line, headers, and the marked body.
Finished = tuple[str, Headers, Mark]


def cache_control(remaining: float | None) -> str:
    """How long others may hold a published answer that is true for `remaining` seconds, or for good (None).

    What is true for longer than anybody may keep it is held like what is true for good.
    """
    if remaining is None or remaining >= FRESH_SECONDS + STALE_IF_ERROR_SECONDS:
        return (
            f"public, max-age={FRESH_SECONDS}, stale-while-revalidate={STALE_SECONDS}, "
            f"stale-if-error={STALE_IF_ERROR_SECONDS}"
        )
    return f"public, max-age={max(0, min(FRESH_SECONDS, int(remaining)))}"


def without_campaign(query: str) -> str:
    """A query string without its campaign arguments and empty parts; the others stay as they are written."""
    return "&".join(part for part in query.split("&") if part and part.partition("=")[0] not in CAMPAIGN_ARGUMENTS)


class Entry:
    """One finished answer, ready in each encoding."""

    __slots__ = (
        "_gzipped",
        "_headers",
        "_identity",
        "any_campaign",
        "status",
        "valid_until",
        "version",
    )

    def __init__(self, status: str, headers: Headers, *, version: int, mark: Mark) -> None:
        self.status = status
        self.version = version
        self.valid_until = mark.valid_until
        self.any_campaign = mark.any_campaign
        self._headers = [(name, value) for name, value in headers if name.lower() not in ("content-length", "etag")]
        self._headers.append(("Vary", "Accept-Encoding"))
        if self.valid_until is None:
            self._headers.append(("Cache-Control", cache_control(None)))
        digest = hashlib.sha256(mark.body).hexdigest()[:24]
        self._identity = self._variant(mark.body, f'"{digest}"')
        self._gzipped: tuple[bytes, str, Headers, Headers] | None = None

    def _variant(self, body: bytes, etag: str, *more: tuple[str, str]) -> tuple[bytes, str, Headers, Headers]:
        common = [*self._headers, ("ETag", etag)]
        unchanged = [pair for pair in common if pair[0].lower() != "content-type"]
        return (
            body,
            etag,
            [*common, *more, ("Content-Length", str(len(body)))],
            unchanged,
        )

    @property
    def size(self) -> int:
        """Bytes it may come to hold: the body, its compressed twin, and the headers."""
        return 2 * len(self._identity[0]) + 2000

    def answer(self, environ: "WSGIEnvironment", start_response: "StartResponse", now: float) -> Iterable[bytes]:
        """Answer a GET or HEAD at a moment (seconds since the epoch)."""
        variant = self._identity
        if accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            variant = self._gzipped or self._compress()
        body, etag, headers, headers_unchanged = variant
        if self.valid_until is not None:
            ending = ("Cache-Control", cache_control(self.valid_until - now))
            headers, headers_unchanged = [*headers, ending], [*headers_unchanged, ending]
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and self.status.startswith("200") and _matches(known, etag):
            start_response("304 Not Modified", headers_unchanged)
            return []
        start_response(self.status, headers)
        # A list, which granian answers a third faster than any other iterable.
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _compress(self) -> tuple[bytes, str, Headers, Headers]:
        body, etag = self._identity[:2]
        smaller = gzip.compress(body, compresslevel=6, mtime=0)
        self._gzipped = self._variant(smaller, f'{etag[:-1]}-gzip"', ("Content-Encoding", "gzip"))
        return self._gzipped


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: str) -> bool:
    """Whether the header names gzip without refusing it by q=0 (RFC 9110, 12.5.3)."""
    for part in accept_encoding.split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in ("gzip", "*"):
            return weight.strip().removeprefix("q=").strip("0.") != "" or not weight
    return False


def _matches(if_none_match: str, etag: str) -> bool:
    """Weak comparison of a list of tags with ours (RFC 9110, 13.1.2)."""
    if if_none_match in (etag, "*"):
        return True
    return any(tag.strip().removeprefix("W/") == etag for tag in if_none_match.split(","))


class PublishedBytes:
    """The layer itself.

    `version` gives the catalog's version as this worker knows it; `read` may answer a plain path
    without asking the app.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        version: Callable[[], int],
        *,
        read: Callable[[str], Finished | None] = lambda _path: None,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app = app
        self._version = version
        self._read = read
        self._max_bytes = max_bytes
        self._clock = clock
        self._entries: dict[tuple[str, str], Entry] = {}
        self.held_bytes = 0
        self._held_version = 0

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._app(environ, start_response)
        version = self._version()
        key = (environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        entry = self._entries.get(key) or self._find_for_any_campaign(key)
        if entry is not None and entry.version == version and "HTTP_AUTHORIZATION" not in environ:
            now = self._clock() if entry.valid_until is not None else 0.0
            if entry.valid_until is None or now < entry.valid_until:
                return entry.answer(environ, start_response, now)
        if not key[1] and "HTTP_AUTHORIZATION" not in environ:
            found = self._read(key[0])
            if found is not None:
                return self._finish(key, found, version).answer(environ, start_response, self._clock())
        return self._pass_through(key, version, environ, start_response)

    def _find_for_any_campaign(self, key: tuple[str, str]) -> Entry | None:
        if "utm_" not in key[1]:
            return None
        entry = self._entries.get((key[0], without_campaign(key[1])))
        return entry if entry is not None and entry.any_campaign else None

    def _pass_through(
        self,
        key: tuple[str, str],
        version: int,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
    ) -> Iterable[bytes]:
        captured: list[tuple[str, Headers]] = []

        def start(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            if MARK not in environ:
                return start_response(status, headers, exc_info)
            captured.append((status, headers))
            return lambda _: None

        chunks = self._app(environ, start)
        if not captured:
            return chunks
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
        status, headers = captured[0]
        return self._finish(key, (status, headers, environ[MARK]), version).answer(
            environ, start_response, self._clock()
        )

    def _finish(self, key: tuple[str, str], found: Finished, version: int) -> Entry:
        status, headers, mark = found
        entry = Entry(status, headers, version=version, mark=mark)
        if mark.any_campaign:
            key = (key[0], without_campaign(key[1]))
        if mark.keep and len(key[1]) <= LONGEST_QUERY:
            self._keep(key, entry)
        return entry

    def forget(self) -> None:
        """Empty the memory."""
        self._entries = {}
        self.held_bytes = 0

    def _keep(self, key: tuple[str, str], entry: Entry) -> None:
        """Hold the entry; a new catalog version, or too many bytes, empties the memory first."""
        if entry.version != self._held_version or self.held_bytes + entry.size > self._max_bytes:
            self.forget()
            self._held_version = entry.version
        self._entries[key] = entry
        self.held_bytes += entry.size
