"""Work in the background: jobs at their interval, each done by one worker at a time.

Every worker runs the same threads, and each time one of them wins the job's lock. A worker that is killed gives its
locks back, so that another takes its jobs over at their next turn.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

import structlog
from flask import Flask, current_app

from service.clicks.counting import ClickCounter
from service.clicks.folding import delete_folded, fold_folder, forget_deleted, host_of
from service.clicks.log import fault_of
from service.config import Settings
from service.extensions import db
from service.referrals.queries import current_book
from service.shared.locks import only_one, only_one_here

if TYPE_CHECKING:
    from service.clicks.stream import ClickStream
    from service.partners.links import LinkProber

LONGEST_PAUSE_SECONDS: Final = 60.0
FOLD_SECONDS: Final = 1.0
CLEAR_SECONDS: Final = 60.0
END_DAY_SECONDS: Final = 60.0
# Each link once a day; looking more often lets a restart put nothing off.
CHECK_SECONDS: Final = 900.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """What to run inside the app, how often, and the lock (True for who holds it) that makes it one worker's."""

    name: str
    every_seconds: float
    run: Callable[[], object]
    elect: Callable[[], AbstractContextManager[bool]]


class Background:
    """A thread for each job, so that one that takes long keeps no other waiting."""

    def __init__(self, app: Flask, jobs: Sequence[Job]) -> None:
        self._app = app
        self._ended = Event()
        self._threads = [Thread(target=self._work, args=(job,), name=job.name, daemon=True) for job in jobs]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, *, patience: float = 10.0) -> None:
        """Let the running jobs end, waiting `patience` seconds for each at most."""
        self._ended.set()
        for thread in self._threads:
            thread.join(patience)

    def _work(self, job: Job) -> None:
        pause = job.every_seconds
        while not self._ended.wait(pause):
            try:
                with self._app.app_context(), job.elect() as is_ours:
                    if is_ours:
                        job.run()
                pause = job.every_seconds
            except Exception as fault:  # noqa: BLE001 - a job that fails is tried again, and ends no thread
                pause = min(2 * pause, max(LONGEST_PAUSE_SECONDS, job.every_seconds))
                # An exception's text may hold what somebody sent, so its kind is told.
                log.warning("job_failed", job=job.name, error=type(fault).__name__, again_in_seconds=pause)


def jobs_of(settings: Settings) -> list[Job]:
    """Every job of this service under these settings, to be run inside the app."""
    # The check takes a lock of its own, which `formulary links check` takes too.
    check = Job("check links", CHECK_SECONDS, LinkCheck().run, lambda: nullcontext(True))
    return [*click_jobs(settings), check]


class LinkCheck:
    """Asks each link that nobody has asked for a day, by one prober: it remembers which host wants to be left alone."""

    def __init__(self) -> None:
        self._prober: LinkProber | None = None

    def run(self) -> None:
        # Its HTTP client is loaded here: a start need not pay for it.
        from service.referrals.health import check_links_due, make_prober

        self._prober = self._prober or make_prober(current_book())
        check_links_due(self._prober)


def click_jobs(settings: Settings) -> list[Job]:
    """From the log to the counts: by way of Redis where there is one, since then there may be several hosts."""
    if not settings.counts_clicks:
        return []
    folder = settings.clicks_dir

    def of_this_host() -> AbstractContextManager[bool]:
        folder.mkdir(parents=True, exist_ok=True)
        return only_one_here(folder, "clicks-log")

    def of_all_hosts() -> AbstractContextManager[bool]:
        return only_one(db.engine, "clicks-stream")

    # What each worker's own memory holds, so every worker does it.
    end_day = Job("end day", END_DAY_SECONDS, end_visitors_day, lambda: nullcontext(True))
    if settings.redis_url is None:
        return [
            end_day,
            Job("fold clicks", FOLD_SECONDS, lambda: fold_folder(folder, now=time.time()), of_this_host),
            Job("clear clicks", CLEAR_SECONDS, lambda: clear(folder, None), of_this_host),
        ]
    # redis takes over 0.1 s to import, which a worker without one need not pay.
    from service.clicks.stream import ClickStream

    stream = ClickStream.at(settings.redis_url)
    return [
        end_day,
        Job("send clicks", FOLD_SECONDS, lambda: stream.send_folder(folder, now=time.time()), of_this_host),
        Job("fold clicks", FOLD_SECONDS, stream.fold, of_all_hosts),
        Job("clear clicks", CLEAR_SECONDS, lambda: clear(folder, stream), of_this_host),
    ]


def end_visitors_day() -> None:
    """Overwrite what this worker keeps of visitors, once their day is over."""
    counter: ClickCounter = current_app.extensions["click_counter"]
    counter.end_day()


def clear(folder: Path, stream: "ClickStream | None") -> None:
    """Delete what is counted, and in the end what is noted of it."""
    delete_folded(folder, now=time.time())
    gone = forget_deleted(folder, now=time.time())
    if gone and stream is not None:
        stream.forget(host_of(folder), gone)


def start_jobs(app: Flask, settings: Settings) -> Background:
    """Start this worker's share of the work in the background; says in the log what stands in its way."""
    fault = fault_of(settings.clicks_dir) if settings.counts_clicks else None
    if fault is not None:
        log.warning("clicks_not_counted", reason=fault)
    background = Background(app, jobs_of(settings))
    background.start()
    return background
