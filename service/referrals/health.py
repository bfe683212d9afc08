"""Link health: check every link in its turn, and judge what it answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

import structlog

from service.extensions import db, transaction
from service.partners.links import LinkProber, Outcome, Probe
from service.referrals.actions import FlagChange, keep_link_states, record_check
from service.referrals.book import Book, KnownProgram
from service.referrals.links import Link, LinkHealth, Verdict
from service.referrals.marketplaces import kind_of_host
from service.referrals.queries import current_book, list_link_health
from service.shared.errors import FormularyError, NotFound
from service.shared.locks import only_one

LOCK: Final = "links-check"
CHECK_EVERY: Final = timedelta(days=1)
EVER: Final = datetime.min.replace(tzinfo=UTC)
MADE_RIGHT: Final = "It is made right and carries our tag; Amazon's pages are never requested."
# What networks add to the address they hand the reader over to, in place of our account: Awin, CJ, Partnerize, Impact
# (two), Rakuten, ShareASale, Tradedoubler. In small letters.
CLICK_MARKS: Final = frozenset(("awc", "cjevent", "clickref", "irclickid", "irgwc", "ransiteid", "sscid", "tduid"))
# Under these, in a country's domain, names are given out: co.uk is nobody's site.
_SHARED_LABELS: Final = frozenset(("ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"))
VERDICT_OF_OUTCOME: Final = {
    Outcome.CHALLENGED: Verdict.BLOCKED,
    Outcome.UNREACHABLE: Verdict.UNKNOWN,
    Outcome.LED_ASTRAY: Verdict.WRONG,
}

log = structlog.get_logger(__name__)


class CheckUnderway(FormularyError):
    code = "check-underway"
    title = "The links are being checked"
    status = 409


class ProductNotOffered(NotFound):
    code = "product-not-offered"
    title = "No such product"


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """A link as a run left it; `verdict` is None where its host asked to be left alone, so it comes first next time."""

    link: Link
    verdict: Verdict | None
    reason: str
    is_flagged: bool


def make_prober(book: Book) -> LinkProber:
    """A prober that tells who asks, and never asks Amazon."""
    return LinkProber(book.public_url, avoid=lambda host: kind_of_host(host) == "amazon_associates")


def check_links_due(prober: LinkProber) -> None:
    """The job in the background: check what nobody has for a day; where another process is at it, leave it to that."""
    try:
        check_links(prober, unchecked_since=datetime.now(UTC) - CHECK_EVERY)
    except CheckUnderway:
        log.info("links_check_underway")


def check_links(
    prober: LinkProber,
    *,
    product: str | None = None,
    unchecked_since: datetime | None = None,
    tell: Callable[[LinkCheck, int, int], None] | None = None,
) -> list[LinkCheck]:
    """Check the links of every published formula, or of one product, those not checked for longest first.

    With `unchecked_since` (UTC) those checked after it are left alone.

    Each result is a transaction of its own, so that a run that is interrupted goes on where it was when it is started
    again. `tell` is called after each link with its number and how many there are.
    Raises CheckUnderway while another run holds the lock, and ProductNotOffered.
    """
    with only_one(db.engine, LOCK) as is_ours:
        if not is_ours:
            raise CheckUnderway("Another run is checking the links; wait until it has ended.")
        with transaction():
            book = current_book()
            found = _list_due(book, product)
            due = [
                health for health in found if unchecked_since is None or (health.checked_at or EVER) < unchecked_since
            ]
        checks = []
        for number, health in enumerate(due, start=1):
            checks.append(_check(health, book.programs[health.link.program], prober))
            if tell is not None:
                tell(checks[-1], number, len(due))
        if product is None:
            with transaction():
                keep_link_states({(health.link.product, health.link.position) for health in found})
    return checks


def _list_due(book: Book, product: str | None) -> list[LinkHealth]:
    found = list_link_health(book)
    if product is not None:
        found = [health for health in found if health.link.product == product]
        if not found:
            raise ProductNotOffered(f"No published formula offers a product {product!r} through a program that is on.")
    return sorted(found, key=lambda health: health.checked_at or EVER)


def _check(health: LinkHealth, program: KnownProgram, prober: LinkProber) -> LinkCheck:
    link = health.link
    verdict, reason = _judge_link(link, program, prober)
    if verdict is None:
        return LinkCheck(link, None, reason, health.is_flagged)
    with transaction():
        change = record_check(link, verdict=verdict, reason=reason, now=datetime.now(UTC))
    _log_change(link, verdict, reason, change)
    return LinkCheck(link, verdict, reason, change.is_flagged)


def _judge_link(link: Link, program: KnownProgram, prober: LinkProber) -> tuple[Verdict | None, str]:
    if link.url is None:
        return Verdict.WRONG, link.fault or "It cannot be made."
    if program.kind == "amazon_associates":
        # Host and tag were checked when the URL was made; Amazon's agreement forbids crawling its pages.
        return Verdict.ALIVE, MADE_RIGHT
    return judge(prober.probe(link.url), program)


def judge(probe: Probe, program: KnownProgram) -> tuple[Verdict | None, str]:
    """What a probe says of a program's link, and why; None where the host asked to be left alone."""
    if probe.outcome is Outcome.PUT_OFF:
        return None, probe.reason
    if probe.outcome in VERDICT_OF_OUTCOME:
        return VERDICT_OF_OUTCOME[probe.outcome], probe.reason
    return _judge_end(probe, program)


