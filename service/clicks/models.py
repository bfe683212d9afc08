"""Clicks, added up: by hour, link and outcome, nothing of any visitor."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from service.shared.database import Base


class ClickCount(Base):
    """How many clicks one hour (UTC) brought that agree in all else; `outcome` is `counted` or why they are not."""

    __tablename__ = "click_counts"
    __table_args__ = (CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),)
    day: Mapped[date] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True)
    product: Mapped[str] = mapped_column(String(80), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    placement: Mapped[str] = mapped_column(String(80), primary_key=True)
    device: Mapped[str] = mapped_column(String(10), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(10), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class ClickPosition(Base):
    """How much of a host's log file is in the counts, in bytes; written in the transaction that adds them."""

    __tablename__ = "click_positions"
    host: Mapped[str] = mapped_column(String(32), primary_key=True)
    file: Mapped[str] = mapped_column(String(40), primary_key=True)
    folded: Mapped[int] = mapped_column(BigInteger)
