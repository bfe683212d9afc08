"""Cursor pages: opaque, stable while rows change, because a cursor names the last key seen."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from service.shared.errors import BadInput

Row = TypeVar("Row")

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of the page after them (None on the last)."""

    rows: Sequence[Row]
    next_cursor: str | None


def page_of(rows: Sequence[Row], *, limit: int, key: Callable[[Row], str]) -> Page[Row]:
    """Make a page of `limit` rows from a read of `limit + 1`."""
    if len(rows) <= limit:
        return Page(rows, None)
    return Page(rows[:limit], encode_cursor(key(rows[limit - 1])))


def encode_cursor(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> str:
    """The key a cursor names. Raises BadInput when this service did not make it."""
    try:
        key = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        key = ""
    if not key.isprintable() or not key or encode_cursor(key) != cursor:
        raise BadInput(
            "This cursor is not one of ours; start from the first page.",
            pointer="/query/cursor",
        )
    return key
