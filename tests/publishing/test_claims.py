"""Words that make a disease claim of what stands beside a supplement."""

import json
from typing import Any

import pytest
from flask import Flask

from service.catalog.actions import raise_catalog_version
from service.catalog.queries import list_published_texts
from service.extensions import transaction
from service.operations.doctor import examine_claims
from service.publishing.claims import claims_in
from service.referrals.queries import find_program


def words_in(text: str, *, regulatory_class: str = "supplement", **body: Any) -> list[str]:
    public = {"slug": "a", "indications": [{"text": text}], "names": [], "products": [], "cautions": [], **body}
    offered = {"products": [{"regulatory_class": regulatory_class}]}
    return [claim.word for claim in claims_in(json.dumps(public), json.dumps(offered))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("For arthritis and sciatica.", ["arthritis", "sciatica"]),
        ("Treats low back pain, cures cramps.", ["Treats", "cures"]),
        ("A treatment that prevents migraine.", ["treatment", "prevents", "migraine"]),
        ("Anti-inflammatory and curative.", ["Anti-inflammatory", "curative"]),
        ("For sciatic nerves, neuropathies and strokes.", ["sciatic", "neuropathies", "strokes"]),
        ("Herniated discs, a slipped disc, bulging disks.", ["Herniated discs", "slipped disc", "bulging disks"]),
        ("Helps with high blood pressure.", ["high blood pressure"]),
        ("Supports comfortable movement of the lower back and knees.", []),
        ("A healthy back; untreated wood; the secure way.", []),
    ],
)
def test_a_disease_or_what_is_done_about_one_is_a_claim(text: str, words: list[str]) -> None:
    assert words_in(text) == words


def test_a_drugs_label_may_name_what_it_is_for() -> None:
    assert words_in("For arthritis.", regulatory_class="otc_drug") == []


def test_a_caution_may_name_a_disease_and_a_name_or_a_product_may_not() -> None:
    assert words_in("Supports.", cautions=[{"text": "Not with epilepsy."}]) == []
    assert words_in("Supports.", names=[{"text": "Arthritis Decoction", "lang": "en"}]) == ["Arthritis"]
    assert words_in("Supports.", products=[{"name": "Sciatica Relief"}]) == ["Sciatica"]


def test_the_warning_says_where_and_what_to_do() -> None:
    public = {"slug": "a", "indications": [{"text": "For gout."}], "names": [], "products": []}
    (claim,) = claims_in(json.dumps(public), json.dumps({"products": [{"regulatory_class": "supplement"}]}))
    assert str(claim).startswith("a: 'gout' in 'For gout.' reads as a disease claim")
    assert "say what it supports instead" in str(claim)


def test_the_seed_makes_no_claim(app: Flask) -> None:
    assert len(list(list_published_texts())) == 3
    assert examine_claims() == []


def test_a_disclosure_by_the_button_of_a_supplement_is_read_too(app: Flask) -> None:
    with transaction():
        for key in ("fullscript", "amazon"):
            program = find_program(key)
            assert program is not None
            program.disclosure = "I know what cures arthritis."
        raise_catalog_version()
    told = [finding.text for finding in examine_claims()]
    assert len(told) == 2
    for word, text in zip(("cures", "arthritis"), told, strict=True):
        assert f"the disclosure of fullscript: '{word}' in 'I know what cures arthritis.'" in text
