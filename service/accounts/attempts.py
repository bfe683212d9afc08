"""Attempts to sign in, counted by name and by address, so that guessing is slow and nobody is locked out for good.

Whoever signed in from a network is not kept out there by others' guesses at the name: only its address counts then.

The counts live where the rate limits live (Redis when there is one), under hashes, for a day at most. An attempt is
counted before the passphrase is looked at, so that many at once are no way around it. What a storage raises it tells
itself: to import Redis's own error would load its library where there is none.
"""

import time
from collections.abc import Callable
from hashlib import sha256
from typing import Final, NamedTuple, TypeVar

import structlog
from limits.storage import MemoryStorage, Storage

from service.extensions import limiter
from service.shared.addresses import network_of
from service.shared.errors import FormularyError

FREE_ATTEMPTS: Final = 5
FIRST_WAIT_SECONDS: Final = 10
LONGEST_WAIT_SECONDS: Final = 15 * 60
DAY_SECONDS: Final = 24 * 60 * 60
KNOWN_SECONDS: Final = 90 * DAY_SECONDS
# Counts for this process alone, for when Redis does not answer.
_OWN: Final = MemoryStorage()

T = TypeVar("T")
log = structlog.get_logger(__name__)


class TooManyAttempts(FormularyError):
    """Wait `wait_seconds` before the next attempt."""

    code = "too-many-attempts"
    title = "Too many attempts"
    status = 429

    def __init__(self, wait_seconds: int) -> None:
        told = f"{wait_seconds} seconds" if wait_seconds < 100 else f"{-(-wait_seconds // 60)} minutes"
        super().__init__(f"Too many attempts. Wait {told}, then try again.")
        self.wait_seconds = wait_seconds


def count_attempt(*, name: str, address: str) -> None:
    """Count one attempt. Raises TooManyAttempts while its address has to wait, or its name where nobody knows it."""
    keys = _keys(name, address)
    _held(lambda storage: _count(storage, keys.address))
    if not _held(lambda storage: storage.get(keys.known)):
        _held(lambda storage: _count(storage, keys.name))


def forget_attempts(*, name: str, address: str) -> None:
    """Start anew, after a right passphrase, and know the name at this address from now on."""
    keys = _keys(name, address)

    def forget(storage: Storage) -> None:
        for key in (keys.address, keys.name):
            storage.clear(f"{key}:tries")
            storage.clear(f"{key}:wait")
        storage.incr(keys.known, KNOWN_SECONDS)

    forget(_OWN)
    _held(forget)


def wait_after(tries: int) -> int:
    """Seconds to wait after so many attempts: none for the first few, then twice as long each time."""
    if tries < FREE_ATTEMPTS:
        return 0
    return int(min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(tries - FREE_ATTEMPTS, 20)))


def _count(storage: Storage, key: str) -> None:
    tries, wait = f"{key}:tries", f"{key}:wait"
    if not storage.get(wait):
        count = storage.incr(tries, DAY_SECONDS)
        if count < FREE_ATTEMPTS or storage.incr(wait, wait_after(count)) == 1:
            return
    raise TooManyAttempts(max(1, round(storage.get_expiry(wait) - time.time())))


def _held(work: Callable[[Storage], T]) -> T:
    """The work on the shared storage, or on this process's own where that does not answer."""
    try:
        return work(limiter.storage)
    except limiter.storage.base_exceptions as error:
        log.warning("attempts_counted_here", error=type(error).__name__)
        return work(_OWN)


class _Keys(NamedTuple):
    """Where an attempt is counted, the address first: one that has to wait cannot make a name wait longer."""

    address: str
    name: str
    known: str


def _keys(name: str, address: str) -> _Keys:
    network = network_of(address)
    told = {"address": network, "name": name, "known": f"{name}\0{network}"}
    return _Keys(*(f"sign-in:{kind}:{sha256(value.encode()).hexdigest()}" for kind, value in told.items()))
