"""Verbs on a partner's account and events. They flush and never commit."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from service.extensions import db
from service.partners.models import PartnerAccount, PartnerEvent
from service.partners.queries import find_account
from service.partners.schemas import Event

# Fullscript repeats a delivery for less than seven hours after the first.
EVENTS_ARE_KEPT: Final = timedelta(days=30)


def save_account(
    *,
    partner: str,
    region: str,
    sandbox: bool,
    sealed: tuple[str, str],
    scopes: tuple[str, ...],
    expires_at: datetime,
    connected_by: str,
    now: datetime,
) -> PartnerAccount:
    """Keep the account just connected, in place of one before it. `sealed`: access and refresh token, encrypted."""
    account = find_account(partner) or PartnerAccount(partner=partner)
    account.region, account.sandbox = region, sandbox
    account.connected_at, account.connected_by = now, connected_by
    db.session.add(account)
    renew_tokens(account, sealed=sealed, scopes=scopes, expires_at=expires_at)
    db.session.flush()
    return account


def renew_tokens(
    account: PartnerAccount, *, sealed: tuple[str, str], scopes: tuple[str, ...], expires_at: datetime
) -> None:
    """Put new tokens in place of the spent ones; scopes that were not told stay as they were."""
    account.access_token, account.refresh_token = sealed
    account.scopes = list(scopes) or account.scopes or []
    account.expires_at, account.refused_at = expires_at, None


def mark_refused(account: PartnerAccount, *, now: datetime) -> None:
    """Note that only a person can connect this account again."""
    account.refused_at = now


def remove_account(account: PartnerAccount) -> None:
    """Forget an account and its tokens."""
    db.session.delete(account)
    db.session.flush()


def note_event(event: Event, *, now: datetime) -> bool:
    """Note an event the first time it comes; whether this was it. Old notes are dropped."""
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    row = {"event_id": event.id, "type": event.type, "resource_id": event.resource_id, "received_at": now}
    noted = db.session.execute(
        insert(PartnerEvent).values(row).on_conflict_do_nothing().returning(PartnerEvent.id)
    ).scalar()
    db.session.execute(delete(PartnerEvent).where(PartnerEvent.received_at < now - EVENTS_ARE_KEPT))
    return noted is not None
