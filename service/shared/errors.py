"""Errors that know their own problem document (RFC 9457)."""

from typing import ClassVar


class FormularyError(Exception):
    """The root of what this service raises on purpose; its text is shown to the caller."""

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong"
    status: ClassVar[int] = 500

    def __init__(self, detail: str, *, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer


class NotFound(FormularyError):
    code = "not-found"
    title = "Not found"
    status = 404


class Gone(FormularyError):
    code = "gone"
    title = "No longer available"
    status = 410


class BadInput(FormularyError):
    """A value the caller can correct; `pointer` names it ("/query/limit", "/slug")."""

    code = "bad-input"
    title = "A value is not usable"
    status = 422


class Unauthorized(FormularyError):
    code = "unauthorized"
    title = "A key is needed"
    status = 401


class Forbidden(FormularyError):
    code = "forbidden"
    title = "Not allowed"
    status = 403


class Unavailable(FormularyError):
    code = "unavailable"
    title = "Not ready"
    status = 503
