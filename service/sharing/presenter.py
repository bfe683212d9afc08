"""Everything a practitioner needs to pass a formula on, as one frozen view."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from service.catalog.queries import PublishedFormula
from service.referrals.addresses import page_address, short_address
from service.referrals.book import Book
from service.referrals.offers import OfferedFormula
from service.sharing.messages import Email, TextMessage, compose_messages, spoken_address
from service.sharing.qr import SCALES, qr_target


@dataclass(frozen=True, slots=True)
class QrView:
    """A printed code: what it says, and the addresses of its images (PNG by size)."""

    target: str
    svg: str
    png: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ShareView:
    """A formula ready to be sent, printed or said; `valid_until` (UTC) ends the discount told in it."""

    slug: str
    title: str
    page_url: str
    short_url: str | None
    spoken: str
    qr: QrView
    sms: TextMessage | None
    sms_fault: str | None
    email: Email
    speech: str
    disclosures: tuple[str, ...]
    valid_until: datetime | None

    def as_json(self) -> dict[str, Any]:
        data = asdict(self)
        data["valid_until"] = self.valid_until and self.valid_until.isoformat().replace("+00:00", "Z")
        return data


def view_share(formula: PublishedFormula, *, book: Book, now: datetime) -> ShareView:
    """A published formula as a practitioner passes it on at a moment (UTC). Raises MessageNotWritable."""
    offered = OfferedFormula.read(formula.slug, formula.offered)
    page = page_address(formula.slug, book.public_url)
    messages = compose_messages(formula, book=book, now=now)
    return ShareView(
        slug=formula.slug,
        title=offered.title,
        page_url=page,
        short_url=short_address(offered.short_name, book.public_url),
        spoken=spoken_address(offered, book),
        qr=QrView(
            target=qr_target(offered, book),
            svg=f"{page}/qr.svg",
            png={size: f"{page}/qr.png?size={size}" for size in SCALES},
        ),
        sms=messages.sms,
        sms_fault=messages.sms_fault,
        email=messages.email,
        speech=messages.speech,
        disclosures=messages.disclosures,
        valid_until=messages.valid_until,
    )
