"""From a click to its count without anybody's doing, in a real server too."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
import redis
from sqlalchemy import create_engine, text

from service.clicks.log import fault_of
from service.config import PROJECT
from service.operations.jobs import click_jobs, start_jobs
from tests.clicks.conftest import CODE, DESKTOP, NOW, PRODUCT, REDIS_URL, Site
from tests.conftest import settings_for
from tests.operations.test_jobs import await_that
from tests.setup.test_serving import workers_of


def test_clicks_are_folded_in_the_background(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.operations.jobs.FOLD_SECONDS", 0.02)
    background = start_jobs(site.app, site.app.config["FORMULARY"])
    site.follow()
    try:
        await_that(lambda: site.counts().total() == 1)
    finally:
        background.stop()


def test_each_worker_ends_its_visitors_day_in_the_background(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.operations.jobs.END_DAY_SECONDS", 0.02)
    counter = site.app.extensions["click_counter"]
    monkeypatch.setattr(counter, "_clock", lambda: NOW)
    site.follow()
    assert counter._visits._agents._known
    monkeypatch.setattr(counter, "_clock", lambda: NOW + 24 * 60 * 60)
    background = start_jobs(site.app, site.app.config["FORMULARY"])
    try:
        await_that(lambda: not counter._visits._agents._known)
    finally:
        background.stop()


def test_with_redis_the_clicks_go_by_way_of_it(site: Site, tmp_path: Path) -> None:
    settings = settings_for(
        str(site.app.config["SQLALCHEMY_DATABASE_URI"]), CLICKS="on", CLICKS_DIR=str(site.folder), REDIS_URL=REDIS_URL
    )
    client = redis.Redis.from_url(REDIS_URL)
    try:
        client.ping()
    except redis.RedisError:
        pytest.skip("NO REDIS at 127.0.0.1:6379")
    client.delete("formulary:clicks", "formulary:clicks:sent")
    site.follow()
    try:
        for job in click_jobs(settings):
            with job.elect() as is_ours:
                assert is_ours
                job.run()
        assert site.counts() == site.logged()
        assert site.counts().total() == 1
    finally:
        client.delete("formulary:clicks", "formulary:clicks:sent")
        client.close()


def test_a_folder_that_cannot_be_written_is_told_at_start(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, object]] = []
    monkeypatch.setattr("service.operations.jobs.log.warning", lambda _event, **fields: told.append(fields))
    site.folder.write_text("a file stands in the way")
    start_jobs(site.app, site.app.config["FORMULARY"]).stop()
    assert told[0] == {"reason": fault_of(site.folder)}


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[tuple[int, int, Path]]:
    """A real server of two workers: its process, its port and its folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environ = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "WORKERS": "2",
        "DATABASE_URL": f"sqlite:///{tmp_path}/formulary.sqlite3",
    }
    with (
        (tmp_path / "serve.log").open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "service", "serve"],
            cwd=PROJECT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            await_that(lambda: process.poll() is None and ask(port, "/readyz") == 200)
            yield process.pid, port, tmp_path
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def ask(port: int, path: str, *, address: str = "127.0.0.1") -> int:
    """The status of a browser's request from a loopback address, 0 where nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10, source_address=(address, 0))
    try:
        connection.request("GET", path, headers={"User-Agent": DESKTOP})
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()


def follows(port: int, path: str, address: str) -> bool:
    return ask(port, path, address=address) == 302


def test_workers_share_the_visitors_and_a_killed_one_loses_nothing(serving: tuple[int, int, Path]) -> None:
    pid, port, folder = serving
    engine = create_engine(f"sqlite:///{folder}/formulary.sqlite3")
    path = f"/go/{CODE}"

    def outcomes() -> dict[str, int]:
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT outcome, sum(count) FROM click_counts GROUP BY outcome"))
            return {row[0]: row[1] for row in rows}

    # Each request has a connection of its own, so they reach either worker.
    assert {ask(port, path, address="127.9.9.9") for _ in range(40)} == {302}
    await_that(lambda: outcomes() == {"counted": 1, "repeat": 39})

    def logged() -> int:
        """The lines there are: a click is safe from here on, a moment after its answer."""
        return b"".join(file.read_bytes() for file in (folder / "clicks").glob("clicks-*.rows")).count(PRODUCT.encode())

    for number in range(3):
        before = logged()
        address = f"127.9.8.{number}"
        await_that(partial(follows, port, path, address))
        await_that(lambda: logged() > before)  # noqa: B023 - asked within this round
        os.kill(workers_of(pid)[0], signal.SIGKILL)
    await_that(lambda: outcomes().get("counted") == 4)
    assert sum(outcomes().values()) == logged()
    engine.dispose()
    kept = [file.read_bytes() for file in (*folder.glob("*"), *folder.glob("clicks/*")) if file.is_file()]
    for word in (b"Firefox", b"127.9."):
        assert not any(word in text for text in kept)
