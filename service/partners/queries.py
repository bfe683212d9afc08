"""Reads of what is kept of a partner."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.config import Settings
from service.extensions import db
from service.partners.application import CONNECT_PATH, FULLSCRIPT, application_of
from service.partners.models import PartnerAccount, PartnerEvent


def find_account(partner: str = FULLSCRIPT) -> PartnerAccount | None:
    return db.session.scalar(select(PartnerAccount).filter_by(partner=partner))


def read_account(partner: str = FULLSCRIPT) -> PartnerAccount | None:
    """The account as the database has it now, apart from the request's own session and its memory."""
    with Session(db.engine) as session:
        return session.scalar(select(PartnerAccount).filter_by(partner=partner))


def lock_account(session: Session, partner: str = FULLSCRIPT) -> PartnerAccount | None:
    """The account as it is now, its row locked until this session's transaction ends (PostgreSQL)."""
    return session.scalar(select(PartnerAccount).filter_by(partner=partner).with_for_update())


def find_last_event() -> PartnerEvent | None:
    return db.session.scalar(select(PartnerEvent).order_by(PartnerEvent.received_at.desc(), PartnerEvent.id.desc()))


def is_connected(settings: Settings) -> bool:
    """Whether Fullscript's API can be asked now, as far as is known here."""
    application, account = application_of(settings), find_account()
    return (
        application is not None
        and account is not None
        and account.refused_at is None
        and (account.region, account.sandbox) == (application.region, application.sandbox)
    )


def awaits_connection(settings: Settings) -> bool:
    """Whether Fullscript is set up, and a person has yet to connect it, or to connect it again."""
    return application_of(settings) is not None and not is_connected(settings)


def describe_connection(settings: Settings) -> str:
    """One sentence on how things stand with Fullscript; never a token."""
    application = application_of(settings)
    if application is None:
        return "Fullscript's API is not connected; it is optional."
    where = f"open {settings.public_url}{CONNECT_PATH}"
    account = find_account()
    if account is None:
        return f"{application.place} is set up and not connected; {where}."
    if account.refused_at is not None:
        return f"{application.place} has to be connected again since {account.refused_at:%Y-%m-%d %H:%M} UTC; {where}."
    if (account.region, account.sandbox) != (application.region, application.sandbox):
        return f"{application.place} is set up, but another Fullscript is connected; {where}."
    granted = ", ".join(account.scopes) or "not told"
    return (
        f"{application.place} is connected since {account.connected_at:%Y-%m-%d} by {account.connected_by}; "
        f"scopes granted: {granted}."
    )
