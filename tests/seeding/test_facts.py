"""The seed says what the recorded facts say: all of it but what is unconfirmed, and nothing surer."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from service.config import PROJECT
from service.seeding.seed import Seed, read_seed
from tests.conftest import SEED

FACTS = PROJECT.parent / "shared" / "facts" / "facts.yaml"
SLUGS = {"dhjst": "du-huo-ji-sheng-tang", "sygct": "shao-yao-gan-cao-tang", "zgs": "zheng-gu-shui"}

pytestmark = pytest.mark.skipif(not FACTS.exists(), reason=f"THE FACTS ARE NOT HERE: {FACTS.name} beside the project")


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(FACTS).read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def seed() -> Seed:
    return read_seed(SEED)


def slug_of(identifier: str) -> str:
    return SLUGS.get(identifier, identifier.replace("_", "-"))


def document_of(seed: Seed, slug: str) -> dict[str, Any]:
    return next(filed.data for filed in [*seed.formulas, *seed.herbs] if filed.data["slug"] == slug)


def test_every_source_is_there_with_its_numbers(facts: dict[str, Any], seed: Seed) -> None:
    rows = {row["key"]: row for row in seed.sources}
    assert set(rows) == set(facts["sources"])
    for key, source in facts["sources"].items():
        for number in ("pmid", "doi"):
            assert rows[key].get(number) == (str(source[number]) if number in source else None)


def test_every_herb_is_there_by_its_hanzi_and_latin(facts: dict[str, Any], seed: Seed) -> None:
    assert {filed.data["slug"] for filed in seed.herbs} == {slug_of(herb["id"]) for herb in facts["herbs"]}
    for herb in facts["herbs"]:
        names = {(name["script"], name["text"]) for name in document_of(seed, slug_of(herb["id"]))["names"]}
        assert {("hans", herb["hanzi"]), ("pinyin", herb["pinyin"]), ("latin", herb["lat"])} <= names


def test_every_caution_stands_where_it_applies_with_its_grade_and_confidence(facts: dict[str, Any], seed: Seed) -> None:
    for fact in facts["cautions"]:
        for owner in fact["applies_to"]:
            rows = {row["key"]: row for row in document_of(seed, slug_of(owner))["cautions"]}
            row = rows[fact["id"]]
            assert (row["grade"], row["confidence"]) == (fact["severity"], fact["confidence"])
            assert set(row.get("source_keys", [])) >= set(fact["sources"]), fact["id"]


def test_every_interaction_stands_on_its_herb_or_formula_and_the_unconfirmed_one_nowhere(
    facts: dict[str, Any], seed: Seed
) -> None:
    for fact in facts["interactions"]:
        rows = {row["key"]: row for row in document_of(seed, slug_of(fact["a"])).get("cautions", [])}
        if fact["confidence"] == "U":
            assert fact["id"] not in rows
            continue
        row = rows[fact["id"]]
        assert row["type"] == "interaction"
        assert (row["grade"], row["confidence"]) == (fact["severity"], fact["confidence"])
        assert row.get("source_keys", []) == sorted(fact["sources"])
        assert bool(row.get("conflict")) == ("conflict" in fact)


def test_every_ingredient_has_its_classical_dose_as_text(facts: dict[str, Any], seed: Seed) -> None:
    for formula in facts["formulas"]:
        rows = {row["herb_slug"]: row for row in document_of(seed, slug_of(formula["id"]))["ingredients"]}
        for fact in formula.get("composition", []):
            row = rows[slug_of(fact["herb"])]
            assert row["classical_dose"] == fact["classic"]
            assert row["grams_min"] <= fact["modern_g"] <= row["grams_max"]


def test_evidence_keeps_its_numbers(facts: dict[str, Any], seed: Seed) -> None:
    rows = {row["key"]: row for row in seed.evidence}
    assert set(rows) == {fact["id"] for fact in facts["evidence"]}
    for fact in facts["evidence"]:
        row = rows[fact["id"]]
        assert row["confidence"] == fact["confidence"]
        assert row.get("certainty") == fact.get("certainty")
        assert row.get("studies") == fact.get("studies")


def test_combinations_are_there(facts: dict[str, Any], seed: Seed) -> None:
    keys = {row["key"] for row in seed.combinations}
    for fact in facts["combinations"]:
        assert any(key.startswith(fact["id"]) for key in keys), fact["id"]


def test_the_regular_liniment_is_the_stronger_and_each_has_its_drug_facts(seed: Seed) -> None:
    regular, ultra = document_of(seed, "zheng-gu-shui")["products"]
    assert [active["amount"] for active in regular["drug_facts"]["active"]] == ["5.6%", "5.6%"]
    assert [active["amount"] for active in ultra["drug_facts"]["active"]] == ["4.1 g per 100 mL", "4.1 g per 100 mL"]


def test_nothing_in_the_seed_is_signed_off(seed: Seed) -> None:
    for filed in [*seed.herbs, *seed.formulas]:
        for rows in filed.data.values():
            if isinstance(rows, list):
                assert not any(isinstance(row, dict) and "reviewer" in row for row in rows)


def test_misspellings_made_up_for_tests_are_not_names(facts: dict[str, Any], seed: Seed) -> None:
    for formula in facts["formulas"]:
        texts = {name["text"] for name in document_of(seed, slug_of(formula["id"]))["names"]}
        assert not texts & set(formula["names"].get("common_misspellings", []))
