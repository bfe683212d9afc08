"""Verbs on people, their sign-ins, and keys. They flush and never commit."""

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update

from service.accounts.attempts import count_attempt, forget_attempts
from service.accounts.errors import LinkOver, SignInRefused
from service.accounts.models import ROLES, ApiKey, OneTimeLink, Person, SignIn
from service.accounts.passphrases import check_passphrase, hash_passphrase, needs_rehash, verify_passphrase
from service.accounts.queries import IDLE_TIME_OUT, SignedInPerson, get_one_time_link
from service.accounts.tokens import digest_of, new_token
from service.extensions import db
from service.shared.errors import BadInput, NotFound

SCOPES: Final = ("read:practitioner", "read:clicks", "write:catalog", "admin")
LINK_LASTS: Final = timedelta(minutes=15)
SIGN_IN_LASTS: Final = timedelta(days=30)


def make_one_time_link(*, name: str, role: str | None = None) -> str:
    """A token for one use within 15 minutes, returned once; it ends the person's earlier links.

    Makes the person when new: the first of all is the owner, for others the role has to be told. A role told for a
    person who is there already becomes theirs, and a disabled person is let in again. Raises BadInput.
    """
    if role is not None and role not in ROLES:
        raise BadInput(f"A role is one of {', '.join(ROLES)}.", pointer="/role")
    now = datetime.now(UTC)
    person = _find_person(name) or _new_person(name, role, now)
    person.role = role or person.role
    person.disabled_at = None
    db.session.flush()
    db.session.execute(delete(OneTimeLink).where((OneTimeLink.person_id == person.id) | (OneTimeLink.expires_at < now)))
    token = new_token()
    db.session.add(OneTimeLink(person=person, digest=digest_of(token), expires_at=now + LINK_LASTS))
    db.session.flush()
    return token


def set_passphrase(*, token: str, passphrase: str) -> str:
    """Use a one-time link: set its person's passphrase, end their sign-ins, and return the token of a new one.

    Raises LinkOver, and BadInput for a passphrase that will not do (the link stays good then).
    """
    link = get_one_time_link(token)
    check_passphrase(passphrase, link.person.name)
    now = datetime.now(UTC)
    unused = update(OneTimeLink).where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
    if not db.session.execute(unused.values(used_at=now).returning(OneTimeLink.id)).first():
        raise LinkOver("It was used a moment ago. Make another with: formulary console-link NAME")
    link.person.passphrase_hash = hash_passphrase(passphrase)
    sign_out_everywhere(link.person.id)
    return _new_sign_in(link.person, now)


def change_passphrase(*, person: SignedInPerson, current: str, passphrase: str, address: str) -> None:
    """Set another passphrase and end the person's other sign-ins. Raises TooManyAttempts or BadInput."""
    row = db.session.get_one(Person, person.id)
    count_attempt(name=row.key, address=address)
    if not verify_passphrase(current, row.passphrase_hash):
        raise BadInput("This is not your passphrase.", pointer="/current")
    forget_attempts(name=row.key, address=address)
    check_passphrase(passphrase, row.name)
    row.passphrase_hash = hash_passphrase(passphrase)
    db.session.execute(delete(SignIn).where(SignIn.person_id == row.id, SignIn.id != person.sign_in_id))
    db.session.flush()


def sign_in(*, name: str, passphrase: str, address: str) -> str:
    """The token of a new sign-in. Raises TooManyAttempts or SignInRefused, the same for an unknown name."""
    count_attempt(name=key_of(name), address=address)
    person = _find_person(name)
    kept = person.passphrase_hash if person is not None and person.disabled_at is None else None
    is_right = verify_passphrase(passphrase, kept)
    if person is None or kept is None or not is_right:
        raise SignInRefused("The name and the passphrase do not go together.")
    forget_attempts(name=person.key, address=address)
    if needs_rehash(kept):
        person.passphrase_hash = hash_passphrase(passphrase)
    return _new_sign_in(person, datetime.now(UTC))


def note_seen(sign_in_id: int) -> None:
    """The person was here just now, which puts their idle time-out off."""
    seen = update(SignIn).where(SignIn.id == sign_in_id).values(last_seen_at=datetime.now(UTC))
    db.session.execute(seen)


def sign_out(token: str) -> None:
    db.session.execute(delete(SignIn).where(SignIn.digest == digest_of(token)))


def sign_out_everywhere(person_id: int) -> None:
    db.session.execute(delete(SignIn).where(SignIn.person_id == person_id))


def disable_person(name: str) -> None:
    """End a person's access at once: sign-ins, links and passphrase. Raises NotFound."""
    person = _find_person(name)
    if person is None:
        raise NotFound(f"There is nobody named {name!r}.")
    person.disabled_at = datetime.now(UTC)
    person.passphrase_hash = None
    sign_out_everywhere(person.id)
    db.session.execute(delete(OneTimeLink).where(OneTimeLink.person_id == person.id))
    db.session.flush()


def key_of(name: str) -> str:
    """A name as names are compared: without case, and spelled and spaced in one way."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _find_person(name: str) -> Person | None:
    key = key_of(name)
    # PostgreSQL takes no NUL, and no name holds one.
    return db.session.scalar(select(Person).filter_by(key=key)) if key.isprintable() else None


def _new_person(name: str, role: str | None, now: datetime) -> Person:
    name, key = name.strip(), key_of(name)
    if not (name and len(name) <= 80 and len(key) <= 80 and name.isprintable()):
        raise BadInput("Name the person in 1 to 80 characters.", pointer="/name")
    is_first = db.session.scalar(select(Person.id).limit(1)) is None
    if role is None and not is_first:
        raise BadInput(f"{name!r} is new here: say with --role whether {', '.join(ROLES)}.", pointer="/role")
    person = Person(name=name, key=key, role=role or "owner", created_at=now)
    db.session.add(person)
    return person


def _new_sign_in(person: Person, now: datetime) -> str:
    """Sign a person in, and sweep away the sign-ins whose time is over."""
    db.session.execute(delete(SignIn).where((SignIn.expires_at < now) | (SignIn.last_seen_at < now - IDLE_TIME_OUT)))
    token = new_token()
    db.session.add(
        SignIn(
            person_id=person.id,
            digest=digest_of(token),
            created_at=now,
            last_seen_at=now,
            expires_at=now + SIGN_IN_LASTS,
        )
    )
    db.session.flush()
    return token


def create_api_key(*, name: str, scopes: Sequence[str], days: int | None) -> str:
    """Make a key and return it: the only time it is seen. Raises BadInput."""
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise BadInput(f"Give one or more of these scopes: {', '.join(SCOPES)}.", pointer="/scopes")
    if not 1 <= len(name) <= 80:
        raise BadInput("Name the key in 1 to 80 characters.", pointer="/name")
    if db.session.scalar(select(ApiKey).filter_by(name=name)) is not None:
        raise BadInput(f"There is a key named {name!r} already.", pointer="/name")
    key = f"frm_{new_token()}"
    now = datetime.now(UTC)
    db.session.add(
        ApiKey(
            name=name,
            prefix=key[:8],
            digest=digest_of(key),
            scopes=list(scopes),
            created_at=now,
            expires_at=now + timedelta(days=days) if days else None,
        )
    )
    db.session.flush()
    return key


def revoke_api_key(name: str) -> None:
    """End a key at once. Raises NotFound."""
    key = db.session.scalar(select(ApiKey).filter_by(name=name))
    if key is None:
        raise NotFound(f"There is no key named {name!r}.")
    key.revoked_at = datetime.now(UTC)
    db.session.flush()
