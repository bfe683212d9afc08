"""The libraries that hang on the app, made once and bound in create_app()."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import blake2b

from flask import current_app, request
from flask_limiter import Limiter
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from service.shared.addresses import network_of
from service.shared.database import Base

db = SQLAlchemy(model_class=Base)


def who_asks() -> str:
    """Whose requests a limit counts, as a keyed digest of today: no storage of limits holds an address."""
    said = f"{datetime.now(UTC):%Y-%m-%d} {network_of(request.remote_addr or '')}"
    key = str(current_app.config["SECRET_KEY"]).encode()[:64]
    return blake2b(said.encode(), digest_size=16, key=key).hexdigest()


limiter = Limiter(key_func=who_asks, headers_enabled=True, swallow_errors=True)


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
