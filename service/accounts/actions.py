"""Verbs on keys. They flush and never commit."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select

from service.accounts.models import ApiKey
from service.extensions import db
from service.shared.errors import BadInput, NotFound

SCOPES: Final = ("read:practitioner",)


def digest_of(key: str) -> str:
    """SHA-256; enough for a key of 256 random bits, which no dictionary holds."""
    return hashlib.sha256(key.encode()).hexdigest()


def create_api_key(*, name: str, scopes: Sequence[str], days: int | None) -> str:
    """Make a key and return it: the only time it is seen. Raises BadInput."""
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise BadInput(f"Give one or more of these scopes: {', '.join(SCOPES)}.", pointer="/scopes")
    if not 1 <= len(name) <= 80:
        raise BadInput("Name the key in 1 to 80 characters.", pointer="/name")
    if db.session.scalar(select(ApiKey).filter_by(name=name)) is not None:
        raise BadInput(f"There is a key named {name!r} already.", pointer="/name")
    key = f"frm_{secrets.token_urlsafe(32)}"
    now = datetime.now(UTC)
    db.session.add(
        ApiKey(
            name=name,
            prefix=key[:8],
            digest=digest_of(key),
            scopes=list(scopes),
            created_at=now,
            expires_at=now + timedelta(days=days) if days else None,
        )
    )
    db.session.flush()
    return key


def revoke_api_key(name: str) -> None:
    """End a key at once. Raises NotFound."""
    key = db.session.scalar(select(ApiKey).filter_by(name=name))
    if key is None:
        raise NotFound(f"There is no key named {name!r}.")
    key.revoked_at = datetime.now(UTC)
    db.session.flush()
