"""kill -9 at any moment: what the log holds is what the counts hold, neither more nor less."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from service.clicks.counting import ClickCounter
from service.clicks.folding import delete_folded, fold_folder, list_files
from service.clicks.log import hour_of, hour_text
from service.clicks.stream import ClickStream
from service.extensions import db
from service.referrals.policy import Channel
from service.referrals.redirects import Link
from tests.clicks.conftest import DESKTOP, NOW, Site, ended_by, in_a_child
from tests.clicks.test_folding import write

HOUR = hour_of(NOW)
MOST_STEPS = 60


class Steps:
    """Kills this process at its nth step: before or after a statement, a commit, a deletion, a word to Redis."""

    def __init__(self, fatal: int) -> None:
        self._left = fatal

    def __call__(self, *_: Any) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*args: Any, **kwargs: Any) -> Any:
            self()
            found = function(*args, **kwargs)
            self()
            return found

        return stepped

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("before_cursor_execute", "after_cursor_execute"):
            event.listen(db.engine, name, self)
        monkeypatch.setattr(db.engine.dialect, "do_commit", self.around(db.engine.dialect.do_commit))
        monkeypatch.setattr(Path, "unlink", self.around(Path.unlink))
        monkeypatch.setattr("redis.connection.AbstractConnection.send_packed_command", self.around(_SEND))


def _send() -> Any:
    from redis.connection import AbstractConnection

    return AbstractConnection.send_packed_command


_SEND = _send()


def killed_at_each_step(work: Callable[[], None], check: Callable[[], None]) -> int:
    """Run the work in a child that dies at its first step, then the second, and on; how many steps there were."""
    for fatal in range(1, MOST_STEPS):

        def dying(fatal: int = fatal) -> None:
            with pytest.MonkeyPatch.context() as monkeypatch:
                Steps(fatal).watch(monkeypatch)
                work()

        ended = ended_by(in_a_child(dying))
        check()
        if not ended:
            return fatal - 1
    pytest.fail(f"the work has {MOST_STEPS} steps or more")


def test_a_fold_killed_between_any_two_steps_neither_loses_nor_doubles(site: Site) -> None:
    written = 1

    write(site.folder, 1)

    def check() -> None:
        nonlocal written
        fold_folder(site.folder, now=NOW)
        assert site.counts().total() == written
        write(site.folder, 2, hour=HOUR)
        write(site.folder, 1, hour=HOUR + 1)
        written += 3

    check()
    assert killed_at_each_step(lambda: _quietly(fold_folder, site), check) >= 8


def test_a_deletion_killed_between_any_two_steps_neither_loses_nor_doubles(site: Site) -> None:
    written = 1

    write(site.folder, 1, hour=HOUR - 5)

    def check() -> None:
        nonlocal written
        fold_folder(site.folder, now=NOW)
        delete_folded(site.folder, now=NOW)
        assert list_files(site.folder) == []
        assert site.counts().total() == written
        write(site.folder, 2, hour=HOUR - 5)
        written += 2

    check()

    def work() -> None:
        _quietly(fold_folder, site)
        _quietly(delete_folded, site)

    assert killed_at_each_step(work, check) >= 12


def test_sending_killed_between_any_two_steps_neither_loses_nor_doubles(site: Site, stream: ClickStream) -> None:
    written = 1

    write(site.folder, 1)

    def settle() -> None:
        for _ in range(2):  # what was lost on the road is sent once the road is empty
            stream.send_folder(site.folder, now=NOW)
            stream.fold()

    def check() -> None:
        nonlocal written
        settle()
        assert site.counts().total() == written
        write(site.folder, 2, hour=HOUR)
        write(site.folder, 1, hour=HOUR + 1)
        written += 3

    def work() -> None:
        stream._client.connection_pool.reset()  # the parent's connections are not this fork's
        stream.send_folder(site.folder, now=NOW)
        stream.fold()

    check()
    assert killed_at_each_step(work, check) >= 16


def _quietly(function: Callable[..., object], site: Site) -> None:
    with site.app.app_context():
        function(site.folder, now=NOW)


def test_writers_and_folders_killed_at_random_leave_exact_counts(site: Site) -> None:
    link = Link("a-product", Channel.PUBLIC_WEB, "card")

    def write_on() -> None:
        counter = ClickCounter(site.folder)
        for number in range(10_000_000):
            address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
            environ = {"REQUEST_METHOD": "GET", "REMOTE_ADDR": address, "HTTP_USER_AGENT": DESKTOP}
            counter.count(environ, link)
            time.sleep(0.0005)

    def fold_on() -> None:
        with site.app.app_context():
            while True:
                fold_folder(site.folder, now=time.time())

    dice = random.Random(9)  # noqa: S311 - when to kill is no secret
    writers = [in_a_child(write_on) for _ in range(2)]
    for _ in range(12):
        folding = in_a_child(fold_on)
        time.sleep(dice.uniform(0.01, 0.15))
        os.kill(folding, signal.SIGKILL)
        assert ended_by(folding) == signal.SIGKILL
        os.kill(writers[0], signal.SIGKILL)
        assert ended_by(writers.pop(0)) == signal.SIGKILL
        writers.append(in_a_child(write_on))
    for writer in writers:
        os.kill(writer, signal.SIGKILL)
        ended_by(writer)
    fold_folder(site.folder, now=time.time())
    assert site.logged().total() > 100
    assert site.counts() == site.logged()


def test_a_line_is_in_the_log_before_the_next_request_is_taken(site: Site) -> None:
    """What was counted is the system's, not the process's: nothing waits in a memory that dies with it."""

    def count_and_die() -> None:
        site.follow()
        os.kill(os.getpid(), signal.SIGKILL)

    assert ended_by(in_a_child(count_and_die)) == signal.SIGKILL
    assert site.logged().total() == 1
    (file,) = list_files(site.folder)
    assert file.name.startswith(f"clicks-{hour_text(hour_of(time.time()))}-")
