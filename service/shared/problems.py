"""How an error answers: problem+json (RFC 9457) for data, an HTML page elsewhere.

The form goes by path, since a 404 belongs to no blueprint. The text of an unknown exception is
never shown.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from traceback import extract_tb
from typing import Any

import structlog
from flask import Flask, Response, json, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from service.shared.errors import FormularyError, Unavailable
from service.shared.published import MARK

DATA_PATHS = ("/api/", "/feed.json", "/oembed", "/partners/fullscript/webhook")
RenderPage = Callable[[int, str, str], str]

log = structlog.get_logger(__name__)


def register_problems(app: Flask, render_page: RenderPage) -> None:
    """Answer every error of the app in its surface's form; `render_page(status, title, detail)` makes HTML."""

    def answer(problem: dict[str, Any]) -> Response:
        request.environ.pop(MARK, None)
        status = problem["status"]
        if request.path.startswith(DATA_PATHS):
            response = Response(json.dumps(problem), status, mimetype="application/problem+json")
        else:
            response = Response(render_page(status, problem["title"], problem.get("detail", "")), status)
        response.headers["Cache-Control"] = "no-store"
        return response

    def known(error: FormularyError) -> Response:
        response = answer(problem_of(error))
        if error.status == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    def http(error: HTTPException) -> Response:
        response = answer(_http_problem(error))
        for name, value in error.get_headers():
            if name.lower() not in ("content-type", "content-length"):
                response.headers.setdefault(name, value)
        return response

    def down(error: OperationalError) -> Response:
        _log_frames("database_down", error)
        response = answer(problem_of(Unavailable("The database does not answer. Try again in a moment.")))
        response.headers["Retry-After"] = "5"
        return response

    def unknown(error: Exception) -> Response:
        _log_frames("unhandled_error", error)
        return answer(_problem(500, "internal-error", "Something went wrong on our side", "It has been logged."))

    app.register_error_handler(FormularyError, known)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(OperationalError, down)
    app.register_error_handler(Exception, unknown)


def _log_frames(event: str, error: Exception) -> None:
    """Log where it happened; an exception's text may hold what somebody typed, so it is left out."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)]
    log.error(event, endpoint=request.endpoint, error=type(error).__name__, frames=frames[-12:])


def problem_of(error: FormularyError) -> dict[str, Any]:
    """The problem document of one of our own errors."""
    problem = _problem(error.status, error.code, error.title, error.detail)
    if error.pointer:
        problem["errors"] = [{"pointer": error.pointer, "detail": error.detail}]
    return problem


def _problem(status: int, code: str, title: str, detail: str) -> dict[str, Any]:
    return {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
    }


def _http_problem(error: HTTPException) -> dict[str, Any]:
    status = error.code or 500
    title = HTTPStatus(status).phrase
    problem = _problem(status, title.lower().replace(" ", "-"), title, error.description or title)
    messages = getattr(error, "data", {}).get("messages", {})
    if messages:
        errors = list(_pointers(messages, ""))
        problem.update(type="/problems/bad-input", title="A value is not usable", errors=errors)
        problem["detail"] = "; ".join(f"{found['pointer']}: {found['detail']}" for found in errors)
    return problem


def _pointers(messages: Any, pointer: str) -> Any:
    """Flatten nested validation messages to one {pointer, detail} each."""
    if isinstance(messages, Mapping):
        for key, value in messages.items():
            yield from _pointers(value, f"{pointer}/{key}")
    elif isinstance(messages, list):
        yield {"pointer": pointer, "detail": " ".join(map(str, messages))}
    else:
        yield {"pointer": pointer, "detail": str(messages)}
