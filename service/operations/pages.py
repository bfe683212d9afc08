"""Is it alive, is it ready: for the operator and the container engine."""

from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app, json
from sqlalchemy.exc import SQLAlchemyError

from service.extensions import db

operations = Blueprint("operations", __name__)


@operations.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return _answer(200, {"status": "alive"})


@operations.get("/readyz")
def readyz() -> Response:
    """The database answers, and its tables are those of this code."""
    try:
        with db.engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError:
        return _answer(503, {"status": "not_ready", "reason": "the database does not answer"})
    if revision != newest_migration():
        return _answer(503, {"status": "not_ready", "reason": "the database is not migrated; run formulary migrate"})
    return _answer(200, {"status": "ready"})


def newest_migration() -> str | None:
    """The revision the migrations of this code end at."""
    directory = current_app.extensions["migrate"].directory
    return ScriptDirectory(str(directory)).get_current_head()


def _answer(status: int, body: dict[str, Any]) -> Response:
    response = Response(json.dumps(body), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
