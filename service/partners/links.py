"""Asks a link politely whether it still leads where it should; nothing it answers is trusted."""

import math
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from service.shared.addresses import Admit, Resolve, is_on_open_internet, look_up
from service.shared.http_client import AddressRefused, GuardedAdapter

MAX_REDIRECTS: Final = 5
MAX_BYTES: Final = 64 * 1024
WHOLE_SECONDS: Final = 15.0
PAUSE_SECONDS: Final = 1.0
# After "too many requests" a host is left alone for as long as it asked, within these bounds.
LEAST_QUIET_SECONDS: Final = 60.0
LONGEST_QUIET_SECONDS: Final = 3600.0
# HEAD is often not allowed, or answered wrongly, where GET is not; of its faults these alone are taken at their word.
REFUSALS: Final = (401, 403, 429)
OUT_OF_TIME: Final = "No whole answer came in time."
CHALLENGE_WORDS: Final = (b"captcha", b"challenge", b"are you a robot")


class Outcome(StrEnum):
    """What became of a probe."""

    ANSWERED = "answered"
    CHALLENGED = "challenged"  # an answer meant for robots: 429, or a 503 that asks to wait or to prove oneself
    UNREACHABLE = "unreachable"  # no whole answer: name, connection, TLS, time
    LED_ASTRAY = "led_astray"  # a redirect we do not follow: not plain https, too many, outside the open internet
    NOT_ASKED = "not_asked"  # a host that is never requested
    PUT_OFF = "put_off"  # the host asked to be left alone for now


@dataclass(frozen=True, slots=True)
class Probe:
    """How a link answered: `hops` are the URLs it led through, ours first and `final_url` last."""

    status: int | None
    final_url: str
    hops: tuple[str, ...]
    outcome: Outcome
    reason: str


