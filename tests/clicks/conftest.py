"""An app that counts, and ways to make clicks and read what became of them."""

import os
import signal
import sqlite3
import traceback
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from service.catalog.codes import product_code
from service.clicks.actions import tally
from service.clicks.log import Click
from service.clicks.models import ClickCount
from service.clicks.stream import ClickStream
from service.extensions import db
from tests.conftest import Database, make_app

PRODUCT = "du-huo-ji-sheng-tang-fullscript"
CODE = product_code(PRODUCT) + "w"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NOW = 1_795_500_000.0  # 2026-11-24T06:00:00Z
REDIS_URL = "redis://127.0.0.1:6379/11"


@dataclass
class Site:
    """An app that counts into a folder."""

    app: Flask
    folder: Path

    def follow(self, path: str = f"/go/{CODE}", *, method: str = "GET", **environ: Any) -> TestResponse:
        """One request by a browser, its answer read and closed as a server does."""
        given = {"HTTP_USER_AGENT": DESKTOP, "REMOTE_ADDR": "203.0.113.9", **environ}
        return self.app.test_client().open(path, method=method, environ_overrides=given, buffered=True)

    def logged(self) -> Counter[Click]:
        """What the log tells, added up."""
        found: Counter[Click] = Counter()
        for path in self.folder.glob("clicks-*.rows"):
            found += tally(path.read_bytes())[0]
        return found

    def outcomes(self) -> dict[str, int]:
        found: Counter[str] = Counter()
        for click, count in self.logged().items():
            found[click.outcome] += count
        return dict(found)

    def counts(self) -> Counter[Click]:
        """What the database tells."""
        db.session.rollback()
        table = ClickCount.__table__
        found: Counter[Click] = Counter()
        for row in db.session.execute(table.select()):
            found[Click(*row[:-1])] = row[-1]
        return found


@pytest.fixture
def site(seeded: Flask, database: Database, tmp_path: Path) -> Iterator[Site]:
    with seeded.app_context():
        db.engine.dispose()
    folder = tmp_path / "clicks"
    with ExitStack() as stack:
        app = make_app(database.copy(stack, tmp_path), CLICKS="on", CLICKS_DIR=str(folder))
        with app.app_context():
            if database.kind == "sqlite":
                event.listen(db.engine, "connect", wait_briefly)
            yield Site(app, folder)
            db.session.remove()
            db.engine.dispose()


def wait_briefly(connection: sqlite3.Connection, _record: object) -> None:
    """A lock is told after a moment instead of five seconds."""
    connection.execute("PRAGMA busy_timeout=50")


@pytest.fixture
def stream() -> Iterator[ClickStream]:
    """A stream of the test's own in the real Redis."""
    client = redis.Redis.from_url(REDIS_URL, socket_connect_timeout=1)
    try:
        client.ping()
    except redis.RedisError:
        pytest.skip("NO REDIS at 127.0.0.1:6379, so clicks were not sent through one")
    name = f"test:clicks:{uuid.uuid4().hex}"
    yield ClickStream(client, name=name)
    client.delete(name, f"{name}:sent")
    client.close()


def in_a_child(work: Callable[[], None]) -> int:
    """Run it in a fork that never comes back here; the child's process id."""
    # Connections are neither the child's to use nor to close, so there is none when it begins.
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    except BaseException:  # noqa: BLE001 - a fork of pytest must not go on as a second pytest
        traceback.print_exc()
        os._exit(1)


def ended_by(child: int) -> int:
    """The signal that ended a child, 0 where it ended by itself and well."""
    _, status = os.waitpid(child, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0
    return signal.Signals(os.WTERMSIG(status)) if os.WIFSIGNALED(status) else 0
