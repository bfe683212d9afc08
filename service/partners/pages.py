"""A person connects the practice's Fullscript account: out to its page of permissions, and back."""

import hmac
import re
import secrets
from datetime import UTC, datetime
from typing import Final

from flask import Blueprint, Response, current_app, make_response, render_template, request
from itsdangerous import BadData, URLSafeTimedSerializer

from service.accounts.guards import current_person
from service.config import Settings
from service.extensions import transaction
from service.partners.application import CALLBACK_PATH, CONNECT_PATH
from service.partners.connection import connect_account, current_application, current_oauth
from service.partners.errors import ConnectionRefused

STATE_COOKIE: Final = "fullscript_state"
# An authorization code is good for ten minutes, and so is the way to it.
STATE_SECONDS: Final = 600
LONGEST_CODE: Final = 512

fullscript_pages = Blueprint("fullscript_pages", __name__, template_folder="templates")


@fullscript_pages.get(CONNECT_PATH)
def connect() -> Response:
    """A page with the way out; Chromium would hold a redirect to the policy of the sign-in form that came before."""
    state = secrets.token_urlsafe(32)
    url = current_oauth().authorization_url(state)
    response = make_response(render_template("fullscript_connect.html", place=current_application().place, url=url))
    response.set_cookie(
        STATE_COOKIE,
        _signer().dumps(state),
        max_age=STATE_SECONDS,
        path=CALLBACK_PATH,
        secure=_settings().public_url.startswith("https://"),
        httponly=True,
        # Strict would keep the cookie back on the way from Fullscript.
        samesite="Lax",
    )
    return response


@fullscript_pages.get(CALLBACK_PATH)
def callback() -> Response:
    _check_state(request.args.get("state", ""), request.cookies.get(STATE_COOKIE, ""))
    with transaction():
        connect_account(code=_read_code(), connected_by=current_person().name, now=datetime.now(UTC))
    return make_response(render_template("fullscript_connected.html", place=current_application().place))


@fullscript_pages.after_request
def forget_state(response: Response) -> Response:
    """A state is good for one way back, however it ended."""
    if request.path == CALLBACK_PATH:
        response.delete_cookie(STATE_COOKIE, path=CALLBACK_PATH)
    return response


def _check_state(state: str, cookie: str) -> None:
    """Raises ConnectionRefused unless this browser began this connection, lately."""
    try:
        begun = _signer().loads(cookie, max_age=STATE_SECONDS)
    except BadData:
        begun = ""
    if not begun or not hmac.compare_digest(str(begun).encode(), state.encode()):
        raise ConnectionRefused(f"This browser did not begin here, or more than ten minutes ago. Open {CONNECT_PATH}.")


def _read_code() -> str:
    """Raises ConnectionRefused, with what Fullscript said."""
    refusal = request.args.get("error")
    if refusal is not None:
        said = refusal if re.fullmatch(r"[a-z_]{1,40}", refusal) else "an error"
        raise ConnectionRefused(f"Fullscript answered {said}: no permission was given. Open {CONNECT_PATH} to retry.")
    code = request.args.get("code", "")
    if not 1 <= len(code) <= LONGEST_CODE:
        raise ConnectionRefused(f"Fullscript sent no authorization code. Open {CONNECT_PATH} to retry.")
    return code


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_settings().secret_key, salt="fullscript connect")


def _settings() -> Settings:
    settings: Settings = current_app.config["FORMULARY"]
    return settings
