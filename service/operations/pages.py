"""Is it alive, is it ready: for the operator and the container engine."""

from typing import Any

from flask import Blueprint, Response, json
from sqlalchemy.exc import SQLAlchemyError

from service.operations.migrations import is_migrated

operations = Blueprint("operations", __name__)


@operations.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return _answer(200, {"status": "alive"})


@operations.get("/readyz")
def readyz() -> Response:
    """The database answers, and its tables are those of this code."""
    try:
        is_current = is_migrated()
    except SQLAlchemyError:
        return _answer(503, {"status": "not_ready", "reason": "the database does not answer"})
    if not is_current:
        return _answer(
            503,
            {
                "status": "not_ready",
                "reason": "the database is not migrated; run formulary migrate",
            },
        )
    return _answer(200, {"status": "ready"})


def _answer(status: int, body: dict[str, Any]) -> Response:
    response = Response(json.dumps(body), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
