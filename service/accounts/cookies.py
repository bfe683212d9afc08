"""The cookie that holds a sign-in's token: out of reach of scripts, of other sites, and of plain http in production."""

from typing import Final

from flask import current_app, request
from werkzeug.wrappers import Response

from service.accounts.actions import SIGN_IN_LASTS
from service.config import Settings

NAME: Final = "formulary"


def read_token() -> str | None:
    """The token this request came with."""
    return request.cookies.get(_name())


def give_token(response: Response, token: str) -> Response:
    response.set_cookie(
        _name(),
        token,
        max_age=SIGN_IN_LASTS,
        path="/",
        secure=_is_https(),
        httponly=True,
        samesite="Lax",
    )
    return response


def take_token(response: Response) -> Response:
    response.delete_cookie(_name(), path="/", secure=_is_https(), httponly=True, samesite="Lax")
    return response


def _name() -> str:
    """Browsers take a `__Host-` cookie from https alone, for this one host (RFC 6265bis, 4.1.3)."""
    return f"__Host-{NAME}" if _is_https() else NAME


def _is_https() -> bool:
    settings: Settings = current_app.config["FORMULARY"]
    return settings.public_url.startswith("https://")
