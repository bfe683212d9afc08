"""Random tokens, and the digests by which they are kept."""

import hashlib
import secrets


def new_token() -> str:
    """256 random bits, safe in an address and in a cookie."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """SHA-256; enough for a token of 256 random bits, which no dictionary holds."""
    return hashlib.sha256(token.encode()).hexdigest()
