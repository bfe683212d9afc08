"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/): one item for each published formula."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import json, render_template

from service.catalog.queries import PublishedFormula
from service.catalog.review import review_changes_at, review_sentence
from service.catalog.terms import WORD_OF_GRADE
from service.referrals.addresses import Preset, page_address, with_utm
from service.referrals.book import Book
from service.referrals.disclosures import ASK_FIRST
from service.referrals.offers import OfferedFormula, OfferSet, offers_for
from service.referrals.policy import Channel

VERSION = "https://jsonfeed.org/version/1.1"


def compose_feed(
    rows: Sequence[PublishedFormula],
    book: Book,
    *,
    channel: Channel,
    now: datetime,
    next_cursor: str | None,
) -> tuple[str, datetime | None]:
    """The feed's JSON text with the offers of its channel, and the moment (UTC) at which it changes by itself.

    The channel is `feed` for everyone, `console` for practitioners.
    """
    found = [offers_for(OfferedFormula.read(row.slug, row.offered), channel, book=book, now=now) for row in rows]
    bodies = [json.loads(row.public) for row in rows]
    address = _address_of(channel, book)
    feed: dict[str, Any] = {
        "version": VERSION,
        "title": f"Herbal formulas of {book.practice.name}",
        "home_page_url": f"{book.public_url}/",
        "feed_url": address,
        "description": "Formulas and liniments with their cautions, newest change first.",
        "authors": [{"name": book.practice.name, "url": book.practice.site}],
        "language": "en",
        "items": [_item(row, body, offers, book, now) for row, body, offers in zip(rows, bodies, found, strict=True)],
    }
    if next_cursor:
        feed["next_url"] = f"{address}{'&' if '?' in address else '?'}cursor={next_cursor}"
    boundaries = [
        *(offers.valid_until for offers in found),
        *(review_changes_at(body["review"], now=now) for body in bodies),
    ]
    return json.dumps(feed, ensure_ascii=False), min(filter(None, boundaries), default=None)


def _address_of(channel: Channel, book: Book) -> str:
    return f"{book.public_url}/feed.json{'?view=practitioner' if channel is Channel.CONSOLE else ''}"


def _item(
    row: PublishedFormula, body: Mapping[str, Any], offers: OfferSet, book: Book, now: datetime
) -> dict[str, Any]:
    title = body["title"]
    page_url = page_address(row.slug, book.public_url)
    context = {
        "words": WORD_OF_GRADE,
        "title": title,
        "indications": body["indications"],
        "cautions": body["cautions"],
        "statements": offers.statements,
        "disclosures": list(dict.fromkeys(offer.disclosure for offer in offers.offers)),
        "warnings": [
            told
            for told in offers.disclosures
            # The Drug Facts are no sentence: they stand whole.
            if told.where == "with_product" and told.kind != "drug_facts"
        ],
        "product_names": {product["slug"]: product["name"] for product in body["products"]},
        "drugs": [product for product in body["products"] if "drug_facts" in product],
        "review": review_sentence(body["review"], row.published_at, today=now.date()),
        "ask_first": ASK_FIRST,
        "page_url": with_utm(page_url, Preset.FEED, slug=row.slug, public_url=book.public_url),
    }
    moment = body["published_at"]
    return {
        # Permanent: it does not follow the service to another address.
        "id": f"formulary:formula:{row.slug}",
        "url": page_url,
        "title": " ".join(part for part in (title.get("hanzi"), title.get("pinyin")) if part),
        "content_html": render_template("feed_item.html", **context).strip(),
        "content_text": render_template("feed_item.txt", **context).strip(),
        "date_modified": moment,
        "tags": [body["kind"]],
        "_formulary": {
            "about": f"{book.public_url}/api/",
            "slug": row.slug,
            "kind": body["kind"],
            "revision": row.revision,
            "names": body["names"],
            "indications": body["indications"],
            "cautions": body["cautions"],
            "offers": offers.as_json()["offers"],
            "statements": list(offers.statements),
            "disclosures": [asdict(told) for told in offers.disclosures],
            "review": body["review"],
            "sources": body["sources"],
        },
    }
