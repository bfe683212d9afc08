"""The look-up index: every key of every published entity, sorted, for exact and prefix answers."""

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any, NamedTuple

from service.lookup.names import fold

# From the surest: the whole name, the start of one, the start of a word inside one, a generated reading.
CLASSES = ("exact", "prefix", "word", "reading")


@dataclass(frozen=True, slots=True)
class Entry:
    """A published formula or herb as the index holds it."""

    kind: str
    slug: str
    summary: Mapping[str, Any]
    names: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Why an entry answers: `spans` are half-open ranges of `text`, as displayed."""

    entry: Entry
    match_class: str
    field: str
    text: str
    spans: tuple[tuple[int, int], ...]


class Holder(NamedTuple):
    """Whose name a key is, in the order answers come: the place in CLASSES first."""

    sureness: int
    is_herb: bool
    length: int
    entry: int
    name: int


class Index:
    """Immutable; one is built for each catalog version."""

    def __init__(self, rows: Iterable[tuple[str, str, str, str]]) -> None:
        """Take rows of (kind, slug, summary, search); summary and search are JSON texts."""
        self.entries: list[Entry] = []
        keyed: list[tuple[str, Holder]] = []
        for kind, slug, summary, search in rows:
            found = json.loads(search)
            number = len(self.entries)
            self.entries.append(Entry(kind, slug, json.loads(summary), tuple(found["names"])))
            texts = [fold(name["text"]).joined.text for name in found["names"]]
            for key, position in found["keys"]:
                text = texts[position]
                sureness = 0 if text == key else 2 if key in text else 3
                keyed.append((key, Holder(sureness, kind != "formula", len(text), number, position)))
        keyed.sort()
        self._keys = [key for key, _ in keyed]
        self._holders = [holder for _, holder in keyed]

    def find(self, query: str, *, kind: str | None = None, limit: int = 10) -> list[Match]:
        """The best matches first: by class, then formulas before herbs, then the shorter name."""
        wanted = fold(query).joined.text
        if not wanted:
            return []
        best: dict[int, Holder] = {}
        for key, holder in self._starting_with(wanted):
            if kind is not None and self.entries[holder.entry].kind != kind:
                continue
            # A whole name that only begins with what is wanted is less sure than one that is it.
            rank = holder._replace(sureness=1) if holder.sureness == 0 and key != wanted else holder
            if holder.entry not in best or rank < best[holder.entry]:
                best[holder.entry] = rank
        ranked = nsmallest(limit, best.values())
        return [self._explain(holder, wanted) for holder in ranked]

    def _starting_with(self, wanted: str) -> Iterator[tuple[str, Holder]]:
        place = bisect_left(self._keys, wanted)
        while place < len(self._keys) and self._keys[place].startswith(wanted):
            yield self._keys[place], self._holders[place]
            place += 1

    def _explain(self, holder: Holder, wanted: str) -> Match:
        entry = self.entries[holder.entry]
        name = entry.names[holder.name]
        joined = fold(name["text"]).joined
        start = joined.text.find(wanted)
        spans = () if start < 0 else (joined.span(start, start + len(wanted)),)
        return Match(entry, CLASSES[holder.sureness], name["script"], name["text"], spans)
