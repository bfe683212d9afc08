"""Where Fullscript tells what happened. It wants an answer at once, and comes again when it gets none."""

from datetime import UTC, datetime

import structlog
from flask import Blueprint, Response, current_app, json, request

from service.config import Settings
from service.extensions import transaction
from service.partners.actions import note_event
from service.partners.application import WEBHOOK_PATH
from service.partners.schemas import read_event
from service.partners.webhooks import SIGNATURE_HEADER, check_signature, find_challenge

fullscript_webhook = Blueprint("fullscript_webhook", __name__)

log = structlog.get_logger(__name__)


@fullscript_webhook.post(WEBHOOK_PATH)
def receive() -> Response:
    """Note a signed event once; answer the test of this address, signed or not, without asking the database."""
    settings: Settings = current_app.config["FORMULARY"]
    body, header = request.get_data(), request.headers.get(SIGNATURE_HEADER)
    challenge = find_challenge(body)
    is_test = not body or challenge is not None
    now = datetime.now(UTC)
    if header is not None or not is_test:
        check_signature(header or "", body, secret=settings.fullscript_webhook_secret or "", now=now)
    if is_test:
        return _answer(settings.fullscript_webhook_challenge or challenge)
    event = read_event(body)
    with transaction():
        is_first = note_event(event, now=now)
    log.info("partner_event", type=event.type, is_first=is_first)
    return _answer(settings.fullscript_webhook_challenge)


def _answer(challenge: str | None) -> Response:
    """Fullscript compares `challenge` with the token its Dashboard shows; it is no key to anything."""
    return Response(json.dumps({"challenge": challenge} if challenge else {}), mimetype="application/json")
