"""The libraries that hang on the app, made once and bound in create_app()."""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from flask import current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from service.shared.addresses import network_of
from service.shared.database import Base

db = SQLAlchemy(model_class=Base)


def visitor_key() -> str:
    """What the limits call an address: a digest under our key that changes with the UTC day, and tells no address."""
    said = f"{datetime.now(UTC).date()} {network_of(get_remote_address())}"
    return hmac.digest(current_app.config["SECRET_KEY"].encode(), said.encode(), "sha256").hex()


limiter = Limiter(key_func=visitor_key, headers_enabled=True, swallow_errors=True)


@contextmanager
def transaction() -> Iterator[None]:
    """The one place that commits: all of the block is kept, or none of it."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


@contextmanager
def own_transaction() -> Iterator[Session]:
    """A transaction beside the request's: what it keeps stays, whatever becomes of the request."""
    with Session(db.engine) as session, session.begin():
        yield session
