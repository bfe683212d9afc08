"""Normalising: a query and a key meet in one form, and each character remembers where it stood.

NFKC, lower case, tone marks and tone digits off, the three spellings of u-umlaut one (v), hanzi
simplified, apostrophes out, every other non-letter one space.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from opencc import OpenCC

APOSTROPHES: Final = frozenset("'’‘`´ʼ")
TONE_DIGITS: Final = frozenset("12345")
DIAERESIS: Final = "\u0308"


@dataclass(frozen=True, slots=True)
class Folded:
    """Normalised text; `places[i]` is the index in the original of its i-th character."""

    text: str
    places: tuple[int, ...]

    @property
    def joined(self) -> "Folded":
        """The same without its spaces."""
        kept = [(letter, place) for letter, place in zip(self.text, self.places, strict=True) if letter != " "]
        return Folded("".join(letter for letter, _ in kept), tuple(place for _, place in kept))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters [start, end) stand in the original, as a half-open range."""
        return self.places[start], self.places[end - 1] + 1


@lru_cache(maxsize=16384)
def fold(text: str) -> Folded:
    """Normalise a text of any script."""
    letters: list[str] = []
    places: list[int] = []
    for place, original in enumerate(text):
        for mark in unicodedata.normalize("NFD", unicodedata.normalize("NFKC", original).lower()):
            _fold_mark(mark, letters, places, place)
    if letters and letters[-1] == " ":
        letters.pop()
        places.pop()
    return Folded("".join(letters), tuple(places))


def _fold_mark(mark: str, letters: list[str], places: list[int], place: int) -> None:
    """Add one decomposed character to what stands before it."""
    last = letters[-1] if letters else " "
    if mark == DIAERESIS or (mark == ":" and last == "u"):
        if last == "u":
            letters[-1] = "v"
    elif mark in APOSTROPHES or unicodedata.combining(mark) or (mark in TONE_DIGITS and "a" <= last <= "z"):
        pass
    elif mark.isalnum():
        letters.append(simplify(mark) if is_hanzi(mark) else mark)
        places.append(place)
    elif last != " ":
        letters.append(" ")
        places.append(place)


def is_hanzi(letter: str) -> bool:
    return "\u3400" <= letter <= "\u9fff" or "\uf900" <= letter <= "\ufaff" or letter >= "\U00020000"


@lru_cache(maxsize=16384)
def simplify(hanzi: str) -> str:
    """The simplified form of one hanzi, Japanese forms included."""
    to_traditional, to_simplified = _converters()
    return str(to_simplified.convert(to_traditional.convert(hanzi)))[:1]


@lru_cache(maxsize=1)
def _converters() -> tuple[OpenCC, OpenCC]:
    return OpenCC("jp2t"), OpenCC("t2s")
