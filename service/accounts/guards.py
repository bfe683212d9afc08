"""Guards: who may ask. One stands beside each blueprint where it is registered."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit

from flask import current_app, g, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from service.accounts.actions import note_seen
from service.accounts.cookies import read_token
from service.accounts.errors import NotSignedIn
from service.accounts.models import ROLES, ApiKey
from service.accounts.queries import SignedInPerson, find_signed_in
from service.accounts.tokens import digest_of
from service.config import Settings
from service.extensions import db, transaction
from service.shared.errors import Forbidden, Unauthorized
from service.shared.problems import DATA_PATHS

Guard = Callable[[], Response | None]

CONSOLE: Final = "/console/"
SIGN_IN: Final = "/console/sign-in"
SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
# A write for each page would be too much; the idle time-out is told in hours.
SEEN_EVERY: Final = timedelta(minutes=5)
# No dot, backslash or percent sign, so that no reading of it leaves the console; and where Fullscript is connected.
LOCAL_PATH: Final = re.compile(r"/console/[A-Za-z0-9/_~-]*(\?[A-Za-z0-9/_.~=&%+:,-]*)?|/partners/fullscript/connect")


def everyone() -> None:
    """Declares a blueprint public."""


def administrators() -> None:
    """Let on who looks after the service. Raises Unauthorized or Forbidden."""
    require_scope("admin")


def require_person(*roles: str) -> Guard:
    """A guard that lets signed-in people on, of these roles or of any; who asks is then `current_person()`.

    Without a sign-in a page leads to the sign-in page (303) and data is refused (NotSignedIn). Another role is
    Forbidden, and so is a write that another site's page sent.
    """
    unknown = set(roles) - set(ROLES)
    if unknown:
        raise ValueError(f"no such role: {', '.join(sorted(unknown))}")

    def guard() -> Response | None:
        refuse_other_sites()
        person = find_current_person()
        if person is None:
            if wants_data():
                raise NotSignedIn("Sign in to the console first.")
            wanted = request.full_path.rstrip("?") if request.method in SAFE_METHODS else CONSOLE
            return redirect(f"{SIGN_IN}?{urlencode({'next': console_path(wanted)})}", 303)
        if roles and person.role not in roles:
            raise Forbidden(f"This is for: {', '.join(roles)}. You are signed in as {person.role}.")
        if datetime.now(UTC) - person.last_seen_at > SEEN_EVERY:
            with transaction():
                note_seen(person.sign_in_id)
        g.person = person
        return None

    return guard


def current_person() -> SignedInPerson:
    """Who asks, behind require_person."""
    person: SignedInPerson = g.person
    return person


def find_current_person() -> SignedInPerson | None:
    """Who asks, on pages that are open to everyone."""
    token = read_token()
    return find_signed_in(token) if token else None


def console_path(wanted: str) -> str:
    """The path to go to after signing in: the one wanted when it is LOCAL_PATH, else the console's home."""
    return wanted if LOCAL_PATH.fullmatch(wanted) else CONSOLE


def wants_data() -> bool:
    """Whether a script asks, which a redirect to a page would not serve."""
    return request.path.startswith(DATA_PATHS) or request.headers.get("Sec-Fetch-Dest") == "empty"


def refuse_other_sites() -> None:
    """Let no other site's page send a form here in a signed-in person's name. Raises Forbidden.

    Browsers tell where a request comes from (Fetch Metadata, W3C); those that do not, or that talk plain http, send
    the Origin of a form (RFC 6454).
    """
    if request.method in SAFE_METHODS:
        return
    settings: Settings = current_app.config["FORMULARY"]
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        is_ours = site in ("same-origin", "none")
    else:
        is_ours = request.headers.get("Origin") == origin_of(settings.public_url)
    if not is_ours:
        raise Forbidden(f"This has to be sent from a page of {origin_of(settings.public_url)}; open the console there.")


def origin_of(url: str) -> str:
    """Scheme, host and port as browsers write an origin: small letters, and no port where it is the usual one."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{host}" + ("" if parts.port in (None, usual) else f":{parts.port}")


def require_scope(scope: str) -> None:
    """Let the request on when its bearer key has the scope. Raises Unauthorized or Forbidden."""
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not key:
        raise Unauthorized(f"Send Authorization: Bearer with a key that has the scope {scope}.")
    found = db.session.scalar(select(ApiKey).filter_by(digest=digest_of(key)))
    now = datetime.now(UTC)
    if found is None or found.revoked_at or (found.expires_at and found.expires_at <= now):
        raise Unauthorized("This key is unknown, expired or revoked.")
    if scope not in found.scopes:
        raise Forbidden(f"This key lacks the scope {scope}.")
