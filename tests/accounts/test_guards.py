from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from service.accounts.actions import create_api_key, revoke_api_key
from service.accounts.guards import require_scope
from service.accounts.models import ApiKey
from service.accounts.tokens import digest_of
from service.extensions import db, transaction
from service.shared.errors import BadInput, Forbidden, NotFound, Unauthorized

SCOPE = "read:practitioner"


def ask(app: Flask, header: str | None, scope: str = SCOPE) -> None:
    with app.test_request_context(headers={"Authorization": header} if header else {}):
        require_scope(scope)


@pytest.fixture
def key(app: Flask) -> str:
    with transaction():
        return create_api_key(name="a service", scopes=[SCOPE], days=30)


def test_a_key_with_the_scope_is_let_on(app: Flask, key: str) -> None:
    ask(app, f"Bearer {key}")
    ask(app, f"bearer {key}")


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer ", "Bearer wrong", "Basic abc", "{key}", "Bearer {key}x"])
def test_anything_else_is_refused(app: Flask, key: str, header: str | None) -> None:
    with pytest.raises(Unauthorized):
        ask(app, header and header.format(key=key))


def test_a_key_without_the_scope_is_forbidden(app: Flask, key: str) -> None:
    with pytest.raises(Forbidden, match="write:catalog"):
        ask(app, f"Bearer {key}", "write:catalog")


def test_a_key_ends_on_its_day(app: Flask, key: str) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(days=30, seconds=1)), pytest.raises(Unauthorized):
        ask(app, f"Bearer {key}")


def test_a_revoked_key_is_refused_at_once(app: Flask, key: str) -> None:
    with transaction():
        revoke_api_key("a service")
    with pytest.raises(Unauthorized):
        ask(app, f"Bearer {key}")


def test_only_the_hash_of_a_key_is_kept(app: Flask, key: str) -> None:
    row = db.session.scalar(select(ApiKey))
    assert row is not None
    assert row.digest == digest_of(key)
    assert key.startswith(row.prefix)
    assert key not in str(vars(row))


@pytest.mark.parametrize(
    ("name", "scopes", "pointer"),
    [("a service", [SCOPE], "/name"), ("new", [], "/scopes"), ("new", ["write:everything"], "/scopes")],
)
def test_a_key_that_cannot_be_made_says_why(app: Flask, key: str, name: str, scopes: list[str], pointer: str) -> None:
    with pytest.raises(BadInput) as refusal, transaction():
        create_api_key(name=name, scopes=scopes, days=None)
    assert refusal.value.pointer == pointer


def test_revoking_a_key_that_is_not_there_says_so(app: Flask) -> None:
    with pytest.raises(NotFound, match="no key named"):
        revoke_api_key("nobody")
