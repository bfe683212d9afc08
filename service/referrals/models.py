"""Programs, their discounts, and the practice whose links these are."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.referrals.links import Verdict
from service.referrals.policy import DISCOUNT_AUDIENCES, DISCOUNT_WAYS, PROGRAM_KINDS
from service.shared.database import Base, UtcDateTime, one_of


class Practice(Base):
    """Who recommends: one row."""

    __tablename__ = "practice"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    site: Mapped[str] = mapped_column(Text)
    placements: Mapped[list[str]] = mapped_column(JSON, default=list)


class Edited:
    """Who changed a row here, and when; what nobody did is the seed's to change."""

    edited_by: Mapped[str | None] = mapped_column(String(80))
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Program(Edited, Base):
    """A referral program: its accounts, its URL templates (RFC 6570) and the hosts they may reach."""

    __tablename__ = "programs"
    __table_args__ = (one_of("kind", PROGRAM_KINDS),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    seller: Mapped[str] = mapped_column(Text)
    templates: Mapped[dict[str, str]] = mapped_column(JSON)
    allowed_hosts: Mapped[list[str]] = mapped_column(JSON)
    marketplace: Mapped[str | None] = mapped_column(String(10))
    settings: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    placements: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict)
    takes_profit: Mapped[bool] = mapped_column(default=True)
    is_example: Mapped[bool] = mapped_column(default=False)
    policy: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON, default=dict)
    disclosure: Mapped[str | None] = mapped_column(Text)
    enabled: Mapped[bool] = mapped_column(default=True)
    discounts: Mapped[list["Discount"]] = relationship(back_populates="program", order_by="Discount.key")


class Discount(Edited, Base):
    """A reduction on the retail price: a percent range or an amount, how it is given, when, and who may see it."""

    __tablename__ = "discounts"
    __table_args__ = (
        one_of("how", DISCOUNT_WAYS),
        one_of("audience", tuple(DISCOUNT_AUDIENCES)),
        CheckConstraint(
            "percent_min > 0 AND percent_min <= percent_max AND percent_max <= 100",
            name="percent",
        ),
        CheckConstraint("(percent_min IS NULL) != (amount IS NULL)", name="percent_or_amount"),
        CheckConstraint("(amount IS NULL) = (currency IS NULL)", name="amount_with_currency"),
        CheckConstraint("starts_at IS NULL OR ends_at IS NULL OR starts_at < ends_at", name="window"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"), index=True)
    product: Mapped[str | None] = mapped_column(String(80))
    percent_min: Mapped[int | None]
    percent_max: Mapped[int | None]
    # Decimal text: the same on both databases, and as it was written.
    amount: Mapped[str | None] = mapped_column(String(12))
    currency: Mapped[str | None] = mapped_column(String(3))
    basis: Mapped[str] = mapped_column(String(20))
    how: Mapped[str] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(Text)
    audience: Mapped[str] = mapped_column(String(20))
    terms: Mapped[str | None] = mapped_column(Text)
    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    time_zone: Mapped[str | None] = mapped_column(String(64))
    program: Mapped[Program] = relationship(back_populates="discounts")


class Listing(Edited, Base):
    """The owner's own ways to buy a product and its retail price, in place of what its formula's document says."""

    __tablename__ = "listings"
    product: Mapped[str] = mapped_column(String(80), primary_key=True)
    program: Mapped[str] = mapped_column(String(80))
    destination: Mapped[dict[str, Any]] = mapped_column(JSON)
    substitutes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    retail_price: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))


class LinkState(Base):
    """What checking has found of one way to buy a product; `url_digest` says of which URL."""

    __tablename__ = "link_states"
    __table_args__ = (
        UniqueConstraint("product", "position"),
        one_of("verdict", tuple(Verdict)),
        CheckConstraint("failures >= 0", name="failures"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    product: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    program: Mapped[str] = mapped_column(String(80))
    url_digest: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[str] = mapped_column(String(10))
    failures: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text)
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    flagged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Since when it yields to a substitute: flagged, and by a fault that is the link's own.
    dead_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
