"""offers_for: the only maker of links. What a program forbids on a channel cannot be emitted here."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import structlog

from service.catalog.codes import product_code
from service.referrals.book import Book, KnownDiscount, KnownProgram
from service.referrals.destinations import DestinationRefused, build_destination, check_tag
from service.referrals.disclosures import FDA_STATEMENT, INTEREST_OF_KIND, PAID_LINK
from service.referrals.policy import CHANNEL_LETTERS, PUBLIC_CHANNELS, Cell, Channel, DiscountView, LinkForm, cell_for

CHANNEL_OF_LETTER = {letter: channel for channel, letter in CHANNEL_LETTERS.items()}

log = structlog.get_logger(__name__)

NEUTRAL_DISCOUNT = "Patient pricing shows after you sign in."
HOW_APPLIED = {
    "automatic": "applied at checkout",
    "sign_in": "applied at checkout after you sign in",
    "code": "with code {code}",
}


@dataclass(frozen=True, slots=True)
class OfferedFormula:
    """What an offer needs of a published formula."""

    slug: str
    kind: str
    title: str
    products: tuple[Mapping[str, Any], ...]

    @classmethod
    def read(cls, slug: str, offered: str) -> "OfferedFormula":
        """From a publication's `offered` text."""
        found = json.loads(offered)
        return cls(slug, found["kind"], found["title"], tuple(found["products"]))


@dataclass(frozen=True, slots=True)
class Discount:
    """What may be told of a discount here: words, and figures only where policy shows them."""

    text: str
    metadata: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to buy one product, complete with what must stand beside it."""

    product: str
    product_name: str
    seller: str
    program: str
    link: LinkForm
    url: str
    label: str
    paid_link_label: str | None
    disclosure: str
    discount: Discount | None
    regulatory_class: str
    rel: str = "sponsored nofollow noopener"


@dataclass(frozen=True, slots=True)
class OfferSet:
    """Everything a channel may show of a formula's products.

    `valid_until` is the next moment (UTC) at which a discount starts or ends; what was composed
    before it is not to be served after it.
    """

    formula: str
    channel: Channel
    offers: tuple[Offer, ...] = ()
    statements: tuple[str, ...] = ()
    valid_until: datetime | None = None
    unavailable: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        data = asdict(self)
        data["valid_until"] = self.valid_until and self.valid_until.isoformat().replace("+00:00", "Z")
        return data


def offers_for(formula: OfferedFormula, channel: Channel, *, book: Book, now: datetime) -> OfferSet:
    """The offers of a published formula on a channel at a moment (UTC)."""
    offers, unavailable = [], []
    for product in formula.products:
        program = book.programs.get(product["program"])
        if program is None or not program.enabled or not _has_destination(product, program):
            unavailable.append(product["slug"])
        else:
            offers.append(_offer(formula, product, program, channel, book, now))
    return OfferSet(
        formula=formula.slug,
        channel=channel,
        offers=tuple(offers),
        # The sentence belongs to the claim, so it stands though nothing is for sale now.
        statements=(FDA_STATEMENT,) if formula.kind == "internal_formula" else (),
        valid_until=_next_boundary(book, {offer.program for offer in offers}, now),
        unavailable=tuple(unavailable),
    )


def _offer(
    formula: OfferedFormula,
    product: Mapping[str, Any],
    program: KnownProgram,
    channel: Channel,
    book: Book,
    now: datetime,
) -> Offer:
    cell = cell_for(program.kind, channel, program.policy)
    leaves_our_site = cell.link in (LinkForm.DIRECT, LinkForm.GO)
    return Offer(
        product=product["slug"],
        product_name=product["name"],
        seller=program.seller,
        program=program.key,
        link=cell.link,
        url=_url(formula, product, program, cell, channel, book),
        label=f"{_short_name(formula, product)} at {program.seller}" if leaves_our_site else formula.title,
        paid_link_label=PAID_LINK if program.kind == "amazon_associates" and leaves_our_site else None,
        disclosure=" ".join(part for part in (INTEREST_OF_KIND[program.kind], program.disclosure) if part),
        discount=_discount(program, product, cell, channel, now),
        regulatory_class=product["regulatory_class"],
    )


def _short_name(formula: OfferedFormula, product: Mapping[str, Any]) -> str:
    """The product's own name where it has a maker, else the formula's."""
    return str(product["name"]) if product.get("maker") else formula.title


def _url(
    formula: OfferedFormula,
    product: Mapping[str, Any],
    program: KnownProgram,
    cell: Cell,
    channel: Channel,
    book: Book,
) -> str:
    if cell.link is LinkForm.DIRECT:
        return destination_of(product, program)
    if cell.link is LinkForm.GO:
        return f"{book.public_url}/go/{product_code(product['slug'])}{CHANNEL_LETTERS[channel]}"
    return f"{book.public_url}/f/{formula.slug}"


def destination_of(product: Mapping[str, Any], program: KnownProgram) -> str:
    """The vendor's URL, with our account in it. Raises DestinationRefused."""
    url = build_destination(
        product["destination"],
        templates=program.templates,
        settings=program.settings,
        allowed_hosts=program.allowed_hosts,
    )
    return check_tag(url, program.settings["tag"]) if program.kind == "amazon_associates" else url


def _has_destination(product: Mapping[str, Any], program: KnownProgram) -> bool:
    """Whether the link can be made; one that cannot takes its offer away, never the page."""
    try:
        destination_of(product, program)
    except DestinationRefused as refusal:
        log.warning("offer_unavailable", product=product["slug"], program=program.key, reason=refusal.detail)
        return False
    return True


def _discount(
    program: KnownProgram,
    product: Mapping[str, Any],
    cell: Cell,
    channel: Channel,
    now: datetime,
) -> Discount | None:
    """The discount in force, as far as the cell and its audience let it be told."""
    active = [found for found in program.discounts if found.applies_to(product["slug"]) and found.is_active(now)]
    if not active or cell.discount is DiscountView.NONE:
        return None
    best = max(
        active,
        key=lambda found: (found.product is not None, found.percent_max, found.key),
    )
    is_private = best.audience == "patients" and channel in PUBLIC_CHANNELS
    if cell.discount is DiscountView.NEUTRAL or is_private:
        return Discount(NEUTRAL_DISCOUNT) if best.how == "sign_in" else None
    return Discount(_in_words(best), best.metadata())


def _in_words(discount: KnownDiscount) -> str:
    low, high = discount.percent_min, discount.percent_max
    percent = f"{low} %" if low == high else f"{low}–{high} %"
    return f"{percent} off {discount.basis}, {HOW_APPLIED[discount.how].format(code=discount.code)}"


def _next_boundary(book: Book, programs: set[str], now: datetime) -> datetime | None:
    boundaries = [
        moment
        for key in programs
        for discount in book.programs[key].discounts
        for moment in (discount.starts_at, discount.ends_at)
        if moment is not None and moment > now
    ]
    return min(boundaries, default=None)