def _judge_end(probe: Probe, program: KnownProgram) -> tuple[Verdict, str]:
    if probe.status in (404, 410):
        return Verdict.DEAD, probe.reason
    if probe.status in (401, 403):
        return Verdict.BLOCKED, f"{probe.reason[:-1]}, which says nothing of the link."
    host = urlsplit(probe.final_url).hostname
    if host not in program.allowed_hosts and not _is_handed_over(probe, program):
        return Verdict.WRONG, f"It ends at {host}, which is not a host of {program.seller}."
    if probe.status is not None and not 200 <= probe.status < 300:
        return Verdict.UNKNOWN, probe.reason
    lost = _lost_settings(probe, program)
    if lost:
        return Verdict.WRONG, f"It loses our account on its way ({', '.join(lost)})."
    return Verdict.ALIVE, probe.reason


def _lost_settings(probe: Probe, program: KnownProgram) -> list[str]:
    """The account's settings that our URL carried, and neither its end nor the hop just after ours does.

    The hop counts because a site may take the account into its own books there and then redirect on without it. An
    affiliate network hands the reader over with a mark of its own instead of our account. Where it is none of the known
    ones, a way that leaves the site it began at is not held to the account either.
    """
    first, end = probe.hops[0], probe.final_url
    if _is_handed_over(probe, program) or (program.kind == "template" and _site_of(first) != _site_of(end)):
        return []
    kept_at = (end, *probe.hops[1:2])
    return [
        name
        for name, value in sorted(program.settings.items())
        if _carries(first, value) and not any(_carries(url, value) for url in kept_at)
    ]


def _is_handed_over(probe: Probe, program: KnownProgram) -> bool:
    """Whether an affiliate network marked the click as ours, and it ended at a site that our link stands on or names.

    The site is asked for because a domain that was given up may be sold on, and lead anywhere by another's link.
    """
    first, *later = probe.hops
    is_marked = any(_marks_of(url) - _marks_of(first) for url in later)
    site = _site_of(probe.final_url)
    return program.kind == "template" and is_marked and (site == _site_of(first) or _carries(first, site))


def _marks_of(url: str) -> set[str]:
    return {name.lower() for name, _ in parse_qsl(urlsplit(url).query)} & CLICK_MARKS


def _carries(url: str, value: str) -> bool:
    """Whether a value stands whole in a URL's path or query, as itself or within a nested URL."""
    parts = urlsplit(url)
    text = unquote(unquote(f"{parts.path}?{parts.query}".replace("+", " ")))
    return re.search(rf"(?<![\w-]){re.escape(value.replace('+', ' '))}(?![\w-])", text, re.IGNORECASE) is not None


def _site_of(url: str) -> str:
    """The part of a URL's host that its owner was given: `brand.com`, `brand.co.uk`."""
    labels = (urlsplit(url).hostname or "").split(".")
    is_shared = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED_LABELS
    return ".".join(labels[-3 if is_shared else -2 :])


def _log_change(link: Link, verdict: Verdict, reason: str, change: FlagChange) -> None:
    told = {"product": link.product, "position": link.position, "program": link.program}
    if change.is_flagged and not change.was_flagged:
        log.warning("link_flagged", **told, verdict=str(verdict), reason=reason, failures=change.failures)
    if change.was_flagged and not change.is_flagged:
        log.info("link_flag_cleared", **told)
