"""Throw-away databases: a SQLite file in a temporary folder, and one on a PostgreSQL server that answers."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

PROJECT = Path(__file__).resolve().parents[2]
DEFAULT_SERVER = "postgresql://postgres@127.0.0.1:5432/test"


def environment(database_url: str, **more: str) -> dict[str, str]:
    """What a subprocess of the service needs to know; nothing of the caller's own settings but PATH and HOME."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": str(PROJECT), "DATABASE_URL": database_url, **more}


def run_service(*arguments: str, environ: Mapping[str, str]) -> float:
    """Run a subcommand to its end; the seconds it took. Raises CalledProcessError."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        cwd=PROJECT,
        env=environ,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - started


def prepare(database_url: str) -> tuple[float, float]:
    """Migrate and seed an empty database; the seconds of each."""
    environ = environment(database_url)
    return run_service("migrate", environ=environ), run_service("seed", environ=environ)


def copy_sqlite(source_url: str, target_url: str) -> None:
    """Another database with the same rows, so that the seed is paid for once."""
    source, target = (sqlite3.connect(url.removeprefix("sqlite:///")) for url in (source_url, target_url))
    with closing(source), closing(target):
        source.backup(target)


def sqlite_url(folder: Path, name: str) -> str:
    return f"sqlite:///{folder / name}.sqlite3"


@contextmanager
def postgresql_url() -> Iterator[str | None]:
    """The URL of a new database, dropped afterwards; None where no server answers."""
    asked = make_url(os.environ.get("TEST_DATABASE_URL") or DEFAULT_SERVER)
    if not asked.drivername.startswith("postgresql"):
        asked = make_url(DEFAULT_SERVER)
    server = asked.set(drivername="postgresql")
    try:
        connection = psycopg.connect(server.render_as_string(hide_password=False), autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        yield None
        return
    name = f"formulary_bench_{os.getpid()}"
    with connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield server.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
