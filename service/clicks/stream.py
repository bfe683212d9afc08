"""The Redis stream by which several hosts send their clicks to the one that adds them up.

Redis is the road, and the database alone knows what is counted: a piece of a log carries its host, file and place,
and is folded only where it continues what is folded. A Redis that loses everything, replays an hour, or repeats an
entry can therefore neither lose nor double a click; the host sends again from what the database knows.
"""

from pathlib import Path
from typing import Any, Final, cast

import redis
import structlog

from service.clicks.actions import GapInLog, Piece, fold_piece
from service.clicks.folding import host_of, list_files, pieces_after
from service.clicks.queries import positions_of
from service.extensions import transaction

NAME: Final = "formulary:clicks"
ENTRIES_AT_ONCE: Final = 100
# While nobody folds, lines wait in the hosts' logs; Redis has a memory's size to spare, not a disk's.
MOST_WAITING: Final = 1000

log = structlog.get_logger(__name__)


class ClickStream:
    """The stream of pieces, and beside it how much of each file was sent."""

    def __init__(self, client: "redis.Redis", *, name: str = NAME) -> None:
        self._client = client
        self._pieces = name
        self._sent = f"{name}:sent"

    @classmethod
    def at(cls, url: str) -> "ClickStream":
        return cls(redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2))

    def send_folder(self, folder: Path, *, now: float) -> int:
        """Send what the folder's files have more than was sent; the pieces sent. Raises redis.RedisError.

        One process at a time: the caller holds the folder's lock.
        """
        host, files = host_of(folder), list_files(folder)
        # Asked before the positions are read: what was on the road then and is not now is folded. With nothing on
        # the road, whatever is not folded was lost with a Redis that forgot it.
        is_empty = self._waiting() == 0
        folded = positions_of(host, files)
        sent = 0
        for path in files:
            start = folded.get(path.name, 0)
            if not is_empty:
                start = max(start, self._sent_of(host, path.name))
            for piece in pieces_after(host, path, start, now=now):
                if self._waiting() >= MOST_WAITING:
                    return sent
                self._send(piece)
                sent += 1
        return sent

    def _waiting(self) -> int:
        return self._client.xlen(self._pieces)

    def _sent_of(self, host: str, file: str) -> int:
        held = cast("bytes | None", self._client.hget(self._sent, f"{host}/{file}"))
        return int(held or 0)

    def _send(self, piece: Piece) -> None:
        """The piece and how far that was, both or neither."""
        with self._client.pipeline(transaction=True) as both:
            fields: dict[Any, Any] = {
                "host": piece.host,
                "file": piece.file,
                "start": piece.start,
                "lines": piece.lines,
            }
            both.xadd(self._pieces, fields)
            both.hset(self._sent, f"{piece.host}/{piece.file}", str(piece.end))
            both.execute()

    def fold(self) -> int:
        """Add the waiting pieces to the counts, oldest first, then take them off; the clicks added.

        Raises redis.RedisError. One process at a time: the caller holds the stream's lock.
        """
        added = 0
        while entries := cast("list[Any]", self._client.xrange(self._pieces, count=ENTRIES_AT_ONCE)):
            for _, fields in entries:
                piece = _piece_of(fields)
                try:
                    with transaction():
                        added += fold_piece(piece)
                except GapInLog as gap:
                    # What is noted as sent goes too, so that its host sends again from what is folded.
                    self.forget(piece.host, [piece.file])
                    log.warning("clicks_sent_again", reason=str(gap))
            self._client.xdel(self._pieces, *(name for name, _ in entries))
        return added

    def forget(self, host: str, files: list[str]) -> None:
        """Drop what is noted of files that are deleted."""
        self._client.hdel(self._sent, *(f"{host}/{file}" for file in files))


def _piece_of(fields: dict[bytes, bytes]) -> Piece:
    return Piece(fields[b"host"].decode(), fields[b"file"].decode(), int(fields[b"start"]), fields[b"lines"])
