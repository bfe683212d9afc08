"""From this host's log to the counts: what to read next, and what may be deleted."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from service.clicks.actions import Piece, fold_piece, forget_files
from service.clicks.log import file_name, hour_of
from service.clicks.queries import positions_of
from service.extensions import transaction

PIECE_BYTES: Final = 256 * 1024
KEPT_HOURS: Final = 2
# An entry of a deleted file may still lie on a stream; without its position it would be folded from its beginning.
POSITION_HOURS: Final = 7 * 24


def host_of(folder: Path) -> str:
    """The folder's own name among hosts, drawn by chance when it is first asked for. Raises OSError.

    The caller holds the folder's lock.
    """
    file = folder / "host"
    try:
        return file.read_text(encoding="ascii")
    except FileNotFoundError:
        name = secrets.token_hex(8)
        drawn = folder / "host.new"
        drawn.write_text(name, encoding="ascii")
        drawn.replace(file)
        return name


def list_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("clicks-*.rows"))


def is_over(path: Path, now: float) -> bool:
    """Whether a file's hour is so long past (seconds since the epoch) that nobody writes to it any more."""
    return path.name < file_name(hour_of(now) - KEPT_HOURS, "", 0)


def read_piece(host: str, path: Path, start: int, *, now: float) -> Piece | None:
    """The whole lines from a place on, PIECE_BYTES at most; None where there are none yet.

    Of a file that is over, an end without a newline is a line too: its process was killed there, and nothing follows.
    """
    data = _written(path, start, PIECE_BYTES)
    end = data.rfind(b"\n") + 1
    if not end and (len(data) == PIECE_BYTES or is_over(path, now)):
        end = len(data)  # no line is as long as a piece: what stands there was not written by us
    return Piece(host, path.name, start, data[:end]) if end else None


def _written(path: Path, start: int, most: int) -> bytes:
    """What is written from a place on; behind it a file holds zeros."""
    with path.open("rb") as file:
        file.seek(start)
        return file.read(most).partition(b"\0")[0]


def pieces_after(host: str, path: Path, start: int, *, now: float) -> Iterator[Piece]:
    """The pieces of a file from a place on, each where the one before it ended."""
    while (piece := read_piece(host, path, start, now=now)) is not None:
        yield piece
        start = piece.end


def fold_folder(folder: Path, *, now: float) -> int:
    """Add all whole lines of the folder's files to the counts, each piece in a transaction; the clicks added.

    One process at a time: the caller holds the folder's lock.
    """
    host, files = host_of(folder), list_files(folder)
    folded = positions_of(host, files)
    added = 0
    for path in files:
        for piece in pieces_after(host, path, folded.get(path.name, 0), now=now):
            with transaction():
                added += fold_piece(piece)
    return added


def delete_folded(folder: Path, *, now: float) -> None:
    """Delete the files that are over and whose every byte is folded; their positions stay for POSITION_HOURS."""
    files = list_files(folder)
    folded = positions_of(host_of(folder), files)
    for path in files:
        if is_over(path, now) and not _written(path, folded.get(path.name, 0), 1):
            path.unlink()


def forget_deleted(folder: Path, *, now: float) -> list[str]:
    """Drop the positions of files that were deleted and whose hour is POSITION_HOURS past; the files' names."""
    here = {path.name for path in list_files(folder)}
    with transaction():
        return forget_files(host_of(folder), before=file_name(hour_of(now) - POSITION_HOURS, "", 0), keep=here)
