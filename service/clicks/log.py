"""The log of clicks: one line appended for each, in files of each process and UTC hour.

A line is `hour product channel placement device outcome`, parted by spaces, and nothing of the visitor. What was
written is safe from the end of the process, however it ends, since the system holds it.
"""

import errno
import mmap
import os
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock
from typing import Final

from service.clicks.agents import DEVICES
from service.clicks.visits import OUTCOMES
from service.referrals.policy import Channel
from service.referrals.redirects import Link

HOUR_SECONDS: Final = 3600
NO_PLACEMENT: Final = "-"
_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_LINE = re.compile(
    rf"(\d{{4}}-\d{{2}}-\d{{2}})T([01]\d|2[0-3]) ({_SLUG}) ({'|'.join(Channel)}) (\S+) "
    rf"({'|'.join(DEVICES)}) ({'|'.join(OUTCOMES)})"
)
LONGEST_NAME: Final = 80
MOST_LINES: Final = 10_000
# A thousand clicks or so; a busy hour goes on in larger files.
FIRST_BYTES: Final = 64 * 1024
NEXT_BYTES: Final = 1024 * 1024
REFUSED_SECONDS: Final = 1.0
_NEWLINE: Final = ord("\n")


# How often this process was forked off from another: it tells processes apart without a system call for each click.
_forks = 0


def _count_fork() -> None:
    global _forks  # noqa: PLW0603 - the system calls this, once, in a new process
    _forks += 1


os.register_at_fork(after_in_child=_count_fork)


@dataclass(frozen=True, slots=True, order=True)
class Click:
    """What is counted: clicks that agree in all of this are one row."""

    day: date
    hour: int
    product: str
    channel: str
    placement: str
    device: str
    outcome: str


def hour_of(moment: float) -> int:
    """Hours since the epoch, of seconds since the epoch."""
    return int(moment // HOUR_SECONDS)


def hour_text(hour: int) -> str:
    """An hour since the epoch as `2026-11-24T05`, UTC."""
    return datetime.fromtimestamp(hour * HOUR_SECONDS, UTC).strftime("%Y-%m-%dT%H")


def file_name(hour: int, writer: str, number: int) -> str:
    """The name of a process's file of an hour; names sort by their hour.

    They do not end in `.log`: what rotates logs may cut them short, and a mapped file cut short ends its process.
    """
    return f"clicks-{hour_text(hour)}-{writer}-{number:04}.rows"


def line_of(hour: str, link: Link, device: str, outcome: str) -> str:
    return f"{hour} {link.product} {link.channel} {link.placement or NO_PLACEMENT} {device} {outcome}"


def read_line(line: str) -> Click | None:
    """The click a line tells, or None where it tells none."""
    found = _LINE.fullmatch(line)
    if found is None or max(len(found[3]), len(found[5])) > LONGEST_NAME:
        return None
    try:
        day = date.fromisoformat(found[1])
    except ValueError:
        return None
    placement = "" if found[5] == NO_PLACEMENT else found[5]
    return Click(day, int(found[2]), found[3], found[4], placement, found[6], found[7])


class ClickLog:
    """Appends lines to a file of the hour that only this process writes.

    The file is mapped into memory: an append is a copy, no system call, so that no thread gives up its turn for a
    count. What was copied is the system's, and outlives the process. Its blocks are written with zeros first, since a
    full disk is an error there and would end the process later; zeros are where a reader stops.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = Lock()
        # A process that is forked off has its parent's map, and must not write there.
        self._process = -1
        self._writer = ""
        self._hour = 0
        self._number = 0
        # The same links are followed again and again, so an hour's lines are made once.
        self._lines: dict[tuple[Link, str, str], bytes] = {}
        self._map: mmap.mmap | None = None
        self._place = 0
        self._refused_until = 0.0

    def append(self, link: Link, device: str, outcome: str, *, hour: int) -> None:
        """Add one line. Raises OSError where the folder cannot be written or the disk is full."""
        with self._lock:
            if hour != self._hour or self._process != _forks:
                self._begin_hour(hour)
            line = self._lines.get((link, device, outcome)) or self._make_line(link, device, outcome)
            end = self._place + len(line)
            if self._map is None or end > len(self._map):
                self._begin_file()
                end = len(line)
            # The newline last: a reader takes a line only once its end stands there.
            self._map[self._place : end - 1] = line[:-1]  # type: ignore[index]  # _begin_file made it or raised
            self._map[end - 1] = _NEWLINE  # type: ignore[index]  # as above
            self._place = end

    def close(self) -> None:
        with self._lock:
            self._close_file()

    def _begin_hour(self, hour: int) -> None:
        self._close_file()
        self._process, self._writer = _forks, secrets.token_hex(4)
        self._hour, self._lines, self._number = hour, {}, 0

    def _begin_file(self) -> None:
        """Map the next file of the hour. After a refusal the disk is left alone for a second: no link waits on it."""
        self._close_file()
        if self._clock() < self._refused_until:
            raise OSError(errno.EAGAIN, "the log could not be written a moment ago")
        path = self._folder / file_name(self._hour, self._writer, self._number)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._map = _map_file(path, FIRST_BYTES if self._number == 0 else NEXT_BYTES)
        except OSError:
            self._refused_until = self._clock() + REFUSED_SECONDS
            raise
        self._number += 1

    def _make_line(self, link: Link, device: str, outcome: str) -> bytes:
        line = f"{line_of(hour_text(self._hour), link, device, outcome)}\n".encode()
        if len(self._lines) < MOST_LINES:
            self._lines[link, device, outcome] = line
        return line

    def _close_file(self) -> None:
        self._place = 0
        if self._map is not None:
            self._map.close()
            self._map = None


def _map_file(path: Path, size: int) -> mmap.mmap:
    """A new file of zeros, in memory. Raises OSError, and leaves no file then."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
    try:
        _fill(descriptor, size)
        return mmap.mmap(descriptor, size)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def _fill(descriptor: int, size: int) -> None:
    """Write so many zeros. Raises OSError where they do not fit."""
    if os.write(descriptor, bytes(size)) != size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fault_of(folder: Path) -> str | None:
    """Why clicks cannot be written there, as a sentence that says what to do; None where they can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f"probe-{os.getpid()}-{time.monotonic_ns()}"
        probe.write_bytes(b"\n")
        probe.unlink()
    except OSError as fault:
        return (
            f"CLICKS_DIR: clicks cannot be written to {folder} ({fault.strerror}), so none are counted; "
            "give the folder to this user, make room on its disk, or name another."
        )
    return None
