"""What is kept of a partner: one account with its tokens encrypted, and which events were received."""

from datetime import datetime

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.shared.database import Base, UtcDateTime


class PartnerAccount(Base):
    """The practice's account at a partner; a partner has one at most."""

    __tablename__ = "partner_accounts"
    id: Mapped[int] = mapped_column(primary_key=True)
    partner: Mapped[str] = mapped_column(String(20), unique=True)
    region: Mapped[str] = mapped_column(String(2))
    sandbox: Mapped[bool]
    access_token: Mapped[str] = mapped_column(Text)
    refresh_token: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    connected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    connected_by: Mapped[str] = mapped_column(Text)
    # When the partner refused the refresh token; from then on only a person can connect again.
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PartnerEvent(Base):
    """That an event was received, once. Nothing of its payload is kept but what it is called.

    `resource_id` names a product alone: the id of an order, a plan or a patient stands for a person.
    """

    __tablename__ = "partner_events"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(String(100), unique=True)
    type: Mapped[str] = mapped_column(String(80))
    resource_id: Mapped[str | None] = mapped_column(String(100))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
