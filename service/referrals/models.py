"""Programs, their discounts, and the practice whose links these are."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.catalog.statements import one_of
from service.referrals.policy import DISCOUNT_AUDIENCES, DISCOUNT_WAYS, PROGRAM_KINDS
from service.shared.database import Base, UtcDateTime


class Practice(Base):
    """Who recommends: one row."""

    __tablename__ = "practice"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    site: Mapped[str] = mapped_column(Text)


class Program(Base):
    """A referral program: its accounts, its URL templates (RFC 6570) and the hosts they may reach."""

    __tablename__ = "programs"
    __table_args__ = (one_of("kind", PROGRAM_KINDS),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    seller: Mapped[str] = mapped_column(Text)
    templates: Mapped[dict[str, str]] = mapped_column(JSON)
    allowed_hosts: Mapped[list[str]] = mapped_column(JSON)
    settings: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    is_example: Mapped[bool] = mapped_column(default=False)
    policy: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict)
    disclosure: Mapped[str | None] = mapped_column(Text)
    enabled: Mapped[bool] = mapped_column(default=True)
    discounts: Mapped[list["Discount"]] = relationship(back_populates="program", order_by="Discount.key")


class Discount(Base):
    """A reduction on the retail price: a percent range, how it is given, when, and who may see it."""

    __tablename__ = "discounts"
    __table_args__ = (
        one_of("how", DISCOUNT_WAYS),
        one_of("audience", DISCOUNT_AUDIENCES),
        CheckConstraint(
            "percent_min > 0 AND percent_min <= percent_max AND percent_max <= 100",
            name="percent",
        ),
        CheckConstraint("starts_at IS NULL OR ends_at IS NULL OR starts_at < ends_at", name="window"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"), index=True)
    product: Mapped[str | None] = mapped_column(String(80))
    percent_min: Mapped[int]
    percent_max: Mapped[int]
    basis: Mapped[str] = mapped_column(String(20))
    how: Mapped[str] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(Text)
    audience: Mapped[str] = mapped_column(String(20))
    terms: Mapped[str | None] = mapped_column(Text)
    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    program: Mapped[Program] = relationship(back_populates="discounts")
