"""`formulary serve` on a new machine: it prepares a catalog, serves what it prints, and ends when told."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.config import PROJECT

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Serving:
    """A server in a process group of its own, as a terminal gives it one."""

    process: subprocess.Popen[bytes]
    base: str
    log: Path

    def status(self, path: str) -> int:
        with OPENER.open(self.base + path, timeout=10) as answer:
            status: int = answer.status
            return status

    def await_ready(self) -> None:
        for _ in range(300):
            assert self.process.poll() is None, self.log.read_text()
            try:
                if self.status("/readyz") == 200:
                    return
            except OSError:
                time.sleep(0.1)
        pytest.fail(f"It was not ready within 30 seconds: {self.log.read_text()}")


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {
        "PATH": os.environ["PATH"],
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{tmp_path}/new/folder/formulary.sqlite3",
    }
    log = tmp_path / "serve.log"
    with (
        log.open("wb") as output,
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
            yield Serving(process, f"http://127.0.0.1:{port}", log)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def workers_of(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in children.read_text().split()] if children.exists() else []


def blocks(pid: int, number: signal.Signals) -> bool:
    """Whether a process leaves a signal to others."""
    mask = re.search(r"^SigBlk:\s*([0-9a-f]+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert mask is not None
    return bool(int(mask[1], 16) >> (number - 1) & 1)


def test_it_serves_every_address_it_prints_and_ends_at_ctrl_c(serving: Serving) -> None:
    serving.await_ready()
    told = serving.log.read_text()
    assert "Traceback" not in told
    printed = re.findall(rf"{re.escape(serving.base)}(/\S*)", told)
    assert {"/", "/feed.json", "/api/"} < set(printed)
    for path in printed:
        assert serving.status(path) == 200, path

    # A worker that takes Ctrl-C beside granian's own signal hangs in about one stop of three.
    for worker in workers_of(serving.process.pid):
        assert blocks(worker, signal.SIGINT)
    assert not blocks(serving.process.pid, signal.SIGINT)

    os.killpg(serving.process.pid, signal.SIGINT)
    # Well before the 8 seconds after which granian would kill a worker that hangs.
    assert serving.process.wait(timeout=5) == 0
    with pytest.raises(urllib.error.URLError):
        serving.status("/healthz")
