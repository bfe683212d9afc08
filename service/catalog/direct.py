"""A published body's JSON before Flask is asked: one SELECT, and the headers its blueprint would give.

Routing, parsing, limits and logging cost twelve bare Flask requests; a stored text needs none of them.
"""

from collections.abc import Mapping

from sqlalchemy import Engine, bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.http import http_date

from service.catalog.models import Publication
from service.shared.published import Finished, Mark

_ROWS = Publication.__table__.c
_CURRENT = select(_ROWS.public, _ROWS.published_at).where(
    _ROWS.kind == bindparam("kind"),
    _ROWS.slug == bindparam("slug"),
    _ROWS.is_current,
    _ROWS.status == "published",
)


class DirectReads:
    """Reads `<folder>/<slug>` for each folder of `kinds`.

    What is not found, was withdrawn, or cannot be read now is left to Flask, which knows how to say so.
    """

    def __init__(self, engine: Engine, kinds: Mapping[str, str], headers: Mapping[str, str]) -> None:
        self._kinds = kinds
        # psycopg would wrap one SELECT in BEGIN and ROLLBACK, two journeys more; sqlite3 does not.
        is_sqlite = engine.dialect.name == "sqlite"
        self._engine = engine if is_sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")
        self._headers = [
            ("Content-Type", "application/json"),
            *headers.items(),
        ]

    def __call__(self, path: str) -> Finished | None:
        folder, _, slug = path.rpartition("/")
        kind = self._kinds.get(folder)
        if kind is None or not slug:
            return None
        try:
            with self._engine.connect() as connection:
                row = connection.execute(_CURRENT, {"kind": kind, "slug": slug}).first()
        except SQLAlchemyError:
            return None
        if row is None:
            return None
        headers = [*self._headers, ("Last-Modified", http_date(row.published_at))]
        return "200 OK", headers, Mark(row.public.encode(), keep=True, valid_until=None)
