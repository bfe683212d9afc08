"""What stands between a working copy and its publication."""

from collections.abc import Iterator, Mapping
from typing import Any

from service.catalog.short_names import RESERVED, SHORTEST, fold
from service.catalog.terms import PUBLIC_CONFIDENCES
from service.publishing.bodies import Surroundings
from service.publishing.rules import cautions_of, is_public, public_cautions_of, title_of
from service.referrals.book import Book
from service.referrals.destinations import DestinationRefused, check_way, ways_of
from service.referrals.disclosures import missing_disclosures, skin_warnings_of


def what_is_missing(document: Mapping[str, Any], *, around: Surroundings, book: Book) -> list[str]:
    """Every reason not to publish this formula, in plain words; empty when there is none."""
    return [
        *_refused_short_name(document),
        *what_was_taken_away(document, around=around),
        *_refused_products(document, around, book),
        *_unsure_drug_facts(document),
    ]


def what_was_taken_away(document: Mapping[str, Any], *, around: Surroundings) -> list[str]:
    """The reasons that lie in what a formula refers to, for one that is published already.

    Links are not among them: one that cannot be made takes its offer away, and the formula stands.
    """
    return [
        *_missing_names(document),
        *_missing_rows(document, around),
        *_missing_warnings(document, around),
    ]


def _missing_names(document: Mapping[str, Any]) -> Iterator[str]:
    title = title_of(document)
    for key in ("hanzi", "pinyin", "english"):
        if key not in title:
            yield f"a name in {key}"


def _refused_short_name(document: Mapping[str, Any]) -> Iterator[str]:
    name = document.get("short_name")
    if name is None:
        return
    if fold(name) in RESERVED or len(fold(name)) < SHORTEST:
        yield f"another short_name: /{name} is kept for addresses of our own"


def _missing_rows(document: Mapping[str, Any], around: Surroundings) -> Iterator[str]:
    indications = document.get("indications", [])
    if not any(row["audience"] == "patient" and is_public(row) for row in indications):
        yield "an indication in patient wording with a source and confidence H or M"
    if not any(is_public(row) and row.get("patient_text") for row in cautions_of(document, around.herbs)):
        yield "a caution in patient wording with a source and confidence H or M"
    if document["kind"] == "internal_formula" and not document.get("ingredients"):
        yield "its ingredients"
    for ingredient in document.get("ingredients", []):
        if ingredient["herb"] not in around.herbs:
            yield f"the published herb {ingredient['herb']}"


def _refused_products(document: Mapping[str, Any], around: Surroundings, book: Book) -> Iterator[str]:
    for product in document.get("products", []):
        wanted = "otc_drug" if document["kind"] == "topical" else "supplement"
        if product["regulatory_class"] != wanted:
            yield f"product {product['slug']} as {wanted}"
        if wanted == "otc_drug" and "drug_facts" not in product:
            yield f"the Drug Facts of product {product['slug']}"
        for position, way in enumerate(ways_of(around.listed(product))):
            name = f"product {product['slug']}" if position == 0 else f"substitute {position} of {product['slug']}"
            yield from _refused_way(way, name, book)


def _refused_way(way: Mapping[str, Any], name: str, book: Book) -> Iterator[str]:
    program = book.programs.get(way["program"])
    if program is None:
        yield f"the program {way['program']} of {name}"
        return
    try:
        check_way(way, program)
    except DestinationRefused as refusal:
        yield f"a link for {name}: {refusal.detail}"


def _unsure_drug_facts(document: Mapping[str, Any]) -> Iterator[str]:
    for product in document.get("products", []):
        if product.get("drug_facts", {}).get("confidence", "H") not in PUBLIC_CONFIDENCES:
            yield f"Drug Facts of confidence H or M for product {product['slug']}"


def _missing_warnings(document: Mapping[str, Any], around: Surroundings) -> list[str]:
    warnings = skin_warnings_of(public_cautions_of(cautions_of(document, around.herbs)))
    of_products = [product["form"] for product in document.get("products", []) if "form" in product]
    return missing_disclosures(document["kind"], [*document.get("forms", []), *of_products], warnings)
