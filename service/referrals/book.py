"""The book of programs: everything offers need to know, frozen, read once for a catalog version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class KnownDiscount:
    """A discount as offers see it. Times are UTC; the end is the first moment it is over."""

    key: str
    product: str | None
    percent_min: int
    percent_max: int
    basis: str
    how: str
    code: str | None
    audience: str
    terms: str | None
    starts_at: datetime | None
    ends_at: datetime | None

    def applies_to(self, product: str) -> bool:
        return self.product is None or self.product == product

    def is_active(self, now: datetime) -> bool:
        has_started = self.starts_at is None or self.starts_at <= now
        return has_started and (self.ends_at is None or now < self.ends_at)

    def metadata(self) -> dict[str, Any]:
        """For machines: percent of `basis`, how it is applied, and its window in RFC 3339."""
        return {
            "percent_min": self.percent_min,
            "percent_max": self.percent_max,
            "basis": self.basis,
            "how": self.how,
            "code": self.code,
            "audience": self.audience,
            "terms": self.terms,
            "starts_at": self.starts_at and self.starts_at.isoformat().replace("+00:00", "Z"),
            "ends_at": self.ends_at and self.ends_at.isoformat().replace("+00:00", "Z"),
        }


@dataclass(frozen=True, slots=True)
class KnownProgram:
    """A program as offers see it."""

    key: str
    kind: str
    seller: str
    templates: Mapping[str, str]
    allowed_hosts: tuple[str, ...]
    settings: Mapping[str, str]
    is_example: bool
    policy: Mapping[str, Mapping[str, str]]
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

    @property
    def example_accounts(self) -> list[str]:
        """The programs whose account is still the example's."""
        return [program.key for program in self.programs.values() if program.is_example and program.enabled]
