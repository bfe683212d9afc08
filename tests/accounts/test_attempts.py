from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis, RedisError

from service.accounts.attempts import (
    FIRST_WAIT_SECONDS,
    FREE_ATTEMPTS,
    LONGEST_WAIT_SECONDS,
    TooManyAttempts,
    count_attempt,
    forget_attempts,
    wait_after,
)
from service.extensions import limiter
from tests.conftest import make_app

REDIS = "redis://127.0.0.1:6379/15"


@pytest.fixture(params=["memory", "redis", "redis that is down"])
def counted(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An app whose attempts are counted in each of the places they may be."""
    url = {"memory": "", "redis": REDIS, "redis that is down": "redis://127.0.0.1:1/0"}[request.param]
    if request.param == "redis":
        try:
            Redis.from_url(url).ping()
        except RedisError:
            pytest.skip("NO REDIS at 127.0.0.1:6379: attempts were counted in memory alone")
    app = make_app(f"sqlite:///{tmp_path}/none.sqlite3", REDIS_URL=url)
    with app.app_context():
        yield app
    # The limiter is one for the process: the next test's app binds it anew.
    limiter.init_app(make_app(f"sqlite:///{tmp_path}/none.sqlite3"))


def anyone() -> dict[str, str]:
    return {"name": uuid4().hex, "address": uuid4().hex}


def exhaust(who: dict[str, str]) -> None:
    for _ in range(FREE_ATTEMPTS):
        count_attempt(**who)


def wait_of(who: dict[str, str]) -> int:
    with pytest.raises(TooManyAttempts) as refusal:
        count_attempt(**who)
    return refusal.value.wait_seconds


def test_a_few_attempts_are_free_and_the_next_has_to_wait(counted: Flask) -> None:
    who = anyone()
    exhaust(who)
    assert 1 <= wait_of(who) <= FIRST_WAIT_SECONDS


@pytest.mark.parametrize("same", ["name", "address"])
def test_either_the_name_or_the_address_is_enough(counted: Flask, same: str) -> None:
    who = anyone()
    for _ in range(FREE_ATTEMPTS):
        count_attempt(**{**anyone(), same: who[same]})
    wait_of({**anyone(), same: who[same]})
    count_attempt(**anyone())


def test_a_right_passphrase_starts_anew(counted: Flask) -> None:
    who = anyone()
    exhaust(who)
    forget_attempts(**who)
    exhaust(who)
    wait_of(who)


def test_many_at_once_get_no_further(counted: Flask) -> None:
    who = anyone()

    def attempt(_: int) -> bool:
        with counted.app_context():
            try:
                count_attempt(**who)
            except TooManyAttempts:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(40))) <= FREE_ATTEMPTS


def test_the_wait_ends_and_grows(app: Flask) -> None:
    who, now = anyone(), datetime.now(UTC)
    with time_machine.travel(now, tick=False) as clock:
        exhaust(who)
        assert wait_of(who) == FIRST_WAIT_SECONDS
        clock.shift(timedelta(seconds=FIRST_WAIT_SECONDS + 1))
        count_attempt(**who)
        assert wait_of(who) == 2 * FIRST_WAIT_SECONDS


def test_an_address_that_has_to_wait_cannot_make_a_name_wait(app: Flask) -> None:
    guesser, owner = anyone(), anyone()
    exhaust(guesser)
    for _ in range(2 * FREE_ATTEMPTS):
        wait_of({"name": owner["name"], "address": guesser["address"]})
    count_attempt(**owner)


def test_guesses_at_a_name_keep_nobody_out_where_the_name_is_known(counted: Flask) -> None:
    owner = anyone()
    forget_attempts(**owner)
    for _ in range(3 * FREE_ATTEMPTS):
        try:
            count_attempt(name=owner["name"], address=uuid4().hex)
        except TooManyAttempts:
            continue
    count_attempt(**owner)
    wait_of({"name": owner["name"], "address": uuid4().hex})
    for _ in range(FREE_ATTEMPTS - 1):
        count_attempt(**owner)
    wait_of(owner)


def test_ipv4_addresses_written_as_ipv6_are_told_apart(app: Flask) -> None:
    for _ in range(FREE_ATTEMPTS):
        count_attempt(name=uuid4().hex, address="::ffff:192.0.2.9")
    wait_of({"name": uuid4().hex, "address": "192.0.2.9"})
    count_attempt(name=uuid4().hex, address="::ffff:192.0.2.44")


def test_a_household_of_ipv6_addresses_is_one_address(app: Flask) -> None:
    for number in range(FREE_ATTEMPTS):
        count_attempt(name=uuid4().hex, address=f"2001:db8:1:2::{number}")
    wait_of({"name": uuid4().hex, "address": "2001:db8:1:2:ffff::1"})
    count_attempt(name=uuid4().hex, address="2001:db8:1:3::1")


@given(st.integers(0, 10_000))
def test_waits_only_grow_and_end_within_a_quarter_of_an_hour(tries: int) -> None:
    assert 0 <= wait_after(tries) <= wait_after(tries + 1) <= LONGEST_WAIT_SECONDS


def test_the_error_tells_how_long() -> None:
    assert "Wait 40 seconds" in TooManyAttempts(40).detail
    assert "Wait 15 minutes" in TooManyAttempts(900).detail
    assert "Wait 3 minutes" in TooManyAttempts(121).detail
