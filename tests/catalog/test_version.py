"""The watch over the catalog's version: who asks, how long that may take, and what stands meanwhile."""

import time

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from service.catalog.version import ASK_EVERY_SECONDS, VersionWatch, watch
from service.extensions import db


class Asked(VersionWatch):
    """Answers from a list, each answer after so many seconds of its own clock, and None for a database that is gone."""

    def __init__(self, *answers: int | None, seconds: float = 0.0) -> None:
        self.now = 0.0
        super().__init__(create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing"), clock=lambda: self.now)
        self.asked = 0
        self._answers = answers
        self._seconds = seconds

    def _ask(self) -> int:
        self.now += self._seconds
        self.asked += 1
        answer = self._answers[self.asked - 1]
        return super()._ask() if answer is None else answer


def test_it_asks_once_a_second() -> None:
    version = Asked(5, 6)
    assert [version(), version()] == [5, 5]
    version.now += ASK_EVERY_SECONDS
    assert [version(), version(), version.asked] == [6, 6, 2]


def test_a_failure_stands_for_a_second_from_its_end_however_long_it_took() -> None:
    version = Asked(5, None, 6, seconds=4.0)
    assert version() == 5
    version.now += ASK_EVERY_SECONDS
    assert [version(), version(), version.asked] == [5, 5, 2]
    version.now += ASK_EVERY_SECONDS
    assert version() == 6


def test_while_one_caller_waits_the_others_go_on_with_what_is_known() -> None:
    class Waiting(Asked):
        def _ask(self) -> int:
            if self.asked == 1:
                self.asked += 1
                self.now += 60.0
                assert self() == 5
                self.asked -= 1
            return super()._ask()

    version = Waiting(5, 6)
    version()
    version.now += ASK_EVERY_SECONDS
    assert [version(), version.asked] == [6, 2]


def test_an_own_change_while_it_is_asked_is_asked_for_anew() -> None:
    class Changing(Asked):
        def _ask(self) -> int:
            found = super()._ask()
            if self.asked == 1:
                self.forget()
            return found

    version = Changing(5, 6)
    assert [version(), version(), version.asked] == [5, 6, 2]


def test_a_locked_catalog_is_waited_for_no_longer_than_a_moment_and_once(app: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("a table's lock is PostgreSQL's")
    version = watch()
    known = version()
    with db.engine.connect() as other:
        other.execute(text("SET LOCAL idle_in_transaction_session_timeout = '5s'"))  # for whoever would wait for ever
        other.execute(text("LOCK TABLE catalog_state IN ACCESS EXCLUSIVE MODE"))
        version.forget()
        started = time.monotonic()
        assert [version() for _ in range(20)] == [known] * 20
        assert time.monotonic() - started < ASK_EVERY_SECONDS
    version.forget()
    assert version() == known
    with db.engine.connect() as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar() == "0"


def test_a_database_host_that_is_gone_is_given_up_after_seconds(app: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no host")
    with db.engine.connect() as connection:
        told = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]  # psycopg's own
    assert (told["connect_timeout"], told["tcp_user_timeout"]) == ("2", "5000")
