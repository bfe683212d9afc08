"""Counting one visit, after its answer was sent; whatever goes wrong here stays here."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from service.clicks.log import ClickLog, hour_of
from service.clicks.visitors import Visitors
from service.clicks.visits import Visits
from service.referrals.redirects import Link

TELL_EVERY_SECONDS: Final = 60

log = structlog.get_logger(__name__)


class ClickCounter:
    """Classifies a visit and appends its line."""

    def __init__(
        self, folder: Path, *, visitors: Visitors | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._log = ClickLog(folder)
        self._visits = Visits(visitors or Visitors())
        self._clock = clock
        self._tell_at = 0.0
        self._lost = 0

    def count(self, environ: Mapping[str, Any], link: Link) -> None:
        """Count a visit. Raises nothing: an answer that was sent cannot be taken back for a count."""
        try:
            hour = hour_of(self._clock())
            device, outcome = self._visits.classify(environ, link, hour=hour)
            self._log.append(link, device, outcome, hour=hour)
        except Exception as fault:  # noqa: BLE001 - a link works whatever becomes of its count
            self._tell(fault)

    def end_day(self) -> None:
        """Keep nothing of visitors once their day is over."""
        self._visits.end_day(hour_of(self._clock()))

    def _tell(self, fault: Exception) -> None:
        """One line a minute at most; the fault's own text could hold what a visitor sent, so its kind is told."""
        self._lost += 1
        now = time.monotonic()
        if now >= self._tell_at:
            self._tell_at = now + TELL_EVERY_SECONDS
            reason = fault.strerror if isinstance(fault, OSError) else None
            log.warning("clicks_not_counted", lost=self._lost, error=type(fault).__name__, reason=reason)

    def close(self) -> None:
        self._log.close()