class _Ended(Exception):
    """The way ends here, otherwise than by a plain answer."""

    def __init__(self, outcome: Outcome, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason
        self.status = status


class LinkProber:
    """Probes links one after another, at most one request a second to a host.

    `avoid` names the hosts that are never requested. The other options are for tests, whose servers stand on this
    machine.
    """

    def __init__(
        self,
        public_url: str,
        *,
        avoid: Callable[[str], bool] = lambda _host: False,
        seconds: float = WHOLE_SECONDS,
        admit: Admit = is_on_open_internet,
        resolve: Resolve = look_up,
        verify: bool | str = True,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._headers = {
            "User-Agent": f"Formulary-link-check/1 (+{public_url})",
            "Accept": "text/html,*/*;q=0.5",
            # The words of a challenge are looked for in the bytes as they come.
            "Accept-Encoding": "identity",
        }
        self._avoid = avoid
        self._seconds = seconds
        self._admit, self._resolve, self._verify = admit, resolve, verify
        self._clock, self._sleep = clock, sleep
        self._next_turn: dict[str, float] = {}
        self._quiet_until: dict[str, float] = {}

    def probe(self, url: str) -> Probe:
        """Ask for a URL and follow it through at most MAX_REDIRECTS redirects, over https alone, within WHOLE_SECONDS.

        Never raises for what the outside does. Nothing is kept from one link to the next but when a host may be asked.
        """
        hops: list[str] = []
        with closing(GuardedAdapter(retries=0, seconds=self._seconds, admit=self._admit, resolve=self._resolve)) as way:
            try:
                status = self._follow(url, hops, way)
            except _Ended as end:
                return Probe(end.status, (hops or [url])[-1], tuple(hops or [url]), end.outcome, end.reason)
        return Probe(status, hops[-1], tuple(hops), Outcome.ANSWERED, f"It answers {status}.")

    def _follow(self, url: str, hops: list[str], way: GuardedAdapter) -> int:
        """The status at the end of the way, whose URLs are noted in `hops`."""
        for _ in range(MAX_REDIRECTS + 1):
            hops.append(_plain(url))
            self._check_host(_host_of(hops[-1]))
            status, location = self._ask(hops[-1], way)
            if location is None:
                return status
            url = _joined(hops[-1], location)
        raise _Ended(Outcome.LED_ASTRAY, f"It redirects more than {MAX_REDIRECTS} times.")

    def _check_host(self, host: str) -> None:
        if self._avoid(host):
            raise _Ended(Outcome.NOT_ASKED, f"{host} is never requested.")
        if self._quiet_until.get(host, -math.inf) > self._clock():
            raise _Ended(Outcome.PUT_OFF, f"{host} asked to be left alone for now.")

    def _ask(self, url: str, way: GuardedAdapter) -> tuple[int, str | None]:
        """The status and where it redirects to, if it does: of HEAD, or of GET where HEAD failed."""
        for method in ("HEAD", "GET"):
            self._await_turn(_host_of(url))
            with closing(self._send(method, url, way)) as answer:
                if method == "HEAD" and answer.status_code >= 400 and answer.status_code not in REFUSALS:
                    continue
                self._heed_challenge(answer, way)
                return answer.status_code, answer.headers["Location"] if answer.is_redirect else None
        raise AssertionError("GET answers or raises")

    def _send(self, method: str, url: str, way: GuardedAdapter) -> requests.Response:
        """One request past any session, which would read a redirect's body whole and keep its cookies."""
        request = requests.Request(method, url, headers=self._headers).prepare()
        try:
            return way.send(request, stream=True, verify=self._verify)
        except AddressRefused as refusal:
            raise _Ended(Outcome.LED_ASTRAY, refusal.detail) from refusal
        except requests.RequestException as fault:
            raise _Ended(Outcome.UNREACHABLE, _why(fault, way)) from fault

    def _heed_challenge(self, answer: requests.Response, way: GuardedAdapter) -> None:
        """Ends the way where the answer is meant for robots, and notes how long the host is to be left alone."""
        status, retry_after = answer.status_code, answer.headers.get("Retry-After")
        if status == 429 or (status == 503 and _asks_for_proof(answer, way)):
            if status == 429 or retry_after:
                quiet = min(max(_seconds_of(retry_after), LEAST_QUIET_SECONDS), LONGEST_QUIET_SECONDS)
                self._quiet_until[_host_of(answer.request.url or "")] = self._clock() + quiet
            raise _Ended(Outcome.CHALLENGED, f"It answers {status}, which says nothing of the link.", status)

    def _await_turn(self, host: str) -> None:
        now = self._clock()
        turn = max(now, self._next_turn.get(host, now))
        if turn > now:
            self._sleep(turn - now)
        self._next_turn[host] = turn + PAUSE_SECONDS


def _plain(url: str) -> str:
    """The URL as it will be asked for, so that what is judged is what was requested."""
    try:
        normal = requests.Request("HEAD", url).prepare().url or ""
        parts = urlsplit(normal)
        is_plain = parts.scheme == "https" and parts.username is None and parts.port in (None, 443)
    except ValueError:
        is_plain = False
    if not is_plain:
        raise _Ended(Outcome.LED_ASTRAY, "It leads to an address that is not plain https.")
    return normal


def _joined(url: str, location: str) -> str:
    """Where a redirect leads; its header is UTF-8 at best."""
    try:
        return urljoin(url, location.encode("latin-1").decode("utf-8", "replace"))
    except ValueError as fault:
        raise _Ended(Outcome.LED_ASTRAY, "It redirects to what is not a URL.") from fault


def _host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def _why(fault: Exception, way: GuardedAdapter) -> str:
    if way.is_over or isinstance(fault, requests.Timeout):
        return OUT_OF_TIME
    if isinstance(fault, requests.exceptions.SSLError):
        return "Its TLS connection fails, for example by an expired certificate."
    return "It cannot be reached, or what it answers is not HTTP."


def _asks_for_proof(answer: requests.Response, way: GuardedAdapter) -> bool:
    """Whether a 503 is a robot check rather than a fault: by its headers, or by a word in its first bytes."""
    if "Retry-After" in answer.headers or "cf-mitigated" in answer.headers:
        return True
    try:
        text: bytes = answer.raw.read(MAX_BYTES, decode_content=False)
    except (OSError, HTTPError) as fault:
        raise _Ended(Outcome.UNREACHABLE, _why(fault, way)) from fault
    if way.is_over:
        raise _Ended(Outcome.UNREACHABLE, OUT_OF_TIME)
    return any(word in text.lower() for word in CHALLENGE_WORDS)


def _seconds_of(retry_after: str | None) -> float:
    """Retry-After in seconds, from a number or a date (RFC 9110, 10.2.3); 0 where it is neither."""
    if retry_after is None:
        return 0.0
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        return (parsedate_to_datetime(retry_after).astimezone(UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return 0.0
