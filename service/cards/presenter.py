"""Published bodies and offers, made into frozen views, so that templates hold no logic."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from service.catalog.queries import PublishedFormula
from service.catalog.review import review_changes_at, review_sentence
from service.catalog.terms import WORD_OF_GRADE
from service.referrals.addresses import Preset, page_address, short_address, with_utm
from service.referrals.book import Book
from service.referrals.disclosures import ASK_FIRST
from service.referrals.offers import Offer, OfferedFormula, OfferSet, offers_for
from service.referrals.policy import Channel

CAUTIONS_ON_A_CARD: Final = 5
# The tone (a class of the style sheet) and the sign of each grade; the word tells it too.
TONE_AND_SIGN: Final = {
    "contraindicated": ("avoid", "⊘"),
    "major": ("caution", "▲"),
    "moderate": ("caution", "△"),
    "minor": ("monitor", "○"),
    "unknown": ("caution", "△"),
}
SCRIPT_WORDS: Final = {
    "hans": "Simplified",
    "hant": "Traditional",
    "pinyin": "Pinyin",
    "english": "English",
    "latin": "Latin",
    "kampo": "Kampo",
    "korean": "Korean",
    "abbreviation": "Short",
}


@dataclass(frozen=True, slots=True)
class TitleView:
    """The names a card leads with."""

    hanzi: str
    pinyin: str
    english: str


@dataclass(frozen=True, slots=True)
class CautionView:
    """A caution told by a sign and a word as well as its sentence."""

    tone: str
    sign: str
    word: str
    text: str
    sources: tuple[int, ...]
    herb: str | None


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product with its offer, or without one where it is not sold through us now."""

    name: str
    facts: Mapping[str, Any] | None
    maker: str | None
    form: str | None
    notes: Sequence[str]
    offer: Offer | None


@dataclass(frozen=True, slots=True)
class SourceView:
    """A cited source, numbered as the page cites it."""

    number: int
    title: str
    kind: str
    url: str | None


@dataclass(frozen=True, slots=True)
class FormulaView:
    """Everything a card or a page shows of one formula; `valid_until` (UTC) ends its truth."""

    slug: str
    title: TitleView
    names: Sequence[tuple[str, Sequence[Mapping[str, Any]]]]
    is_topical: bool
    purposes: Sequence[tuple[str, tuple[int, ...]]]
    cautions: Sequence[CautionView]
    # The warnings of what is put on the skin, each with the cautions' sentences that say it.
    warnings: Sequence[tuple[str, Sequence[str]]]
    ingredients: Sequence[tuple[Mapping[str, str], bool]]
    origin: str | None
    products: Sequence[ProductView]
    statements: Sequence[str]
    ask_first: str
    review: str
    sources: Sequence[SourceView]
    page_url: str
    short_url: str | None
    page_url_from_card: str
    card_url: str
    practice: str
    revision: int
    published_at: datetime
    valid_until: datetime | None
    placement: str

    @property
    def key_cautions(self) -> Sequence[CautionView]:
        """The formula's own before its herbs', each gravest first."""
        own_first = sorted(self.cautions, key=lambda caution: caution.herb is not None)
        return own_first[:CAUTIONS_ON_A_CARD]

    @property
    def more_cautions(self) -> int:
        return max(0, len(self.cautions) - CAUTIONS_ON_A_CARD)

    @property
    def other_warnings(self) -> Sequence[str]:
        """The warnings that none of the key cautions says: however many are graver, they stand on the card."""
        said = {caution.text for caution in self.key_cautions}
        return [warning for warning, sentences in self.warnings if said.isdisjoint(sentences)]

    @property
    def first_product(self) -> ProductView | None:
        return next(iter(self.products), None)

    @property
    def sends_hits(self) -> bool:
        """Whether a link of it leads to a vendor without us, so that only a script can count it."""
        return any(product.offer is not None and product.offer.hit for product in self.products)


