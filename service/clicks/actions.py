"""Verbs on counts. They flush and never commit."""

from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Final

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.clicks.log import Click, read_line
from service.clicks.models import ClickCount, ClickPosition
from service.extensions import db

INSERT: Final = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

log = structlog.get_logger(__name__)


class GapInLog(Exception):
    """Lines between what is folded and what was given are missing, so none of them is added."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines of a host's log file, and where in it they begin (bytes)."""

    host: str
    file: str
    start: int
    lines: bytes

    @property
    def end(self) -> int:
        return self.start + len(self.lines)


def tally(lines: bytes) -> tuple[Counter[Click], int]:
    """The clicks that lines tell, added up, and how many lines tell none.

    Lines that are alike are read once: a busy hour has few different ones, and links are followed meanwhile.
    """
    found: Counter[Click] = Counter()
    malformed = 0
    for line, times in Counter(filter(None, lines.decode("ascii", "replace").split("\n"))).items():
        click = read_line(line)
        if click is None:
            malformed += times
        else:
            found[click] += times
    return found, malformed


def fold_piece(piece: Piece) -> int:
    """Add a piece's clicks to the counts, and note how far its file is folded; the clicks added.

    What is folded already is passed over, so a piece may be given twice. Raises GapInLog for one that begins
    after what is folded.
    """
    folded = _lock_position(piece.host, piece.file)
    if piece.start > folded:
        raise GapInLog(f"{piece.file} is folded up to {folded}, and the piece begins at {piece.start}")
    if piece.end <= folded:
        return 0
    clicks, malformed = tally(piece.lines[folded - piece.start :])
    if malformed:
        log.warning("click_lines_malformed", file=piece.file, lines=malformed)
    if clicks:
        _add(clicks)
    _move_position(piece)
    return clicks.total()


def forget_files(host: str, *, before: str, keep: Collection[str]) -> list[str]:
    """Drop the positions of a host's files whose name sorts before another, save those to keep; the files' names."""
    rows = ClickPosition.__table__.c
    old = delete(ClickPosition).where(rows.host == host, rows.file < before, rows.file.not_in(keep))
    return sorted(db.session.execute(old.returning(rows.file)).scalars())


def _lock_position(host: str, file: str) -> int:
    """How many bytes of the file are folded, held against other transactions until this one ends.

    A process killed while it commits gives its lock back at once, and PostgreSQL may still be finishing what it
    was told: whoever folds next waits here for the outcome before reading.
    """
    rows = ClickPosition.__table__.c
    first = _insert(ClickPosition).values(host=host, file=file, folded=0).on_conflict_do_nothing()
    db.session.execute(first)
    query = select(rows.folded).where(rows.host == host, rows.file == file).with_for_update()
    return int(db.session.execute(query).scalar_one())


def _move_position(piece: Piece) -> None:
    rows = ClickPosition.__table__.c
    query = update(ClickPosition).where(rows.host == piece.host, rows.file == piece.file)
    db.session.execute(query.values(folded=piece.end))


def _add(clicks: Counter[Click]) -> None:
    """Add each click's number to its row, or make the row."""
    table = ClickCount.__table__
    statement = _insert(ClickCount)
    total = table.c["count"] + statement.excluded["count"]
    statement = statement.on_conflict_do_update(index_elements=list(table.primary_key), set_={"count": total})
    # In order, so that two hosts that add the same rows wait for one another and never both.
    db.session.execute(statement, [{**asdict(click), "count": count} for click, count in sorted(clicks.items())])


def _insert(model: type[Any]) -> Any:
    """This database's own INSERT, which knows ON CONFLICT."""
    return INSERT[db.engine.dialect.name](model.__table__)
