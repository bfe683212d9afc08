import tempfile
from collections import Counter
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from service.clicks.actions import GapInLog, Piece, fold_piece, tally
from service.clicks.folding import (
    POSITION_HOURS,
    delete_folded,
    fold_folder,
    forget_deleted,
    host_of,
    list_files,
    pieces_after,
)
from service.clicks.log import Click, ClickLog, file_name, hour_of
from service.clicks.models import ClickPosition
from service.extensions import db, transaction
from service.referrals.policy import Channel
from service.referrals.redirects import Link
from tests.clicks.conftest import NOW, Site

HOUR = hour_of(NOW)
LINK = Link("a-product", Channel.PUBLIC_WEB, "card")
LINES = st.lists(
    st.sampled_from(
        [
            b"\n2026-11-24T06 a-product public_web card phone counted\n",
            b"\n2026-11-24T06 a-product public_web - desktop bot\n",
            b"\n2026-11-24T07 another console console tablet repeat\n",
            b"2026-11-24T06 a-product public_web card phone counted\n",
            b"nonsense\n",
            b"\n\n",
            b"\xff\n",
        ]
    ),
    max_size=30,
)


def write(folder: Path, times: int, *, hour: int = HOUR, outcome: str = "counted") -> None:
    log = ClickLog(folder)
    for _ in range(times):
        log.append(LINK, "phone", outcome, hour=hour)
    log.close()


@settings(max_examples=150, deadline=None)
@given(lines=LINES, cuts=st.lists(st.integers(0, 3000), max_size=8))
def test_a_log_read_while_it_grows_byte_by_byte_adds_up_to_the_same(lines: list[bytes], cuts: list[int]) -> None:
    whole = b"".join(lines)
    ends = sorted({min(cut, len(whole)) for cut in cuts} | {len(whole)})
    found: Counter[Click] = Counter()
    malformed = position = 0
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / file_name(HOUR, "w", 0)
        for end in ends:
            path.write_bytes(whole[:end])
            for piece in pieces_after("here", path, position, now=NOW):
                clicks, bad = tally(piece.lines)
                found, malformed, position = found + clicks, malformed + bad, piece.end
    assert (found, malformed) == tally(whole)
    assert position == len(whole)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, cuts=st.lists(st.integers(0, 30), max_size=6), again=st.lists(st.integers(0, 6), max_size=4))
def test_pieces_given_twice_are_added_once(site: Site, lines: list[bytes], cuts: list[int], again: list[int]) -> None:
    ends = sorted({min(cut, len(lines)) for cut in cuts} | {len(lines)})
    before, pieces, start = 0, [], 0
    for end in ends:
        data = b"".join(lines[before:end])
        pieces.append(Piece("here", "clicks-x.rows", start, data))
        before, start = end, start + len(data)
    # Any piece that went before may come again, alone or joined to the next.
    for place, piece in enumerate(pieces):
        fold_piece(piece)
        for earlier in again:
            if earlier <= place:
                fold_piece(pieces[earlier])
        fold_piece(Piece("here", "clicks-x.rows", 0, b"".join(lines[: ends[place]])))
    db.session.flush()
    table = db.metadata.tables["click_counts"]
    found = Counter({Click(*row[:-1]): row[-1] for row in db.session.execute(table.select())})
    db.session.rollback()
    assert found == tally(b"".join(lines))[0]


def test_a_piece_that_leaves_a_gap_adds_nothing(site: Site) -> None:
    with pytest.raises(GapInLog):
        fold_piece(Piece("here", "clicks-x.rows", 10, b"2026-11-24T06 a public_web - phone counted\n"))
    assert site.counts() == {}


def test_folding_adds_what_is_new_and_nothing_twice(site: Site) -> None:
    write(site.folder, 3)
    write(site.folder, 2, hour=HOUR + 1, outcome="bot")
    assert fold_folder(site.folder, now=NOW) == 5
    assert fold_folder(site.folder, now=NOW) == 0
    write(site.folder, 4)
    assert fold_folder(site.folder, now=NOW) == 4
    assert site.counts() == site.logged()
    assert site.counts().total() == 9


def test_a_line_without_its_end_waits_for_it(site: Site) -> None:
    site.folder.mkdir()
    path = site.folder / file_name(HOUR, "w", 0)
    line = b"2026-11-24T06 a-product public_web card phone counted"
    path.write_bytes(line + bytes(50))
    assert fold_folder(site.folder, now=NOW) == 0
    path.write_bytes(line + b"\n" + bytes(49))
    assert fold_folder(site.folder, now=NOW) == 1


