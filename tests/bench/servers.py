"""Servers as subprocesses: started on free loopback ports, ended by their ids."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn
from unittest.mock import patch

from service.config import load_settings
from service.operations import server
from tests.bench.calls import BenchError
from tests.bench.databases import PROJECT
from tests.bench.load import Ask, ask_once

PATIENCE = 30.0


class _Arguments(Exception):
    """Carries what a patched call was given."""

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments)
        self.arguments = arguments


def granian_arguments(port: int, target: str) -> list[str]:
    """Exactly what the service starts its server with, for another app."""

    def caught(_program: str, arguments: list[str]) -> NoReturn:
        raise _Arguments(arguments)

    settings = load_settings({"PORT": str(port), "WORKERS": "1"})
    with patch("os.execv", caught):
        try:
            server.run_server(settings)
        except _Arguments as found:
            return [*found.arguments[:-1], target]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(arguments: list[str], environ: Mapping[str, str], *, port: int, path: str) -> Iterator[tuple[int, float]]:
    """A server that answers: its process's id, and the seconds it took to."""
    started = time.perf_counter()
    process = subprocess.Popen(
        arguments, cwd=PROJECT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _await_answer(process, Ask("start", port, path), started)
        yield process.pid, time.perf_counter() - started
    finally:
        _end(process)


def serving(environ: Mapping[str, str], *options: str) -> contextlib.AbstractContextManager[tuple[int, float]]:
    """`python -m service serve`, until /healthz answers."""
    port = int(environ["PORT"])
    return running([sys.executable, "-m", "service", "serve", *options], environ, port=port, path="/healthz")


def _await_answer(process: subprocess.Popen[bytes], ask: Ask, started: float) -> None:
    while True:
        try:
            if ask_once(ask)[0] == 200:
                return
        except (OSError, BenchError):
            pass
        if process.poll() is not None:
            raise BenchError(f"The server ended with {process.returncode} before it answered.")
        if time.perf_counter() - started > PATIENCE:
            raise BenchError(f"The server did not answer within {PATIENCE:g} s.")
        time.sleep(0.005)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it as an operator would; its workers too, should it leave any."""
    workers = children_of(process.pid)
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        for worker in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)


def children_of(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def resident_mb(pid: int) -> float:
    """Resident memory as /proc tells it, in MB of a million bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def worker_mb(pid: int) -> float:
    """The server's one worker: the largest of its children."""
    return max((resident_mb(child) for child in children_of(pid)), default=resident_mb(pid))
