"""Jobs in the background: at their interval, one worker at a time, and for ever."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from service.extensions import db
from service.operations.jobs import Background, Job, click_jobs, jobs_of
from service.referrals import health
from service.referrals.models import LinkState
from service.shared.locks import only_one_here
from tests.conftest import settings_for
from tests.partners.web import Web, status


def await_that(is_so: Callable[[], bool]) -> None:
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.05)
    pytest.fail("it did not come about within 30 seconds")


@contextmanager
def free() -> Iterator[bool]:
    yield True


@contextmanager
def taken() -> Iterator[bool]:
    yield False


@contextmanager
def running(app: Flask, *jobs: Job) -> Iterator[None]:
    background = Background(app, jobs)
    background.start()
    try:
        yield
    finally:
        background.stop()


def test_a_job_runs_again_and_again_inside_the_app(app: Flask) -> None:
    seen: list[str] = []
    with running(app, Job("a job", 0.01, lambda: seen.append(current_app.name), free)):
        await_that(lambda: len(seen) >= 3)
    ended_at = len(seen)
    assert set(seen) == {app.name}
    time.sleep(0.05)
    assert len(seen) == ended_at


def test_a_job_whose_lock_another_holds_does_not_run(app: Flask) -> None:
    seen: list[str] = []
    asked: list[str] = []

    def run() -> None:
        seen.append("taken")

    @contextmanager
    def elect() -> Iterator[bool]:
        asked.append("asked")
        with taken() as is_ours:
            yield is_ours

    with running(app, Job("a job", 0.01, run, elect)):
        await_that(lambda: len(asked) >= 3)
    assert seen == []


def test_a_job_that_fails_is_told_and_tried_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []
    told: list[dict[str, object]] = []
    monkeypatch.setattr("service.operations.jobs.log.warning", lambda _event, **fields: told.append(fields))

    def run() -> None:
        tries.append(1)
        if len(tries) <= 2:
            raise ValueError("a visitor's address")

    with running(app, Job("a job", 0.01, run, free)):
        await_that(lambda: len(tries) >= 5)
    assert told == [
        {"job": "a job", "error": "ValueError", "again_in_seconds": 0.02},
        {"job": "a job", "error": "ValueError", "again_in_seconds": 0.04},
    ]


def test_a_job_that_takes_long_keeps_no_other_waiting(app: Flask) -> None:
    seen: list[str] = []
    slow = Job("slow", 0.01, lambda: time.sleep(0.5), free)
    with running(app, slow, Job("quick", 0.01, lambda: seen.append("x"), free)):
        await_that(lambda: len(seen) >= 5)


def test_two_workers_share_a_job_by_its_lock(app: Flask, tmp_path: Path) -> None:
    at_once: list[int] = []
    most: list[int] = []

    def run() -> None:
        at_once.append(1)
        most.append(len(at_once))
        time.sleep(0.005)
        at_once.pop()

    job = Job("a job", 0.001, run, lambda: only_one_here(tmp_path, "a job"))
    with running(app, job), running(app, job):
        await_that(lambda: len(most) >= 20)
    assert set(most) == {1}


def link_job() -> Job:
    (found,) = [job for job in jobs_of(settings_for("sqlite:////nowhere", CLICKS="off")) if job.name == "check links"]
    return found


def test_the_links_are_checked_four_times_an_hour(app: Flask, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "make_prober", lambda _book: web.prober())
    job = link_job()
    with job.elect() as is_ours:
        job.run()
    assert (is_ours, job.every_seconds) == (True, 900)
    assert len(db.session.scalars(select(LinkState)).all()) == 4


def test_a_host_that_asked_for_quiet_is_left_alone_by_the_next_run_too(
    app: Flask, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.routes["/welcome/example-dispensary"] = status(429, Retry_After="3600")
    monkeypatch.setattr(health, "make_prober", lambda _book: web.prober())
    job = link_job()
    for _ in range(3):
        job.run()
    assert len(web.asked) == 1


def test_without_counting_there_is_nothing_to_fold() -> None:
    assert click_jobs(settings_for("sqlite:////nowhere", CLICKS="off")) == []
