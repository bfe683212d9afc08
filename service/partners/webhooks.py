"""Whether a webhook comes from Fullscript, decided on the bytes as they came.

The header is `Fullscript-Signature: t=<seconds>,v1=<hex>`, where v1 is the HMAC-SHA256 of `<t>.<body>` under the
webhook's secret key (fullscript.dev/docs/how-to-guides/webhooks/using-webhooks/webhook-security). Several v1 stand
there while a key is being changed. The page asks for "a few minutes"; five are given, both ways.
"""

import hmac
import json
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from service.partners.errors import SignatureRefused

SIGNATURE_HEADER: Final = "Fullscript-Signature"
TOLERANCE_SECONDS: Final = 300
MOST_SIGNATURES: Final = 8
LONGEST_CHALLENGE: Final = 200

_TIME = re.compile(r"[0-9]{1,12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Signature:
    """A parsed header: the time as it was written, since that text is what was signed, and every v1."""

    time: str
    digests: tuple[str, ...]


def parse_signature(header: str) -> Signature:
    """Raises SignatureRefused for anything but one t, at least one v1 and schemes of the future."""
    pairs = [part.strip().partition("=")[::2] for part in header.split(",")]
    times = [value for name, value in pairs if name == "t"]
    digests = tuple(value for name, value in pairs if name == "v1")
    if len(times) != 1 or not _TIME.fullmatch(times[0]):
        raise SignatureRefused(f"{SIGNATURE_HEADER} needs one t, in seconds.")
    if not 1 <= len(digests) <= MOST_SIGNATURES or not all(map(_DIGEST.fullmatch, digests)):
        raise SignatureRefused(f"{SIGNATURE_HEADER} needs a v1 of 64 hexadecimal digits.")
    return Signature(times[0], digests)


def check_signature(header: str, body: bytes, *, secret: str, now: datetime) -> None:
    """Raises SignatureRefused where the header is malformed, too old, of the future, or not of this body."""
    signature = parse_signature(header)
    if abs(now.timestamp() - int(signature.time)) > TOLERANCE_SECONDS:
        raise SignatureRefused(f"{SIGNATURE_HEADER} is not of the last {TOLERANCE_SECONDS // 60} minutes.")
    expected = sign(body, time=signature.time, secret=secret)
    if not any(hmac.compare_digest(expected, digest) for digest in signature.digests):
        raise SignatureRefused(f"{SIGNATURE_HEADER} does not belong to this body.")


def sign(body: bytes, *, time: str, secret: str) -> str:
    """The v1 of a body sent at this time."""
    return hmac.new(secret.encode(), time.encode() + b"." + body, sha256).hexdigest()


def find_challenge(body: bytes) -> str | None:
    """The challenge that a body without an event asks to have repeated, or None. Reads nothing but the body."""
    if len(body) > 4 * LONGEST_CHALLENGE:
        return None
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    has_event = isinstance(found, dict) and not found.keys().isdisjoint(("event_payload", "event"))
    challenge = found.get("challenge") if isinstance(found, dict) and not has_event else None
    if not isinstance(challenge, str) or not challenge.isprintable() or len(challenge) > LONGEST_CHALLENGE:
        return None
    return challenge
