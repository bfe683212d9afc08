"""The look-up index: every key of every published entity, sorted, for exact and prefix answers."""

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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


class Index:
    """Immutable; one is built for each catalog version."""

    def __init__(self, rows: Iterable[tuple[str, str, str, str]]) -> None:
        """Take rows of (kind, slug, summary, search); summary and search are JSON texts."""
        self.entries: list[Entry] = []
        pairs: list[tuple[str, int, int]] = []
        for kind, slug, summary, search in rows:
            found = json.loads(search)
            number = len(self.entries)
            self.entries.append(Entry(kind, slug, json.loads(summary), tuple(found["names"])))
            pairs.extend((key, number, position) for key, position in found["keys"])
        pairs.sort()
        self._keys = [key for key, _, _ in pairs]
        self._holders = [(number, position) for _, number, position in pairs]

    def find(self, query: str, *, kind: str | None = None, limit: int = 10) -> list[Match]:
        """The best matches first: by class, then formulas before herbs, then the shorter name."""
        wanted = fold(query).joined.text
        if not wanted:
            return []
        best: dict[int, tuple[tuple[Any, ...], int]] = {}
        for key, number, position in self._starting_with(wanted):
            entry = self.entries[number]
            if kind is not None and entry.kind != kind:
                continue
            text = fold(entry.names[position]["text"]).joined.text
            rank = (_class_of(text, key, wanted), entry.kind != "formula", len(text), entry.slug)
            if number not in best or rank < best[number][0]:
                best[number] = (rank, position)
        ranked = sorted(best.items(), key=lambda item: item[1][0])[:limit]
        return [self._explain(self.entries[number], position, rank[0], wanted) for number, (rank, position) in ranked]

    def _starting_with(self, wanted: str) -> Iterator[tuple[str, int, int]]:
        place = bisect_left(self._keys, wanted)
        while place < len(self._keys) and self._keys[place].startswith(wanted):
            yield self._keys[place], *self._holders[place]
            place += 1

    @staticmethod
    def _explain(entry: Entry, position: int, match_class: int, wanted: str) -> Match:
        name = entry.names[position]
        joined = fold(name["text"]).joined
        start = joined.text.find(wanted)
        spans = () if start < 0 else (joined.span(start, start + len(wanted)),)
        return Match(entry, CLASSES[match_class], name["script"], name["text"], spans)


def _class_of(text: str, key: str, wanted: str) -> int:
    """The place in CLASSES of a name's key that begins with what is wanted."""
    if text == key:
        return 0 if key == wanted else 1
    return 2 if key in text else 3
