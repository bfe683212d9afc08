"""Has this visitor followed this link in this hour? A table of keyed digests in memory that no file holds.

A digest is BLAKE2b of link, hour, address and user agent under a salt drawn anew each UTC day. The salt is never
stored and derived from nothing; within a minute of the day's end it is overwritten, visit or none, the table with it,
and what was in it cannot be told any more, not even by who knows every secret of the service. Each host has a table of
its own.
"""

import mmap
import os
import secrets
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Any, Final

from service.shared.addresses import network_of

HANDED_DOWN: Final = "FORMULARY_VISITORS_FD"
NAME: Final = "formulary-visitors"
SLOTS: Final = 1 << 18
HEADER_WORDS: Final = 8
SALT: Final = slice(8, 40)
SALT_WORD: Final = 1
SIZE: Final = 8 * (HEADER_WORDS + SLOTS)
PROBES: Final = 8
MOST_MET: Final = 100_000
MOST_BEGUN: Final = 1000
_DIGEST_BITS: Final = 56


def hand_down() -> None:
    """Make the table that the workers to come share: its file descriptor passes through exec and fork.

    Where the system has no memfd_create each worker keeps a table of its own.
    """
    if not hasattr(os, "memfd_create"):
        return
    descriptor = os.memfd_create(NAME, 0)
    os.ftruncate(descriptor, SIZE)
    os.environ[HANDED_DOWN] = str(descriptor)


def open_table() -> mmap.mmap:
    """The table that was handed down, or one of this process's own."""
    told = os.environ.get(HANDED_DOWN, "")
    # The number alone proves nothing: a process started otherwise inherits the environment and not the table.
    if told.isdigit() and _leads_to(int(told)).startswith(f"/memfd:{NAME}"):
        return mmap.mmap(int(told), SIZE)
    return mmap.mmap(-1, SIZE)


def _leads_to(descriptor: int) -> str:
    try:
        return str(Path(f"/proc/self/fd/{descriptor}").readlink())
    except OSError:
        return ""


class Visitors:
    """The table: a header with the day and its salt, then slots.

    A slot holds a digest under a tag of its hour, so that those of other hours are free to take. Where the few
    slots a digest may stand in are all taken, the visit passes for a new one: better counted twice than lost.

    Workers share the table without a lock. Two that see a new visitor in the same microsecond may both count it,
    and so may two at midnight, when each draws a salt and the later one stands: at most a count too many, never
    one too few, and never a digest under a salt that outlives its day. Within a worker the lock decides.
    """

    def __init__(self, table: mmap.mmap | None = None) -> None:
        self._table = table or open_table()
        self._words = memoryview(self._table).cast("Q")
        self._slots = len(self._words) - HEADER_WORDS
        self._lock = Lock()
        self._hour = 0
        # What this process noted in the hour, by hashes seeded by chance: a repeat here needs no digest.
        self._met: set[int] = set()
        # What every digest of a link in the hour begins with, under the salt it was begun with.
        self._begun: dict[tuple[str, ...], Any] = {}
        self._salt = 0

    def is_new(self, link: tuple[str, ...], *, address: str, agent: str, hour: int) -> bool:
        """Whether this is the visitor's first visit of the link in the hour (hours since the epoch), and note it."""
        if hour != self._hour or len(self._met) > MOST_MET:
            self._begin_hour(hour)
        met = hash((link, address, agent))
        if met in self._met:
            return False
        self._met.add(met)
        network = network_of(address) if ":" in address else address
        with self._lock:
            if self._words[0] != hour // 24:
                self._begin_day(hour // 24)
            # Another worker may have begun the day: its salt is the one that stands.
            begun = self._begun.get(link) if self._words[SALT_WORD] == self._salt else None
            digest = (begun or self._begin(link, hour)).copy()
            digest.update(f"{network}\0{agent}".encode("utf-8", "replace"))
            return self._note(int.from_bytes(digest.digest()), hour)

    def end_day(self, hour: int) -> None:
        """Overwrite what an hour or a day that is over left, although nobody came since."""
        if hour != self._hour:
            self._begin_hour(hour)
        with self._lock:
            if self._words[0] != hour // 24:
                self._begin_day(hour // 24)

    def _begin_hour(self, hour: int) -> None:
        with self._lock:
            self._hour, self._met, self._begun = hour, set(), {}

    def _begin_day(self, day: int) -> None:
        self._table[8 * HEADER_WORDS :] = bytes(8 * self._slots)
        self._table[SALT] = secrets.token_bytes(32)
        self._words[0] = day
        self._begun = {}

    def _begin(self, link: tuple[str, ...], hour: int) -> Any:
        if self._words[SALT_WORD] != self._salt or len(self._begun) >= MOST_BEGUN:
            self._begun, self._salt = {}, self._words[SALT_WORD]
        begun = self._begun[link] = blake2b(digest_size=_DIGEST_BITS // 8, key=self._table[SALT])
        begun.update("\0".join((*link, str(hour), "")).encode("utf-8", "replace"))
        return begun

    def _note(self, digest: int, hour: int) -> bool:
        tag = hour % 255 + 1
        seen = tag << _DIGEST_BITS | digest
        words, slots = self._words, self._slots
        # Most often the first place is free.
        place = HEADER_WORDS + digest % slots
        if words[place] >> _DIGEST_BITS != tag:
            words[place] = seen
            return True
        for step in range(PROBES):
            place = HEADER_WORDS + (digest + step) % slots
            held = words[place]
            # Within its hour no slot becomes free again, so nothing of ours stands behind the first free one.
            if held >> _DIGEST_BITS != tag:
                words[place] = seen
                break
            if held == seen:
                return False
        return True
