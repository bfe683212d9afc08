"""offers_for: the only maker of links. What a program forbids on a channel cannot be emitted here."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog

from service.catalog.codes import product_code
from service.referrals.addresses import page_address
from service.referrals.book import Book, KnownProgram
from service.referrals.destinations import DestinationRefused, check_way, destination_of, ways_of
from service.referrals.disclosures import (
    AMAZON_STATEMENT,
    ELSEWHERE,
    INTEREST,
    PAID_LINK,
    Disclosure,
    disclosures_of_formula,
    disclosures_of_product,
    fault_of_own,
    interest_line,
)
from service.referrals.discounts import Discount, Price, in_force, next_boundary, tell_discount, tell_price
from service.referrals.policy import (
    CHANNEL_LETTERS,
    LEAVES_OUR_SITE,
    PLACEMENTS,
    POLICY,
    Cell,
    Channel,
    DiscountView,
    LinkForm,
    cell_for,
    is_looser,
)

CHANNEL_OF_LETTER = {letter: channel for channel, letter in CHANNEL_LETTERS.items()}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OfferedFormula:
    """What an offer needs of a published formula."""

    slug: str
    kind: str
    title: str
    products: tuple[Mapping[str, Any], ...]
    short_name: str | None = None
    # What must be said of something put on the skin, by kind.
    warnings: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, slug: str, offered: str) -> "OfferedFormula":
        """From a publication's `offered` text."""
        found = json.loads(offered)
        return cls(
            slug,
            found["kind"],
            found["title"],
            tuple(found["products"]),
            found.get("short_name"),
            found.get("warnings", {}),
        )


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
    price: Price | None
    permission: str | None
    regulatory_class: str
    rel: str = "sponsored nofollow noopener"
    # What a beacon tells /hit of a click, on links that do not lead through us.
    hit: str | None = None


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
    disclosures: tuple[Disclosure, ...] = ()
    valid_until: datetime | None = None
    unavailable: tuple[str, ...] = field(default=())
    # Products offered by a link that is known to be dead, since no other way to buy them is left.
    flagged: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        data = asdict(self)
        data["valid_until"] = self.valid_until and self.valid_until.isoformat().replace("+00:00", "Z")
        return data


def offers_for(
    formula: OfferedFormula, channel: Channel, *, book: Book, now: datetime, placement: str = ""
) -> OfferSet:
    """The offers of a published formula on a channel at a moment (UTC), complete with every disclosure they need."""
    ways = [(product["slug"], choose_way(product, book)) for product in formula.products]
    chosen = [way for _, way in ways if way]
    offers = [_offer(formula, way, channel, book, now, placement) for way in chosen]
    disclosures = disclosures_of_formula(formula.kind, formula.warnings)
    for offer, way in zip(offers, chosen, strict=True):
        disclosures += [*_disclosures_of_offer(offer, way.program), *disclosures_of_product(way.product)]
    return OfferSet(
        formula=formula.slug,
        channel=channel,
        offers=tuple(offers),
        # The sentence belongs to the claim, so it stands though nothing is for sale now.
        statements=tuple(told.text for told in disclosures if told.where == "beside_claim"),
        disclosures=tuple(disclosures),
        valid_until=next_boundary((way.program for way in chosen), now),
        unavailable=tuple(slug for slug, way in ways if way is None),
        flagged=tuple(slug for slug, way in ways if way and way.is_dead),
    )


@dataclass(frozen=True, slots=True)
class Way:
    """A way to buy a product whose link can be made: the product with that way's program and destination.

    `position` 0 is the product's own way, then the owner's substitutes in order.
    """

    product: Mapping[str, Any]
    program: KnownProgram
    position: int
    is_dead: bool

    @property
    def is_substitute(self) -> bool:
        return self.position > 0


def choose_way(product: Mapping[str, Any], book: Book) -> Way | None:
    """The first way to buy a product that is not known to be dead, of those whose link can be made.

    Where all of them are dead it is the first of them, since a doubtful link serves better than none.
    """
    first = None
    for way in _ways_made(product, book):
        if not way.is_dead:
            return way
        first = first or way
    return first


