"""A surface beside what it has to be, and the figures and vendors that a text names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from tests.contracts.surfaces import Anchor, Reading

VENDORS: Final = re.compile(r"fullscript\.(?:com|io)|amazon\.[a-z]{2,3}\b|amzn\.|shop\.example\.net", re.IGNORECASE)
_FIGURES: Final = re.compile(
    r"(?:\d+(?:\.\d+)?\s?(?:–|-|to)\s?)?\d+(?:\.\d+)?\s?(?:%|percent\b)"
    r"|[$£€]\s?\d+(?:\.\d+)?|\d+\.\d\d\b"
    r'|"percent_m(?:in|ax)": \d+|"(?:amount|retail|lowest|highest)": "[\d.]+"'
)


@lru_cache(maxsize=4000)
def figures_of(text: str) -> frozenset[str]:
    """The numbers of every percentage, amount of money and field that holds one."""
    return frozenset(number for found in _FIGURES.findall(text) for number in re.findall(r"\d+(?:\.\d+)?", found))


@dataclass(frozen=True)
class Due:
    """What one product's offer has to be on one channel, by the tables of the walk."""

    product: str
    kind: str
    host: str
    link: str
    figures: tuple[str, ...] = ()
    is_neutral: bool = False
    is_permitted: bool = False
    price: tuple[str, str, str] | None = None
    tag: str | None = None
    warning: str | None = None


@dataclass(frozen=True)
class Seen:
    """A surface, what may be on it, and what the catalog says there when nothing is for sale."""

    reading: Reading
    due: tuple[Due, ...]
    is_topical: bool
    quiet_figures: frozenset[str]
    # Codes and terms of discounts that may be told here, and of all that exist.
    told: frozenset[str]
    marks: frozenset[str]
    conditions: re.Pattern[str]

    @property
    def here(self) -> tuple[Due, ...]:
        """The offers that this surface shows: a card has its first product's alone."""
        return self.due[:1] if self.reading.surface == "card" else self.due

    @property
    def offers(self) -> list[Mapping[str, Any]]:
        data = self.reading.data
        if self.reading.surface in ("offers", "private item"):
            return list(data["offers"])
        return list(data["_formulary"]["offers"]) if self.reading.surface == "feed item" else []

    @property
    def ways_out(self) -> list[Anchor]:
        """Links to a vendor, or through our redirect to one."""
        return [link for link in self.reading.anchors if VENDORS.search(link.href) or "/go/" in link.href]
