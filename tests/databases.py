"""Real databases for the tests: SQLite always, PostgreSQL wherever one can be had."""

import os
import pwd
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

NO_POSTGRES = (
    "NO POSTGRESQL: set TEST_DATABASE_URL, or install PostgreSQL's server so that initdb can be found; "
    "these tests ran on SQLite alone"
)


@contextmanager
def postgres_server(folder: Path) -> Iterator[str | None]:
    """The address of a server to make databases in: the one named, one of our own, or None."""
    named = os.environ.get("TEST_DATABASE_URL")
    if named:
        yield named
        return
    binaries = _find_binaries()
    if binaries is None:
        yield None
        return
    data, port, user = folder / "postgres", _free_port(), _server_user()
    data.mkdir()
    if user is not None:
        for path in (data, *data.parents):
            if path == Path(path.anchor):
                break
            if path.owner() == "root":
                path.chmod(path.stat().st_mode | 0o711)
        shutil.chown(data, user)
    _run([binaries / "initdb", "-D", data, "-U", "formulary", "-A", "trust", "-E", "UTF8", "--no-sync"], user)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= "
    options += "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c autovacuum=off"
    _run([binaries / "pg_ctl", "-D", data, "-w", "-o", options, "-l", data / "log", "start"], user)
    try:
        yield f"postgresql://formulary@127.0.0.1:{port}/postgres"
    finally:
        _run([binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"], user)


@contextmanager
def postgres_database(server: str, template: str | None = None) -> Iterator[str]:
    """The address of a new, empty database, or of a copy; dropped at the end."""
    name = f"formulary_test_{uuid.uuid4().hex[:12]}"
    source = f' TEMPLATE "{template.rpartition("/")[2]}"' if template else ""
    with psycopg.connect(server, autocommit=True) as connection:
        # A copy of the files is a quarter faster than one by the log; servers before 15 know no other.
        strategy = " STRATEGY file_copy" if connection.info.server_version >= 150000 else ""
        connection.execute(f'CREATE DATABASE "{name}"{source}{strategy}'.encode())
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _find_binaries() -> Path | None:
    """The folder of initdb and pg_ctl: Debian keeps it off the PATH."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root, so root lends it another user."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _run(command: list[str | Path], user: str | None) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        user=user,
        cwd="/",
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if "start" not in command else subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {(done.stdout or b'').decode()[-400:]}")
