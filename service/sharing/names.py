"""The names a message may tell.

A formula's English name may say what it acts on ("bone-setting liniment"). It is told only where
every word of it is a herb's or a form's; the pinyin name is the formula's own and always told.
"""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any, Final

FORM_WORDS: Final = frozenset(
    {
        *("a", "and", "of", "the", "with", "plus"),
        *("combination", "decoction", "draught", "elixir", "extract", "formula", "granule", "granules", "liniment"),
        *(
            "lotion",
            "oil",
            "pill",
            "pills",
            "plaster",
            "powder",
            "soup",
            "syrup",
            "tablet",
            "tablets",
            "tea",
            "teapill",
        ),
        *("teapills", "tincture", "water", "wine"),
    }
)
_WORD: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class ToldNames:
    """A formula's names as a message tells them."""

    pinyin: str
    english: str | None

    @property
    def full(self) -> str:
        return f"{self.pinyin} ({self.english})" if self.english else self.pinyin


def names_to_tell(public: Mapping[str, Any]) -> ToldNames:
    """The names of a formula's public body that name no condition and no action on one; the preferred first."""
    title = public["title"]
    herbs = {
        word
        for ingredient in public["ingredients"]
        for script in ("english", "latin", "pinyin")
        for word in _words(ingredient["title"].get(script, ""))
    }
    english = [title.get("english", ""), *(name["text"] for name in public["names"] if name["script"] == "english")]
    told = next((name for name in english if _is_of(name, herbs | FORM_WORDS)), None)
    return ToldNames(title.get("pinyin", public["slug"]), told)


def _is_of(name: str, words: Set[str]) -> bool:
    """Whether a name has words, and none but these."""
    return bool(_words(name)) and _words(name) <= words


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}
