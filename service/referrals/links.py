"""The links of published formulas: every way to buy each product, as its program makes it now."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.referrals.book import KnownProgram
from service.referrals.destinations import DestinationRefused, check_way, destination_of, ways_of
from service.referrals.offers import OfferedFormula


class Verdict(StrEnum):
    """What a check says of a link."""

    ALIVE = "alive"
    BLOCKED = "blocked"  # the site refuses robots, which says nothing of the link
    DEAD = "dead"  # 404 or 410
    WRONG = "wrong"  # it cannot be made, leads elsewhere, or loses our account
    UNKNOWN = "unknown"  # any other fault, which may be a passing one or our own: name, connection, TLS, 5xx

    @property
    def is_failure(self) -> bool:
        return self in (Verdict.DEAD, Verdict.WRONG, Verdict.UNKNOWN)

    @property
    def is_the_links_own(self) -> bool:
        """Whether it is a fault of the link itself, for which a substitute may take its place."""
        return self in (Verdict.DEAD, Verdict.WRONG)


@dataclass(frozen=True, slots=True)
class Link:
    """One way to buy a product: `position` 0 is its own, then the owner's substitutes in order.

    `url` is None where it cannot be made, and `fault` says why.
    """

    formula: str
    product: str
    position: int
    program: str
    url: str | None
    fault: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the URL, by which a state is known to be of another URL."""
        return hashlib.sha256((self.url or "").encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class LinkHealth:
    """A link and what checking has found of it; `verdict` is None until this URL has been checked."""

    link: Link
    verdict: Verdict | None = None
    failures: int = 0
    reason: str | None = None
    checked_at: datetime | None = None
    flagged_at: datetime | None = None

    @property
    def is_flagged(self) -> bool:
        return self.flagged_at is not None

    @property
    def place(self) -> str:
        """Where it stands in a list that begins with the flagged ones."""
        return f"{0 if self.is_flagged else 1} {self.link.formula} {self.link.product} {self.link.position}"


def links_of(formula: str, offered: str, programs: Mapping[str, KnownProgram]) -> Iterator[Link]:
    """The links of a published formula, from its `offered` text; those of a program that is off are none."""
    for product in OfferedFormula.read(formula, offered).products:
        for position, way in enumerate(ways_of(product)):
            program = programs.get(way["program"])
            if program is None or not program.enabled:
                continue
            try:
                check_way(way, program)
                url, fault = destination_of(way, program), None
            except DestinationRefused as refusal:
                url, fault = None, refusal.detail
            yield Link(formula, product["slug"], position, program.key, url, fault)
