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
from typing import Final

from service.shared.addresses import network_of

HANDED_DOWN: Final = "FORMULARY_VISITORS_FD"
NAME: Final = "formulary-visitors"
SLOTS: Final = 1 << 18
HEADER_WORDS: Final = 8
SALT: Final = slice(8, 40)
SIZE: Final = 8 * (HEADER_WORDS + SLOTS)
PROBES: Final = 8
MOST_MET: Final = 100_000
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
        # What this process noted in the hour, by hashes seeded by chance: a repeat here needs no digest.
        self._met: set[int] = set()
        self._met_in = 0

    def is_new(self, link: tuple[str, ...], *, address: str, agent: str, hour: int) -> bool:
        """Whether this is the visitor's first visit of the link in the hour (hours since the epoch), and note it."""
        if hour != self._met_in or len(self._met) > MOST_MET:
            self._begin_hour(hour)
        met = hash((link, address, agent))
        if met in self._met:
            return False
        self._met.add(met)
        said = "\0".join((*link, str(hour), network_of(address), agent)).encode("utf-8", "replace")
        with self._lock:
            self._keep_to_day(hour // 24)
            digest = int.from_bytes(blake2b(said, digest_size=8, key=self._table[SALT]).digest())
            return self._note(digest >> (64 - _DIGEST_BITS), hour)

    def end_day(self, hour: int) -> None:
        """Overwrite what an hour or a day that is over left, although nobody came since."""
        if hour != self._met_in:
            self._begin_hour(hour)
        with self._lock:
            self._keep_to_day(hour // 24)

    def _begin_hour(self, hour: int) -> None:
        self._met_in, self._met = hour, set()

    def _keep_to_day(self, day: int) -> None:
        if self._words[0] == day:
            return
        self._table[8 * HEADER_WORDS :] = bytes(8 * self._slots)
        self._table[SALT] = secrets.token_bytes(32)
        self._words[0] = day

    def _note(self, digest: int, hour: int) -> bool:
        tag = hour % 255 + 1
        seen = tag << _DIGEST_BITS | digest
        for step in range(PROBES):
            place = HEADER_WORDS + (digest + step) % self._slots
            held = self._words[place]
            if held == seen:
                return False
            # Within its hour no slot becomes free again, so nothing of ours stands behind the first free one.
            if held >> _DIGEST_BITS != tag:
                self._words[place] = seen
                break
        return True
