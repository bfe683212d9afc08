"""Passphrases: which are good enough, and how they are kept.

Length and not being guessable are what is asked, as NIST SP 800-63B (5.1.1) advises; no mixture of characters is.
"""

import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service.shared.errors import BadInput

SHORTEST: Final = 12
LONGEST: Final = 200
# Argon2id as OWASP's Password Storage Cheat Sheet sets it for servers: 19 MiB and two passes for each attempt, so that
# every thread of a small machine can check one at the same time.
HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# The hash of a passphrase that nobody knows, checked for names that nobody has: both take the same time.
HASH_OF_NOBODY: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$jtR23lPp4/C/9sQtAlc8Nw$P15MbLPucEVoUBd5ShO0H4EmAefvO5G/nL8zz1rYrVg"
)
OBVIOUS: Final = (
    "123456789012",
    "1234567890",
    "abcdefghijkl",
    "administrator",
    "changeme",
    "correcthorsebatterystaple",
    "formulary",
    "iloveyou",
    "letmein",
    "passphrase",
    "password",
    "qwertyuiop",
    "trustno1",
    "welcome",
)
ENOUGH_ELSE: Final = 6


def check_passphrase(passphrase: str, name: str) -> None:
    """Raises BadInput for a passphrase that is too short, too long, or among the first a stranger would try."""
    pointer = "/passphrase"
    if len(passphrase) < SHORTEST:
        raise BadInput(f"Use at least {SHORTEST} characters; four or five words are easy to keep.", pointer=pointer)
    if len(passphrase) > LONGEST:
        raise BadInput(f"Use at most {LONGEST} characters.", pointer=pointer)
    folded = _bare(passphrase)
    if len(set(passphrase.casefold())) < ENOUGH_ELSE:
        raise BadInput("This repeats a few characters; use four or five words.", pointer=pointer)
    for guess in (_bare(name), *OBVIOUS):
        if len(guess) >= 3 and guess in folded and len(folded.replace(guess, "")) < ENOUGH_ELSE:
            raise BadInput(
                "This is among the first a stranger would try; use four or five words that have nothing to do "
                "with each other or with your name.",
                pointer=pointer,
            )


def hash_passphrase(passphrase: str) -> str:
    """An Argon2id hash with its salt and parameters."""
    return HASHER.hash(_composed(passphrase))


def verify_passphrase(passphrase: str, kept: str | None) -> bool:
    """Whether the passphrase is the one kept; takes as long where none is."""
    try:
        return HASHER.verify(kept or HASH_OF_NOBODY, _composed(passphrase)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(kept)


def _composed(passphrase: str) -> str:
    """One spelling of what looks alike: keyboards compose accents differently (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", passphrase)


def _bare(text: str) -> str:
    """Letters and digits alone, without case."""
    return "".join(character for character in _composed(text).casefold() if character.isalnum())
