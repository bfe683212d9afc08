"""One refresh for however many need it, and tokens that nobody reads in the database."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text, update

from service.config import PROJECT
from service.extensions import db, transaction
from service.partners.connection import current_fullscript
from service.partners.errors import ReconnectNeeded
from service.partners.fullscript import Fullscript
from service.partners.models import PartnerAccount
from service.partners.vault import Vault
from tests.conftest import PUBLIC_URL
from tests.partners.conftest import SETTINGS, kept_account, set_up
from tests.partners.fake_fullscript import FakeFullscript

READ_IN_ANOTHER_PROCESS = """
import sys
from dataclasses import replace
from service.app import create_app
from service.config import load_settings
from service.partners.connection import current_fullscript, keep_application
app = create_app(load_settings())
keep_application(app, replace(app.extensions["fullscript"], base_url=sys.argv[1]))
with app.app_context():
    print(current_fullscript().read_discount().percent)
"""


def end_the_token() -> None:
    with transaction():
        db.session.execute(update(PartnerAccount).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))


def test_threads_that_need_a_new_token_at_once_make_one_refresh(
    partnered: Flask, connected: Fullscript, fake: FakeFullscript
) -> None:
    end_the_token()
    fake.token_pause = 0.3
    together = threading.Barrier(6)

    def read() -> str:
        with partnered.app_context():
            together.wait(10)
            return str(current_fullscript().read_discount().percent)

    with ThreadPoolExecutor(6) as pool:
        found = [reading.result(60) for reading in [pool.submit(read) for _ in range(6)]]
    assert found == ["10.0"] * 6
    assert fake.refreshes == 1


def test_threads_whose_token_is_refused_at_once_make_one_refresh(
    partnered: Flask, connected: Fullscript, fake: FakeFullscript
) -> None:
    fake.expire_access_tokens()
    fake.token_pause = 0.3
    together = threading.Barrier(4)

    def read() -> str:
        with partnered.app_context():
            together.wait(10)
            return str(current_fullscript().read_discount().percent)

    with ThreadPoolExecutor(4) as pool:
        found = [reading.result(60) for reading in [pool.submit(read) for _ in range(4)]]
    assert found == ["10.0"] * 4
    assert fake.refreshes == 1


def test_processes_that_need_a_new_token_at_once_make_one_refresh(
    partnered: Flask, connected: Fullscript, fake: FakeFullscript
) -> None:
    end_the_token()
    # Long enough for the other process to come while the first one waits.
    fake.token_pause = 2.0
    url = partnered.config["FORMULARY"].database_url
    environ = {"DATABASE_URL": url, "PUBLIC_URL": PUBLIC_URL, "LOG_LEVEL": "error", **SETTINGS}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", READ_IN_ANOTHER_PROCESS, fake.url],
            cwd=PROJECT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    answers = [process.communicate(timeout=90) for process in processes]
    assert [out for out, _ in answers] == ["10.0\n"] * 3, answers
    assert fake.refreshes == 1


def test_other_writers_go_on_while_a_token_is_renewed(
    partnered: Flask, connected: Fullscript, fake: FakeFullscript
) -> None:
    end_the_token()
    fake.token_gate.clear()
    with ThreadPoolExecutor(1) as pool:

        def read() -> str:
            with partnered.app_context():
                return str(current_fullscript().read_discount().percent)

        reading = pool.submit(read)
        while not fake.count("/api/oauth/token") > 1:
            assert not reading.done()
        try:
            with transaction():
                db.session.execute(text("UPDATE catalog_state SET version = version + 1"))
            assert not reading.done()
        finally:
            fake.token_gate.set()
        assert reading.result(30) == "10.0"
    assert fake.refreshes == 1


def test_a_failed_request_keeps_the_new_token(partnered: Flask, connected: Fullscript, fake: FakeFullscript) -> None:
    fake.expire_access_tokens()
    before = kept_account().access_token
    with pytest.raises(ZeroDivisionError), transaction():
        connected.read_discount()
        raise ZeroDivisionError
    assert kept_account().access_token != before
    connected.read_discount()
    assert fake.refreshes == 1


def test_no_token_can_be_read_in_the_database(connected: Fullscript) -> None:
    row = db.session.execute(text("SELECT * FROM partner_accounts")).mappings().one()
    assert "secret-" not in str(dict(row))
    assert kept_account().scopes == ["catalog:read", "clinic:read", "clinic:write"]
    assert kept_account().connected_by == "a test"


def test_another_secret_key_opens_nothing_and_says_what_to_do(
    partnered: Flask, connected: Fullscript, fake: FakeFullscript
) -> None:
    with set_up(partnered, fake, SECRET_KEY="o" * 40), pytest.raises(ReconnectNeeded, match="SECRET_KEY has changed"):
        current_fullscript().read_discount()


def test_a_connection_to_another_region_is_not_used(
    partnered: Flask, connected: Fullscript, fake: FakeFullscript
) -> None:
    with (
        set_up(partnered, fake, FULLSCRIPT_REGION="ca"),
        pytest.raises(ReconnectNeeded, match="not to Fullscript CA sandbox"),
    ):
        current_fullscript().read_discount()


def test_what_is_sealed_twice_looks_different_and_opens_the_same() -> None:
    vault = Vault("k" * 40)
    first, second = vault.seal("token"), vault.seal("token")
    assert first != second
    assert vault.open(first) == vault.open(second) == "token"