def test_a_line_without_its_end_is_read_once_its_file_is_over(site: Site) -> None:
    site.folder.mkdir()
    (site.folder / file_name(HOUR - 3, "w", 0)).write_bytes(
        b"2026-11-24T03 a public_web - phone counted\n2026-11-24T03 a pub" + bytes(20)
    )
    assert fold_folder(site.folder, now=NOW) == 1
    delete_folded(site.folder, now=NOW)
    assert list_files(site.folder) == []


def test_malformed_lines_are_told_and_passed_over(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(
        "service.clicks.actions.log.warning", lambda name, **fields: told.append((name, fields["lines"]))
    )
    write(site.folder, 1)
    (site.folder / file_name(HOUR, "w", 0)).write_bytes(b"nonsense\n" * 3)
    write(site.folder, 1)
    assert fold_folder(site.folder, now=NOW) == 2
    assert told == [("click_lines_malformed", 3)]
    assert fold_folder(site.folder, now=NOW) == 0
    assert len(told) == 1


def test_a_log_larger_than_a_piece_is_folded_whole(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.clicks.folding.PIECE_BYTES", 200)
    write(site.folder, 50)
    (site.folder / file_name(HOUR, "w", 0)).write_bytes(b"x" * 1000 + b"\n")
    write(site.folder, 50)
    assert fold_folder(site.folder, now=NOW) == 100


def positions() -> list[str]:
    """The files of which a position is kept, in order."""
    db.session.rollback()
    return sorted(db.session.scalars(select(ClickPosition.file)))


def test_old_files_that_are_folded_are_deleted(site: Site) -> None:
    for age in (4, 3, 2, 1, 0):
        write(site.folder, 1, hour=HOUR - age)
    names = [path.name for path in list_files(site.folder)]
    delete_folded(site.folder, now=NOW)
    assert [path.name for path in list_files(site.folder)] == names
    fold_folder(site.folder, now=NOW)
    delete_folded(site.folder, now=NOW)
    assert [path.name for path in list_files(site.folder)] == names[2:]
    assert site.counts().total() == 5


def test_a_position_outlives_its_file_by_a_week(site: Site, tmp_path: Path) -> None:
    for folder in (site.folder, tmp_path / "another"):
        for age in (POSITION_HOURS + 1, POSITION_HOURS - 1):
            write(folder, 1, hour=HOUR - age)
        fold_folder(folder, now=NOW)
    names = [path.name for path in list_files(site.folder)]
    others = [path.name for path in list_files(tmp_path / "another")]
    assert forget_deleted(site.folder, now=NOW) == []
    delete_folded(site.folder, now=NOW)
    assert positions() == sorted([*names, *others])
    assert forget_deleted(site.folder, now=NOW) == names[:1]
    assert positions() == sorted([names[1], *others])


def test_an_old_file_with_lines_that_are_not_folded_stays(site: Site) -> None:
    log = ClickLog(site.folder)
    log.append(LINK, "phone", "counted", hour=HOUR - 5)
    fold_folder(site.folder, now=NOW)
    log.append(LINK, "phone", "counted", hour=HOUR - 5)
    log.close()
    delete_folded(site.folder, now=NOW)
    assert fold_folder(site.folder, now=NOW) == 1


def test_two_hosts_add_to_the_same_counts(site: Site, tmp_path: Path) -> None:
    write(site.folder, 2)
    write(tmp_path / "another", 3)
    fold_folder(site.folder, now=NOW)
    fold_folder(tmp_path / "another", now=NOW)
    assert list(site.counts().values()) == [5]
    assert host_of(site.folder) != host_of(tmp_path / "another")


def test_what_fails_before_the_commit_is_added_the_next_time(site: Site) -> None:
    write(site.folder, 3)

    def broken() -> None:
        with transaction():
            (piece,) = pieces_after(host_of(site.folder), list_files(site.folder)[0], 0, now=NOW)
            assert fold_piece(piece) == 3
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert site.counts() == {}
    assert fold_folder(site.folder, now=NOW) == 3


def test_a_fold_waits_for_one_that_is_still_being_committed(site: Site) -> None:
    """As PostgreSQL finishes the commit of a process that was killed after it had asked for it."""
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite commits within the process, and is killed with it")
    write(site.folder, 3)
    host, path = host_of(site.folder), list_files(site.folder)[0]
    (piece,) = pieces_after(host, path, 0, now=NOW)
    added: list[int] = []

    def fold_elsewhere() -> None:
        with site.app.app_context():
            added.append(fold_folder(site.folder, now=NOW))

    with transaction():
        fold_piece(piece)
        other = Thread(target=fold_elsewhere)
        other.start()
        with db.engine.connect() as watching:
            waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            while not watching.execute(waiting).scalar():
                watching.rollback()
    other.join()
    assert added == [0]
    assert site.counts().total() == 3
