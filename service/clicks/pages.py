"""/hit: the beacon of links that lead to a vendor without us."""

import structlog
from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from service.catalog.version import PerVersion, VersionWatch
from service.referrals.policy import Channel
from service.referrals.queries import current_book
from service.referrals.redirects import FOLLOWED, find_direct, link_of

hits = Blueprint("hits", __name__)
log = structlog.get_logger(__name__)


class KnownCodes:
    """The codes that were found, kept for a catalog version; those nobody issued are not."""

    def __init__(self, version: VersionWatch) -> None:
        self._found: PerVersion[dict[str, tuple[str, Channel]]] = PerVersion(version, dict)

    def __call__(self, code: str) -> tuple[str, Channel] | None:
        held = self._found()
        found = held.get(code) or find_direct(code)
        if found is not None:
            held[code] = found
        return found


@hits.post("/hit")
def hit() -> Response:
    """204 for every code, known or not: a beacon reads no answer, and nobody learns from one which codes exist."""
    codes: KnownCodes = current_app.extensions["hit_codes"]
    try:
        found = codes(request.form.get("code", "")[:20])
        if found is not None:
            link = link_of(*found, request.form.get("placement", ""), current_book())
            request.environ[FOLLOWED] = link
    except SQLAlchemyError as fault:
        log.warning("hit_not_counted", error=type(fault).__name__)
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response
