"""Attempts to sign in, counted by name and by address, so that guessing is slow and nobody is locked out for good.

The counts live where the rate limits live (Redis when there is one), under hashes, for a day at most. An attempt is
counted before the passphrase is looked at, so that many at once are no way around it. What a storage raises it tells
itself: to import Redis's own error would load its library where there is none.
"""

import time
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import Final

import structlog
from limits.storage import MemoryStorage, Storage

from service.extensions import limiter
from service.shared.errors import FormularyError

FREE_ATTEMPTS: Final = 5
FIRST_WAIT_SECONDS: Final = 10
LONGEST_WAIT_SECONDS: Final = 15 * 60
DAY_SECONDS: Final = 24 * 60 * 60
# Counts for this process alone, for when Redis does not answer.
_OWN: Final = MemoryStorage()

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
    """Count one attempt. Raises TooManyAttempts while its address or its name has to wait."""
    for key in _keys(name, address):
        try:
            _count(limiter.storage, key)
        except limiter.storage.base_exceptions as error:
            log.warning("attempts_counted_here", error=type(error).__name__)
            _count(_OWN, key)


def forget_attempts(*, name: str, address: str) -> None:
    """Start anew, after a right passphrase."""
    for key in _keys(name, address):
        for part in ("tries", "wait"):
            _OWN.clear(f"{key}:{part}")
            try:
                limiter.storage.clear(f"{key}:{part}")
            except limiter.storage.base_exceptions as error:
                log.warning("attempts_not_forgotten", error=type(error).__name__)


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


def _keys(name: str, address: str) -> list[str]:
    """The address first: one that has to wait cannot make a name wait longer."""
    return [
        f"sign-in:{kind}:{sha256(value.encode()).hexdigest()}"
        for kind, value in (("address", _network(address)), ("name", name))
    ]


def _network(address: str) -> str:
    """An address, or the /64 network an IPv6 address stands for: a household has that many."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return known.exploded[:19] if isinstance(known, IPv6Address) else address