def view_formula(published: PublishedFormula, *, book: Book, now: datetime, placement: str = "") -> FormulaView:
    """A published formula as the public web shows it at a moment (UTC), its links told by where they stand."""
    slug = published.slug
    formula = OfferedFormula.read(slug, published.offered)
    offers = offers_for(formula, Channel.PUBLIC_WEB, book=book, now=now, placement=placement)
    page_url = page_address(slug, book.public_url)
    body = json.loads(published.public)
    numbers = {key: number for number, key in enumerate(_cited_in_order(body), start=1)}

    def cite(row: Mapping[str, Any]) -> tuple[int, ...]:
        return tuple(sorted(numbers[key] for key in row["sources"] if key in numbers))

    return FormulaView(
        slug=slug,
        title=view_title(slug, body["title"]),
        names=_names_by_script(body["names"]),
        is_topical=body["kind"] == "topical",
        purposes=[(row["text"], cite(row)) for row in body["indications"]],
        cautions=[view_caution(row, cite(row)) for row in body["cautions"]],
        warnings=_warnings(offers, json.loads(published.offered).get("said_by", {})),
        ingredients=[(row["title"], row.get("optional", False)) for row in body["ingredients"]],
        origin=_origin(body.get("origin")),
        products=_products(
            body["products"],
            offers,
            {row["herb"]: row["title"].get("pinyin", row["herb"]) for row in body["ingredients"]},
        ),
        statements=offers.statements,
        ask_first=ASK_FIRST,
        review=review_sentence(body["review"], published.published_at, today=now.date()),
        sources=[view_source(number, body["sources"][key]) for key, number in numbers.items()],
        page_url=page_url,
        short_url=short_address(formula.short_name, book.public_url),
        page_url_from_card=with_utm(page_url, Preset.CARD, slug=slug, public_url=book.public_url),
        card_url=f"{book.public_url}/cards/{slug}",
        practice=book.practice.name,
        revision=published.revision,
        published_at=published.published_at,
        valid_until=min(filter(None, (offers.valid_until, review_changes_at(body["review"], now=now))), default=None),
        placement=placement,
    )


def view_title(slug: str, title: Mapping[str, str]) -> TitleView:
    return TitleView(title.get("hanzi", ""), title.get("pinyin", slug), title.get("english", ""))


def view_caution(row: Mapping[str, Any], sources: tuple[int, ...] = ()) -> CautionView:
    tone, sign = TONE_AND_SIGN[row["grade"]]
    return CautionView(tone, sign, WORD_OF_GRADE[row["grade"]], row["text"], sources, row.get("herb"))


def view_source(number: int, source: Mapping[str, str]) -> SourceView:
    address = source.get("address")
    url = None
    if source.get("doi"):
        url = f"https://doi.org/{quote(source['doi'], safe='/.()-_;:')}"
    elif source.get("pmid", "").isdigit():
        url = f"https://pubmed.ncbi.nlm.nih.gov/{source['pmid']}/"
    elif address and address.startswith("https://") and " " not in address:
        url = address
    return SourceView(number, source["title"], source["kind"].replace("_", " "), url)


def _warnings(offers: OfferSet, said_by: Mapping[str, Sequence[str]]) -> Sequence[tuple[str, Sequence[str]]]:
    return [(told.text, said_by.get(told.kind, ())) for told in offers.disclosures if told.where == "with_formula"]


def _cited_in_order(body: Mapping[str, Any]) -> list[str]:
    rows: Iterable[Mapping[str, Any]] = [*body["indications"], *body["cautions"]]
    return list(dict.fromkeys(key for row in rows for key in row["sources"] if key in body["sources"]))


def _names_by_script(
    names: Sequence[Mapping[str, Any]],
) -> Sequence[tuple[str, Sequence[Mapping[str, Any]]]]:
    return [
        (word, [name for name in names if name["script"] == script])
        for script, word in SCRIPT_WORDS.items()
        if any(name["script"] == script for name in names)
    ]


def _origin(origin: Mapping[str, Any] | None) -> str | None:
    if not origin:
        return None
    year = str(origin["year"]) if origin.get("year") else None
    return ", ".join(part for part in (origin["book"], origin.get("author"), origin.get("dynasty"), year) if part)


def _product_notes(product: Mapping[str, Any], titles: Mapping[str, str]) -> Sequence[str]:
    """What sets this product apart from the formula, and the warning California asks for."""
    omitted = ", ".join(titles.get(slug, slug) for slug in product.get("omits", []))
    notes = [f"This product leaves out {omitted}."] if omitted else []
    return [*notes, product["prop_65"]] if product.get("prop_65") else notes


def _products(
    products: Sequence[Mapping[str, Any]], offers: OfferSet, titles: Mapping[str, str]
) -> Sequence[ProductView]:
    offer_of = {offer.product: offer for offer in offers.offers}
    return [
        ProductView(
            name=product["name"],
            facts=product.get("drug_facts"),
            maker=product.get("maker"),
            form=product.get("form"),
            notes=_product_notes(product, titles),
            offer=offer_of.get(product["slug"]),
        )
        for product in products
    ]
