"""The libraries that hang on the app, made once and bound in create_app()."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from service.shared.database import Base

db = SQLAlchemy(model_class=Base)
limiter = Limiter(key_func=get_remote_address, headers_enabled=True, swallow_errors=True)


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
