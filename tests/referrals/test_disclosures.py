"""What has to be said, by whom it is asked for, and that a formula without it is not published."""

from typing import Any

import pytest

from service.referrals.disclosures import (
    FDA_STATEMENT,
    address_in,
    disclosures_of_formula,
    disclosures_of_product,
    missing_disclosures,
    skin_warnings_of,
)
from service.referrals.policy import PROGRAM_KINDS
from service.referrals.schemas import ProgramIn
from tests.referrals.books import TEMPLATES

CAUTIONS = [
    {"subjects": ["use:swallowing"]},
    {"subjects": ["use:heat", "use:open-flame"]},
    {"subjects": ["population:under-2"]},
]


def test_a_warning_is_given_where_a_public_caution_bears_it_out_and_not_otherwise() -> None:
    assert skin_warnings_of(CAUTIONS) == {
        "external_use": "For external use only.",
        "flammable": "Flammable: keep away from fire and heat.",
        "age": "Not for children under 2 years.",
    }
    assert skin_warnings_of([{"subjects": ["use:heat"]}]) == {}


def test_a_liniment_lacks_each_warning_nothing_bears_out() -> None:
    found = skin_warnings_of(CAUTIONS)
    assert missing_disclosures("topical", ["liniment"], found) == []
    for name in found:
        rest = {key: text for key, text in found.items() if key != name}
        assert len(missing_disclosures("topical", ["liniment"], rest)) == 1
    assert len(missing_disclosures("topical", ["plaster"], {})) == 2
    assert missing_disclosures("internal_formula", ["pill"], {}) == []


def test_of_several_ages_the_highest_is_told() -> None:
    cautions = [{"subjects": [f"population:under-{age}"]} for age in (2, 12, 6)]
    assert skin_warnings_of(cautions) == {"age": "Not for children under 12 years."}


@pytest.mark.parametrize("form", ["Liniment", "Ultra Strength LINIMENT", "pump spray, 60 ml", "Tinctures"])
def test_a_form_that_burns_is_known_however_it_is_written(form: str) -> None:
    warnings = {name: text for name, text in skin_warnings_of(CAUTIONS).items() if name != "flammable"}
    assert missing_disclosures("topical", ["plaster", form], warnings) == ["a public caution that it is flammable"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("More at amzn.to/3xYz.", "amzn.to/3xYz."),
        ("Sold at Amazon.com.", "Amazon.com"),
        ("Ask us.fullscript.com.We answer.", "us.fullscript.com.We"),
        ("At ämzn.tó now", "amzn.to"),
        ("write to help@fullscript.com", "fullscript.com"),
        ("See https://shop.example", "https://shop.example"),
        ("See shop.example:8443/terms.", "shop.example:8443/terms."),
        ("See www.shop.example", "www.shop.example"),
        ("Their letter 4.2/2026 of Dr. A.B. Smith, e.g. and/or 24/7, for Amazon. I may earn.", None),
        ("Terms apply.Ask me.", None),
    ],
)
def test_an_address_is_what_a_phone_makes_a_link_of(text: str, found: str | None) -> None:
    assert address_in(text) == found


def faults_of(kind: str, **changes: Any) -> Any:
    entered = {key: TEMPLATES[kind][key] for key in ("seller", "templates", "allowed_hosts")}
    return ProgramIn().validate({"key": "a-program", "kind": kind, **entered, **changes})


@pytest.mark.parametrize("kind", PROGRAM_KINDS)
def test_words_with_an_address_are_refused_on_entry_with_advice(kind: str) -> None:
    words = "More at amzn.to/3xYz."
    assert faults_of(kind) == {}
    for name in ("seller", "disclosure"):
        (fault,) = faults_of(kind, **{name: words})[name]
        assert fault.startswith("Take amzn.to/3xYz. out: ")
    permission = {"note": words, "given_on": "2026-01-02"}
    faults = faults_of(kind, policy={"message": {"link": "direct", "permission": permission}})
    assert "Take amzn.to/3xYz. out" in str(faults["policy"])


def test_what_is_swallowed_gets_the_fda_sentence_and_what_is_rubbed_on_never_does() -> None:
    assert [told.text for told in disclosures_of_formula("internal_formula", {})] == [FDA_STATEMENT]
    assert FDA_STATEMENT not in [told.text for told in disclosures_of_formula("topical", skin_warnings_of(CAUTIONS))]


def test_a_drug_asks_for_its_facts_and_a_product_for_californias_warning() -> None:
    drug = {"slug": "a", "regulatory_class": "otc_drug", "prop_65": "WARNING: lead."}
    assert [(told.kind, told.product) for told in disclosures_of_product(drug)] == [
        ("drug_facts", "a"),
        ("prop_65", "a"),
    ]
    assert disclosures_of_product({"slug": "a", "regulatory_class": "supplement"}) == []
