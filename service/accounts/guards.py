"""Guards: who may ask. One stands beside each blueprint where it is registered."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import request
from sqlalchemy import select

from service.accounts.actions import digest_of
from service.accounts.models import ApiKey
from service.extensions import db
from service.shared.errors import Forbidden, Unauthorized

Guard = Callable[[], None]


def everyone() -> None:
    """Declares a blueprint public."""


def require_scope(scope: str) -> None:
    """Let the request on when its bearer key has the scope. Raises Unauthorized or Forbidden."""
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not key:
        raise Unauthorized(f"Send Authorization: Bearer with a key that has the scope {scope}.")
    found = db.session.scalar(select(ApiKey).filter_by(digest=digest_of(key)))
    now = datetime.now(UTC)
    if found is None or found.revoked_at or (found.expires_at and found.expires_at <= now):
        raise Unauthorized("This key is unknown, expired or revoked.")
    if scope not in found.scopes:
        raise Forbidden(f"This key lacks the scope {scope}.")
