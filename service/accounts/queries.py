"""Reads of people, their sign-ins and their one-time links."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from service.accounts.errors import LinkOver
from service.accounts.models import OneTimeLink, Person, SignIn
from service.accounts.tokens import digest_of
from service.extensions import db

IDLE_TIME_OUT: Final = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class SignedInPerson:
    """Who asks: a person and the sign-in of the browser they ask from."""

    id: int
    name: str
    role: str
    sign_in_id: int
    signed_in_at: datetime
    last_seen_at: datetime


def find_signed_in(token: str) -> SignedInPerson | None:
    """The person of a token, or None where it is unknown, idle for too long, over, or the person was disabled."""
    now = datetime.now(UTC)
    row = db.session.execute(
        select(Person.id, Person.name, Person.role, SignIn.id, SignIn.created_at, SignIn.last_seen_at)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(
            SignIn.digest == digest_of(token),
            SignIn.expires_at > now,
            SignIn.last_seen_at > now - IDLE_TIME_OUT,
            Person.disabled_at.is_(None),
        )
    ).first()
    return SignedInPerson(*row) if row else None


def get_one_time_link(token: str) -> OneTimeLink:
    """A link that can still be used, with its person. Raises LinkOver."""
    now = datetime.now(UTC)
    link = db.session.scalar(
        select(OneTimeLink)
        .join(OneTimeLink.person)
        .where(
            OneTimeLink.digest == digest_of(token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
            Person.disabled_at.is_(None),
        )
    )
    if link is None:
        raise LinkOver("It was used, or its time is over. Make another with: formulary console-link NAME")
    return link


def count_sign_ins(person_id: int) -> int:
    """On how many browsers a person is signed in now."""
    now = datetime.now(UTC)
    query = select(func.count(SignIn.id)).where(
        SignIn.person_id == person_id, SignIn.expires_at > now, SignIn.last_seen_at > now - IDLE_TIME_OUT
    )
    return db.session.scalar(query) or 0


def can_anybody_sign_in() -> bool:
    """Whether a person who is not disabled has a passphrase."""
    query = select(Person.id).where(Person.passphrase_hash.is_not(None), Person.disabled_at.is_(None)).limit(1)
    return db.session.scalar(query) is not None
