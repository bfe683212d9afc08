"""The limits: what they call a visitor, and what a Redis that does not answer costs a link."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from typing import Any, cast

import pytest
import redis
import time_machine
from flask import Flask
from limits.storage import MemoryStorage

from service.app import limiter_config
from service.extensions import db, limiter, visitor_key
from tests.clicks.conftest import CODE
from tests.conftest import Database, make_app

REDIS_URL = "redis://127.0.0.1:6379/13"
ADDRESS = "198.51.100.77"


@contextmanager
def limited(database: Database, seeded: Flask, **changes: str) -> Iterator[Flask]:
    """An app on the seeded database, with limits of its own. There is one limiter: the next app binds it anew."""
    app = make_app(database.url, **changes)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()
            limiter.init_app(make_app(database.url))


def follow(app: Flask) -> int:
    return app.test_client().get(f"/go/{CODE}", environ_overrides={"REMOTE_ADDR": ADDRESS}).status_code


def test_no_key_in_memory_holds_an_address(database: Database, seeded: Flask) -> None:
    with limited(database, seeded) as app:
        assert follow(app) == 302
        keys = list(cast("MemoryStorage", limiter.storage).storage)
    assert keys
    assert not [key for key in keys if ADDRESS in key]


def test_no_key_in_redis_holds_an_address(database: Database, seeded: Flask) -> None:
    client: Any = redis.Redis.from_url(REDIS_URL)
    try:
        client.ping()
    except redis.RedisError:
        pytest.skip("NO REDIS at 127.0.0.1:6379, so its keys were not read")
    before = set(client.keys())
    with limited(database, seeded, REDIS_URL=REDIS_URL) as app:
        assert follow(app) == 302
    keys = set(client.keys()) - before
    client.close()
    assert keys
    assert not [key for key in keys if ADDRESS.encode() in key]


def key_of(address: str, **changes: str) -> str:
    app = make_app("sqlite:////nowhere", **changes)
    with app.test_request_context(environ_overrides={"REMOTE_ADDR": address}):
        return visitor_key()


def test_a_key_is_the_same_for_an_address_and_day_and_under_one_secret_alone() -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    secret = {"SECRET_KEY": "s" * 40}
    with time_machine.travel(noon, tick=False) as clock:
        key = key_of(ADDRESS, **secret)
        assert key_of(ADDRESS, **secret) == key
        assert key_of("198.51.100.78", **secret) != key
        assert key_of(ADDRESS, SECRET_KEY="t" * 40) != key
        clock.shift(timedelta(hours=12))
        assert key_of(ADDRESS, **secret) != key


@pytest.fixture
def frozen() -> Iterator[str]:
    """A Redis that accepts connections and never answers; after five seconds it is gone."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        held: list[socket.socket] = []

        def end() -> None:
            listener.settimeout(0)
            try:
                while True:
                    held.append(listener.accept()[0])
            except OSError:
                pass
            for one in held:
                one.close()

        timer = Timer(5, end)
        timer.start()
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        timer.cancel()


def test_a_frozen_redis_holds_up_no_link_for_long(database: Database, seeded: Flask, frozen: str) -> None:
    with limited(database, seeded, REDIS_URL=frozen) as app:
        started = time.monotonic()
        for _ in range(5):
            app.extensions["redirect_layer"].forget()
            assert follow(app) == 302
        assert time.monotonic() - started < 2


def test_a_redis_behind_a_socket_is_taken_too(tmp_path: Path) -> None:
    make_app("sqlite:////nowhere", REDIS_URL=f"unix://{tmp_path}/redis.sock")
    assert limiter_config("unix:///x")["RATELIMIT_STORAGE_URI"] == "redis+unix:///x"
