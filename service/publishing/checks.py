"""What stands between a working copy and its publication."""

from collections.abc import Iterator, Mapping
from typing import Any

from service.publishing.bodies import Surroundings
from service.publishing.rules import cautions_of, is_public, title_of
from service.referrals.book import Book
from service.referrals.destinations import DestinationRefused
from service.referrals.offers import destination_of

# Words no surface may say of a formula (product card rules of the facts).
FORBIDDEN_WORDS = ("is safe", "no side effects", "fda approved", "fda-approved")


def what_is_missing(document: Mapping[str, Any], *, around: Surroundings, book: Book) -> list[str]:
    """Every reason not to publish this formula, in plain words; empty when there is none."""
    return [
        *_missing_names(document),
        *_missing_rows(document, around),
        *_refused_products(document, book),
        *_forbidden_wording(document),
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


def _forbidden_wording(document: Mapping[str, Any]) -> Iterator[str]:
    public = [row["text"] for row in document.get("indications", []) if row["audience"] == "patient"]
    public += [row["patient_text"] for row in document.get("cautions", []) if row.get("patient_text")]
    for text in public:
        for words in FORBIDDEN_WORDS:
            if words in text.lower():
                yield f"other words than {words!r} in {text!r}"
