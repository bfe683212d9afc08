import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from service.config import PROJECT
from service.extensions import db
from service.shared.errors import Unavailable
from service.shared.locks import only_one, only_one_here, wait_for

HOLD_HERE = """
import sys, time
from pathlib import Path
from service.shared.locks import only_one_here
with only_one_here(Path(sys.argv[1]), sys.argv[2]) as is_ours:
    print(is_ours, flush=True)
    time.sleep(60)
"""
HOLD = """
import sys, time
from sqlalchemy import create_engine
from service.shared.locks import only_one
with only_one(create_engine(sys.argv[1]), sys.argv[2]) as is_ours:
    print(is_ours, flush=True)
    time.sleep(60)
"""


@contextmanager
def another_process(script: str, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that says whether it got the lock, and keeps it."""
    with subprocess.Popen(
        [sys.executable, "-c", script, *words], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "True\n"
            yield process
        finally:
            process.kill()


def kill(process: "subprocess.Popen[str]") -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def is_free_here(folder: Path, name: str) -> bool:
    with only_one_here(folder, name) as is_ours:
        return is_ours


def test_a_folders_lock_is_one_processs_until_it_is_killed(tmp_path: Path) -> None:
    with another_process(HOLD_HERE, str(tmp_path), "a") as holder:
        assert not is_free_here(tmp_path, "a")
        assert is_free_here(tmp_path, "b")
        kill(holder)
        assert is_free_here(tmp_path, "a")
        assert is_free_here(tmp_path, "a")


def test_a_folders_lock_is_given_back_after_the_block_and_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), only_one_here(tmp_path, "a"):
        raise RuntimeError
    assert is_free_here(tmp_path, "a")


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), only_one_here(tmp_path / "none", "a"):
        pass


def is_free(name: str) -> bool:
    with only_one(db.engine, name) as is_ours:
        return is_ours


def test_a_databases_lock_is_one_processs_until_it_is_killed(app: Flask) -> None:
    url = db.engine.url.render_as_string(hide_password=False)
    with another_process(HOLD, url, "a") as holder:
        assert not is_free("a")
        assert is_free("b")
        kill(holder)
        # PostgreSQL sees the end of a connection a moment after its process ended.
        while not is_free("a"):
            assert db.engine.dialect.name == "postgresql"
    assert is_free("a")


def test_a_databases_lock_is_given_back_after_an_error(app: Flask) -> None:
    with pytest.raises(RuntimeError), only_one(db.engine, "a"):
        raise RuntimeError
    assert is_free("a")


def test_a_lock_whose_connection_is_lost_ends_quietly_and_is_free(app: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("a file's lock has no connection")
    others = text(
        "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
        "WHERE locktype = 'advisory' AND datname = current_database()"
    )
    with only_one(db.engine, "a") as is_ours, db.engine.connect() as another:
        assert is_ours
        assert another.scalars(others).all() == [True]
    assert is_free("a")


def test_a_lock_that_is_given_back_is_taken_by_who_waits(app: Flask) -> None:
    engine, held, order = db.engine, threading.Event(), []

    def hold() -> None:
        with only_one(engine, "a-test"):
            held.set()
            order.append("first")

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    with wait_for(engine, "a-test", seconds=10):
        order.append("second")
    holder.join()
    assert order == ["first", "second"]


def test_waiting_ends(app: Flask) -> None:
    with (
        only_one(db.engine, "a-test") as is_ours,
        pytest.raises(Unavailable, match="Another process"),
        wait_for(db.engine, "a-test", seconds=0.2),
    ):
        pytest.fail("the lock was held twice")
    assert is_ours


def test_what_fails_inside_gives_the_lock_back(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), wait_for(db.engine, "a-test", seconds=1):
        raise ZeroDivisionError
    with only_one(db.engine, "a-test") as is_ours:
        assert is_ours
