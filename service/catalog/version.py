"""The catalog version as one worker knows it, and what is cached by it."""

import math
import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

import structlog
from flask import current_app
from sqlalchemy import Engine, event, select, text
from sqlalchemy.exc import SQLAlchemyError

from service.catalog.models import CatalogState
from service.extensions import db

Value = TypeVar("Value")
ASK_EVERY_SECONDS = 1.0
_VERSION = select(CatalogState.__table__.c.version)
# Requests served from memory ask too, and a table that somebody locks must not hold them up.
_PATIENCE = text("SET LOCAL statement_timeout = '200ms'")

log = structlog.get_logger(__name__)


class VersionWatch:
    """Asks the database for the counter at most once a second.

    A commit in this process makes the next call ask anew, so an editor sees the own change at
    once. When the database does not answer, the last known version stands: what is in memory
    goes on being served. One caller waits for an answer, and then nobody for a second.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._version = 0
        self._ask_at = 0.0

    def __call__(self) -> int:
        if self._clock() >= self._ask_at:
            self._ask_at = math.inf
            try:
                self._version = self._ask()
            finally:
                # Unless it was forgotten meanwhile: the answer may then be older than the own change.
                if self._ask_at == math.inf:
                    self._ask_at = self._clock() + ASK_EVERY_SECONDS
        return self._version

    def forget(self) -> None:
        self._ask_at = 0.0

    def _ask(self) -> int:
        try:
            with self._engine.connect() as connection:
                if self._engine.dialect.name == "postgresql":
                    connection.execute(_PATIENCE)
                return connection.execute(_VERSION).scalar() or 0
        except SQLAlchemyError as error:
            log.warning("catalog_version_unknown", serving=self._version, error=type(error).__name__)
            return self._version


class PerVersion(Generic[Value]):
    """A value built from the catalog, and built again when the catalog's version has changed."""

    def __init__(self, version: Callable[[], int], build: Callable[[], Value]) -> None:
        self._version = version
        self._build = build
        self._lock = Lock()
        self._held: tuple[int, Value] | None = None

    def __call__(self) -> Value:
        version = self._version()
        held = self._held
        if held is None or held[0] != version:
            with self._lock:
                held = self._held
                if held is None or held[0] != version:
                    held = self._held = (version, self._build())
        return held[1]


def watch() -> VersionWatch:
    """This app's watch."""
    found: VersionWatch = current_app.extensions["catalog_version"]
    return found


@event.listens_for(db.session, "after_commit")
def _see_own_change(_session: object) -> None:
    watch().forget()