def _ways_made(product: Mapping[str, Any], book: Book) -> Iterator[Way]:
    for position, chosen in enumerate(ways_of(product)):
        program = book.programs.get(chosen["program"])
        made = {**product, "program": chosen["program"], "destination": chosen["destination"]}
        if program is not None and program.enabled and _has_destination(made, program):
            yield Way(made, program, position, (product["slug"], position) in book.dead)


def _offer(formula: OfferedFormula, way: Way, channel: Channel, book: Book, now: datetime, placement: str) -> Offer:
    product, program = way.product, way.program
    cell = cell_for(program.kind, channel, program.policy)
    leaves_our_site = cell.link in LEAVES_OUR_SITE
    discounts = in_force(program, product["slug"], now)
    discount = tell_discount(discounts, cell, channel)
    own = own_words(program)
    return Offer(
        product=product["slug"],
        product_name=product["name"],
        seller=program.seller,
        program=program.key,
        link=cell.link,
        url=_url(formula, product, program, cell, channel, book, placement),
        label=f"{_short_name(formula, product)} at {program.seller}" if leaves_our_site else formula.title,
        paid_link_label=PAID_LINK if program.kind == "amazon_associates" and leaves_our_site else None,
        disclosure=interest_line(program.kind, own),
        discount=discount,
        price=tell_price(product, program.kind, discounts, cell, channel),
        permission=_leave_used(program.kind, channel, cell, discount),
        regulatory_class=product["regulatory_class"],
        hit=_code(product, channel) if cell.link is LinkForm.DIRECT else None,
    )


def own_words(program: KnownProgram) -> str | None:
    """The owner's own disclosure; one that its program forbids is none, however it came to be there."""
    own = program.disclosure
    return own if own and not fault_of_own(program.kind, own) else None


def _leave_used(kind: str, channel: Channel, cell: Cell, discount: Discount | None) -> str | None:
    """The permission in words, where what is shown here and now rests on it."""
    told = DiscountView.NONE if discount is None else DiscountView.FIGURE if discount.metadata else DiscountView.NEUTRAL
    if cell.permission is None or not is_looser(replace(cell, discount=told), POLICY[kind][channel]):
        return None
    return str(cell.permission)


def _disclosures_of_offer(offer: Offer, program: KnownProgram) -> list[Disclosure]:
    """What stands at the link and beside the button."""
    is_amazon = program.kind == "amazon_associates"
    found = [
        Disclosure("amazon" if is_amazon else "interest", "beside_button", AMAZON_STATEMENT if is_amazon else INTEREST),
        Disclosure("elsewhere", "beside_button", ELSEWHERE),
    ]
    if offer.paid_link_label:
        found.append(Disclosure("paid_link", "at_link", offer.paid_link_label))
    own = own_words(program)
    if own:
        found.append(Disclosure("own", "beside_button", own))
    if offer.permission:
        found.append(Disclosure("permission", "beside_button", offer.permission))
    return [Disclosure(one.kind, one.where, one.text, offer.product) for one in found]


def _code(product: Mapping[str, Any], channel: Channel) -> str | None:
    """The code of a product on a channel, where the channel has codes."""
    letter = CHANNEL_LETTERS.get(channel)
    return product_code(product["slug"]) + letter if letter else None


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
    placement: str,
) -> str:
    if cell.link is LinkForm.DIRECT:
        # A channel that is one place has a tracking id of its own, if the owner gave it one.
        return destination_of(product, program, placement or (channel if channel in PLACEMENTS else ""))
    if cell.link is LinkForm.GO:
        ending = f"/{placement}" if placement else ""
        return f"{book.public_url}/go/{product_code(product['slug'])}{CHANNEL_LETTERS[channel]}{ending}"
    return page_address(formula.slug, book.public_url)


def _has_destination(product: Mapping[str, Any], program: KnownProgram) -> bool:
    """Whether the link can be made; one that cannot takes its offer away, never the page."""
    try:
        check_way(product, program)
    except DestinationRefused as refusal:
        log.warning("offer_unavailable", product=product["slug"], program=program.key, reason=refusal.detail)
        return False
    return True
