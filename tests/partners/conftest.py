"""A practice whose Fullscript is the fake on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from service.extensions import db, transaction
from service.partners.application import Application
from service.partners.connection import connect_account, current_fullscript, keep_application
from service.partners.fullscript import Fullscript
from service.partners.models import PartnerAccount
from tests.conftest import make_app
from tests.partners.fake_fullscript import CLIENT_ID, CLIENT_SECRET, FakeFullscript, fake_fullscript

SECRET_KEY = "k" * 40
WEBHOOK_SECRET = "webhook-secret-0123456789"  # noqa: S105 - a test's own
CHALLENGE = "challenge-token-0123456789"
SETTINGS = {
    "SECRET_KEY": SECRET_KEY,
    "FULLSCRIPT_CLIENT_ID": CLIENT_ID,
    "FULLSCRIPT_CLIENT_SECRET": CLIENT_SECRET,
    "FULLSCRIPT_SANDBOX": "on",
    "FULLSCRIPT_WEBHOOK_SECRET": WEBHOOK_SECRET,
    "FULLSCRIPT_WEBHOOK_CHALLENGE": CHALLENGE,
}


@pytest.fixture
def fake() -> Iterator[FakeFullscript]:
    with fake_fullscript() as running:
        yield running


def at_the_fake(app: Flask, fake: FakeFullscript) -> Flask:
    """The app, its application's addresses now the fake's."""
    application: Application = app.extensions["fullscript"]
    keep_application(app, replace(application, base_url=fake.url))
    return app


@contextmanager
def set_up(beside: Flask, fake: FakeFullscript, **changes: str) -> Iterator[Flask]:
    """An app set up for Fullscript, on the database of another; a setting changed to nothing is unset."""
    url = beside.config["FORMULARY"].database_url
    with at_the_fake(make_app(url, **{**SETTINGS, **changes}), fake).app_context() as context:
        try:
            yield context.app
        finally:
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def partnered(app: Flask, fake: FakeFullscript) -> Iterator[Flask]:
    """An app set up for Fullscript on the test's own database, not yet connected."""
    with set_up(app, fake) as partnered:
        yield partnered


@pytest.fixture
def connected(partnered: Flask, fake: FakeFullscript) -> Fullscript:
    """The API of an account just connected."""
    with transaction():
        connect_account(code=fake.issue_code(), connected_by="a test", now=datetime.now(UTC))
    return current_fullscript()


def kept_account() -> PartnerAccount:
    """The account as the database has it now."""
    db.session.expire_all()
    return db.session.scalars(select(PartnerAccount)).one()
