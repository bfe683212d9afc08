"""Is a visit counted, or why not: the one place that decides."""

from collections.abc import Mapping
from typing import Any, Final

from service.clicks.agents import AgentMemory
from service.clicks.visitors import Visitors
from service.referrals.redirects import Link

COUNTED: Final = "counted"
# Why a visit is not counted, in the order in which it is asked. No outcome's name begins another's: a line of the
# log that a full disk cut short is then never taken for another outcome.
REASONS: Final = ("head", "prefetch", "privacy", "preview", "bot", "repeat")
OUTCOMES: Final = (COUNTED, *REASONS)
# Sec-Purpose is the standard's (Fetch, 2.2.5); the others are what older browsers send.
_PURPOSES: Final = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")


class Visits:
    """Tells visits apart."""

    def __init__(self, visitors: Visitors) -> None:
        self._visitors = visitors
        self._agents = AgentMemory()
        self._day = 0

    def classify(self, environ: Mapping[str, Any], link: Link, *, hour: int) -> tuple[str, str]:
        """The device and the outcome of a visit in an hour (hours since the epoch).

        Under Global Privacy Control nothing of the visitor is read, neither address nor user agent.
        """
        reason = _reason_of_request(environ)
        if "HTTP_SEC_GPC" in environ and environ["HTTP_SEC_GPC"].strip() == "1":
            return "other", reason or "privacy"
        agent_text = environ.get("HTTP_USER_AGENT", "")
        agent = self._agents(agent_text)
        reason = reason or agent.filtered
        if reason is None:
            is_new = self._visitors.is_new(link, address=environ.get("REMOTE_ADDR", ""), agent=agent_text, hour=hour)
            reason = COUNTED if is_new else "repeat"
        return agent.device, reason

    def end_day(self, hour: int) -> None:
        """Keep nothing of visitors, once their day is over; asked now and then, whether or not anybody comes."""
        self._visitors.end_day(hour)
        if hour // 24 != self._day:
            self._day = hour // 24
            self._agents.forget()


def _reason_of_request(environ: Mapping[str, Any]) -> str | None:
    """Why the request itself, whoever made it, is no visit."""
    if environ["REQUEST_METHOD"] == "HEAD":
        return "head"
    # Written out, since every click asks and hardly any has one.
    if (
        "HTTP_SEC_PURPOSE" in environ
        or "HTTP_PURPOSE" in environ
        or "HTTP_X_PURPOSE" in environ
        or "HTTP_X_MOZ" in environ
    ):
        said = " ".join(environ.get(name, "") for name in _PURPOSES).lower()
        if "prefetch" in said or "prerender" in said or "preview" in said:
            return "prefetch"
    return None
