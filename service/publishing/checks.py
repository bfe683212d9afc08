"""What stands between a working copy and its publication."""

from collections.abc import Iterator, Mapping
from typing import Any

from service.catalog.terms import PUBLIC_CONFIDENCES
from service.publishing.bodies import Surroundings
from service.publishing.rules import cautions_of, is_public, title_of
from service.referrals.book import Book
from service.referrals.destinations import DestinationRefused
from service.referrals.offers import destination_of


def what_is_missing(document: Mapping[str, Any], *, around: Surroundings, book: Book) -> list[str]:
    """Every reason not to publish this formula, in plain words; empty when there is none."""
    return [
        *_missing_names(document),
        *_missing_rows(document, around),
        *_refused_products(document, book),
        *_unsure_drug_facts(document),
    ]


def _missing_names(document: Mapping[str, Any]) -> Iterator[str]:
    title = title_of(document)
    for key in ("hanzi", "pinyin", "english"):
        if key not in title:
            yield f"a name in {key}"


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


def _refused_products(document: Mapping[str, Any], book: Book) -> Iterator[str]:
    for product in document.get("products", []):
        wanted = "otc_drug" if document["kind"] == "topical" else "supplement"
        if product["regulatory_class"] != wanted:
            yield f"product {product['slug']} as {wanted}"
        program = book.programs.get(product["program"])
        if program is None:
            yield f"the program {product['program']} of product {product['slug']}"
            continue
        try:
            destination_of(product, program)
        except DestinationRefused as refusal:
            yield f"a link for product {product['slug']}: {refusal.detail}"


def _unsure_drug_facts(document: Mapping[str, Any]) -> Iterator[str]:
    for product in document.get("products", []):
        if product.get("drug_facts", {}).get("confidence", "H") not in PUBLIC_CONFIDENCES:
            yield f"Drug Facts of confidence H or M for product {product['slug']}"
