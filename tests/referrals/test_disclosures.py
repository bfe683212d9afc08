"""What has to be said, by whom it is asked for, and that a formula without it is not published."""

from service.referrals.disclosures import (
    FDA_STATEMENT,
    disclosures_of_formula,
    disclosures_of_product,
    missing_disclosures,
    skin_warnings_of,
)

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
