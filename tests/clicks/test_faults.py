"""A dead counter, a full disk, a locked database: the link works all the same."""

import errno
import os
import resource
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from service.catalog.version import watch
from service.clicks.folding import fold_folder
from service.clicks.visits import Visits
from service.extensions import db
from service.operations.doctor import examine
from tests.clicks.conftest import NOW, Site, ended_by, in_a_child
from tests.conftest import settings_for


@pytest.fixture
def lock(site: Site) -> Iterator[sqlite3.Connection]:
    """Another process's exclusive lock on the SQLite file."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("one file, one writer: SQLite's own trouble")
    other = sqlite3.connect(str(db.engine.url.database), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield other
    other.close()


def test_a_locked_database_holds_up_no_link_and_the_count_arrives_later(site: Site, lock: sqlite3.Connection) -> None:
    assert site.follow().status_code == 302
    site.app.extensions["redirect_layer"].forget()
    assert site.follow().status_code == 302
    with pytest.raises(OperationalError, match="locked"):
        fold_folder(site.folder, now=NOW)
    db.session.rollback()
    lock.execute("ROLLBACK")
    assert fold_folder(site.folder, now=NOW) == 2
    assert site.counts() == site.logged()


def test_a_locked_table_holds_up_no_link_and_the_count_arrives_later(site: Site) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("a table's lock is PostgreSQL's")
    with db.engine.connect() as other:
        other.execute(text("LOCK TABLE click_counts, click_positions IN ACCESS EXCLUSIVE MODE"))
        assert site.follow().status_code == site.follow().status_code == 302
        db.session.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            fold_folder(site.folder, now=NOW)
        db.session.rollback()
    assert fold_folder(site.folder, now=NOW) == 2
    assert site.counts() == site.logged()


def test_a_locked_catalog_holds_up_no_link_that_was_followed_before(site: Site) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("a table's lock is PostgreSQL's")
    site.follow()
    with db.engine.connect() as other:
        other.execute(text("SET LOCAL idle_in_transaction_session_timeout = '5s'"))  # for whoever would wait for ever
        other.execute(text("LOCK TABLE catalog_state IN ACCESS EXCLUSIVE MODE"))
        watch().forget()
        started = time.monotonic()
        assert [site.follow().status_code for _ in range(10)] == [302] * 10
        assert time.monotonic() - started < 1
    assert site.logged().total() == 11


def test_a_full_disk_breaks_no_link_and_is_told_once_a_minute(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int, _size: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("service.clicks.log._fill", full)
    told: list[dict[str, object]] = []
    monkeypatch.setattr("service.clicks.counting.log.warning", lambda name, **fields: told.append({name: fields}))
    assert [site.follow().status_code for _ in range(5)] == [302] * 5
    assert told == [{"clicks_not_counted": {"lost": 1, "error": "OSError", "reason": "No space left on device"}}]


def test_a_limit_on_files_breaks_no_link_and_leaves_no_half_line_in_the_counts(site: Site) -> None:
    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        assert [site.follow(REMOTE_ADDR=f"192.0.2.{number}").status_code for number in range(40)] == [302] * 40

    site.follow()
    assert ended_by(in_a_child(work)) == 0
    site.follow(REMOTE_ADDR="192.0.2.250")
    assert fold_folder(site.folder, now=NOW) == 2
    assert {click.outcome for click in site.counts()} == {"counted"}


def test_a_folder_that_cannot_be_made_breaks_no_link_and_the_doctor_says_what_to_do(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.clicks.log.REFUSED_SECONDS", 0.0)
    site.folder.write_text("a file stands in the way")
    assert [site.follow().status_code for _ in range(3)] == [302] * 3
    settings = settings_for(str(db.engine.url), CLICKS="on", CLICKS_DIR=str(site.folder))
    (finding,) = [found for found in examine(settings) if "CLICKS_DIR" in found.text]
    assert finding.is_wrong
    assert "name another" in finding.text
    site.folder.unlink()
    assert site.follow().status_code == 302
    assert site.logged().total() == 1


def test_a_classifier_that_fails_breaks_no_link_and_says_so_without_the_visitor(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("198.51.100.77")

    monkeypatch.setattr(Visits, "classify", broken)
    told: list[dict[str, object]] = []
    monkeypatch.setattr("service.clicks.counting.log.warning", lambda name, **fields: told.append({name: fields}))
    assert [site.follow().status_code for _ in range(3)] == [302] * 3
    assert told == [{"clicks_not_counted": {"lost": 1, "error": "ValueError", "reason": None}}]


def test_counting_can_be_switched_off(site: Site, tmp_path: Path) -> None:
    settings = settings_for(str(db.engine.url), CLICKS="off")
    assert any("CLICKS is off" in found.text for found in examine(settings))
    assert not settings.counts_clicks


def test_the_doctor_is_content_with_a_folder_that_can_be_written(site: Site) -> None:
    settings = settings_for(str(db.engine.url), CLICKS="on", CLICKS_DIR=str(site.folder))
    assert not any("CLICKS" in found.text for found in examine(settings))


def test_a_real_full_file_system_breaks_no_link(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    if shutil.which("mount") is None or os.system(f"mount -t tmpfs -o size=4k tmpfs {folder} 2>/dev/null"):  # noqa: S605 - a path of pytest's
        pytest.skip("NO TMPFS may be mounted here; /dev/full and a limit on files stood in for a full disk")
    try:
        site.folder.symlink_to(folder)
        for number in range(200):
            assert site.follow(REMOTE_ADDR=f"192.0.2.{number}").status_code == 302
        assert site.logged().total() == 0
        assert list(folder.iterdir()) == []
    finally:
        os.system(f"umount -l {folder}")  # noqa: S605 - as above
