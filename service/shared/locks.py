"""Locks by name that one process holds at a time, given back by the system however the process ends."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

from service.shared.errors import Unavailable

BETWEEN_TRIES_SECONDS: Final = 0.05


@contextmanager
def only_one(engine: Engine, name: str) -> Iterator[bool]:
    """Whether this process alone holds the database's lock of this name, for the length of the block.

    PostgreSQL's advisory lock reaches every host; SQLite's database is one host's, so a file beside it does.
    """
    if engine.dialect.name == "sqlite":
        with only_one_here(Path(str(engine.url.database)).parent, name) as is_ours:
            yield is_ours
        return
    number = int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_ours = bool(connection.scalar(select(func.pg_try_advisory_lock(number))))
        try:
            yield is_ours
        finally:
            if is_ours:
                # A connection that was lost has taken the lock with it.
                with suppress(OperationalError):
                    connection.execute(select(func.pg_advisory_unlock(number)))


@contextmanager
def wait_for(engine: Engine, name: str, *, seconds: float) -> Iterator[None]:
    """Hold the database's lock of this name, waiting for it so long at most. Raises Unavailable."""
    until = time.monotonic() + seconds
    while True:
        with only_one(engine, name) as is_ours:
            if is_ours:
                yield
                return
        if time.monotonic() >= until:
            raise Unavailable("Another process is busy with the same. Try again in a moment.")
        time.sleep(BETWEEN_TRIES_SECONDS)


@contextmanager
def only_one_here(folder: Path, name: str) -> Iterator[bool]:
    """Whether this process alone holds the folder's lock of this name. Raises OSError where it cannot be made."""
    with (folder / f"{name}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
