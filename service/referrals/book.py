"""The book of programs: everything offers need to know, frozen, read once for a catalog version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.referrals.policy import PLACEMENTS


@dataclass(frozen=True, slots=True)
class KnownDiscount:
    """A discount as offers see it: percents of `basis`, or an amount in decimal text with its currency (ISO 4217).

    Times are UTC, the end the first moment it is over; `time_zone` (IANA) is the one people are told it in.
    """

    key: str
    product: str | None
    percent_min: int | None
    percent_max: int | None
    amount: str | None
    currency: str | None
    basis: str
    how: str
    code: str | None
    audience: str
    terms: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    time_zone: str | None

    def applies_to(self, product: str) -> bool:
        return self.product is None or self.product == product

    def is_active(self, now: datetime) -> bool:
        has_started = self.starts_at is None or self.starts_at <= now
        return has_started and (self.ends_at is None or now < self.ends_at)

    def as_rules_see_it(self) -> dict[str, Any]:
        """The fields a program's rules are about."""
        return {name: getattr(self, name) for name in ("product", "percent_min", "percent_max", "amount")}


@dataclass(frozen=True, slots=True)
class KnownProgram:
    """A program as offers see it."""

    key: str
    kind: str
    seller: str
    templates: Mapping[str, str]
    allowed_hosts: tuple[str, ...]
    settings: Mapping[str, str]
    # Settings that differ by where a link stands: placement -> setting -> value.
    placements: Mapping[str, Mapping[str, str]]
    marketplace: str | None
    takes_profit: bool
    is_example: bool
    policy: Mapping[str, Mapping[str, Any]]
    disclosure: str | None
    enabled: bool
    discounts: tuple[KnownDiscount, ...]


@dataclass(frozen=True, slots=True)
class KnownPractice:
    """Who recommends."""

    name: str
    place: str
    site: str


@dataclass(frozen=True, slots=True)
class Book:
    """The practice, its programs, and the address our own links begin with."""

    practice: KnownPractice
    programs: Mapping[str, KnownProgram]
    public_url: str
    # Ways to buy that are known to be dead, as (product, position among `ways_of`).
    dead: frozenset[tuple[str, int]] = frozenset()
    # The names of where links stand: the built-in ones and the owner's.
    placements: frozenset[str] = PLACEMENTS

    @property
    def example_accounts(self) -> list[str]:
        """The programs whose account is still the example's."""
        return [program.key for program in self.programs.values() if program.is_example and program.enabled]
