"""What a publication may show to whom."""

from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, given, settings

from service.catalog.schemas import FormulaIn
from service.publishing.bodies import Surroundings, compose_formula, compose_herb
from service.publishing.rules import cautions_of, review_of
from tests.catalog.documents import formulas

SLOW = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def caution(key: str, **changes: Any) -> dict[str, Any]:
    return {
        "key": key,
        "type": "warning",
        "subjects": [f"population:{key}"],
        "grade": "major",
        "text": f"practitioner {key}",
        "patient_text": f"patient {key}",
        "confidence": "H",
        "sources": ["A"],
        **changes,
    }


def formula(**changes: Any) -> dict[str, Any]:
    return {"slug": "f", "kind": "internal_formula", "category": "c", "route": "oral", **changes}


@SLOW
@given(formulas)
def test_nothing_weak_unsourced_or_professional_reaches_the_public(document: dict[str, Any]) -> None:
    canonical = FormulaIn().dump(FormulaIn().load(deepcopy(document)))
    public = compose_formula(canonical, Surroundings())["public"]
    shown = {row["text"] for row in public["indications"]}
    assert shown <= {
        row["text"]
        for row in document.get("indications", [])
        if row["audience"] == "patient" and row["confidence"] in "HM"
    }
    worded = {row["key"]: row for row in document.get("cautions", [])}
    for row in public["cautions"]:
        assert worded[row["key"]]["confidence"] in "HM"
        assert row["text"] == worded[row["key"]]["patient_text"]
        assert row["sources"]
    weak = {row["text"] for row in document.get("names", []) if row["confidence"] == "L"}
    strong = {row["text"] for row in document.get("names", []) if row["confidence"] != "L"}
    assert not {row["text"] for row in public["names"]} & (weak - strong)


@SLOW
@given(formulas)
def test_the_practitioner_sees_every_sourced_row(document: dict[str, Any]) -> None:
    practitioner = compose_formula(document, Surroundings())["practitioner"]
    for key in ("indications", "cautions", "doses", "notes"):
        assert len(practitioner[key]) == len(document.get(key, []))


def test_a_row_whose_source_is_wanting_is_withheld_from_everyone() -> None:
    document = formula(cautions=[caution("a", sources=[], source_gap="to be cited"), caution("b")])
    bodies = compose_formula(document, Surroundings())
    assert [row["key"] for row in bodies["practitioner"]["cautions"]] == ["b"]
    assert [row["key"] for row in bodies["public"]["cautions"]] == ["b"]


def test_a_formulas_caution_overrides_its_herbs_of_the_same_key() -> None:
    herbs = {"gan-cao": {"slug": "gan-cao", "cautions": [caution("licorice", text="herb's"), caution("other")]}}
    ingredients = [{"herb": "gan-cao", "confidence": "H", "sources": ["A"]}]
    document = formula(ingredients=ingredients, cautions=[caution("licorice", text="formula's")])
    found = {row["key"]: row for row in cautions_of(document, herbs)}
    assert found["licorice"]["text"] == "formula's"
    assert found["other"]["herb"] == "gan-cao"


def test_a_prepared_herb_brings_the_cautions_of_the_herb_it_is_safe_as() -> None:
    herbs: dict[str, dict[str, Any]] = {
        "gan-cao": {"slug": "gan-cao", "cautions": [caution("licorice")]},
        "zhi-gan-cao": {"slug": "zhi-gan-cao", "safety_as": "gan-cao"},
    }
    document = formula(ingredients=[{"herb": "zhi-gan-cao", "confidence": "H", "sources": ["A"]}])
    assert [row["key"] for row in cautions_of(document, herbs)] == ["licorice"]


def test_the_public_is_not_told_a_herbs_caution_that_the_formulas_own_covers() -> None:
    herbs = {"e-zhu": {"slug": "e-zhu", "cautions": [caution("herb", subjects=["population:pregnancy"])]}}
    ingredients = [{"herb": "e-zhu", "confidence": "H", "sources": ["A"]}]
    own = caution("own", subjects=["population:pregnancy", "population:breastfeeding"])
    bodies = compose_formula(formula(ingredients=ingredients, cautions=[own]), Surroundings(herbs=herbs))
    assert [row["key"] for row in bodies["public"]["cautions"]] == ["own"]
    assert [row["key"] for row in bodies["practitioner"]["cautions"]] == ["own", "herb"]


def test_a_graver_caution_of_a_herb_is_never_hidden_by_a_milder_one_of_the_formula() -> None:
    grave = caution("herb", subjects=["population:pregnancy"], grade="contraindicated")
    herbs = {"e-zhu": {"slug": "e-zhu", "cautions": [grave]}}
    ingredients = [{"herb": "e-zhu", "confidence": "H", "sources": ["A"]}]
    own = caution("own", subjects=["population:pregnancy"], grade="major")
    bodies = compose_formula(formula(ingredients=ingredients, cautions=[own]), Surroundings(herbs=herbs))
    assert [(row["key"], row.get("herb")) for row in bodies["public"]["cautions"]] == [("herb", "e-zhu"), ("own", None)]


def test_a_herb_as_safe_as_another_carries_the_others_cautions_gravest_first() -> None:
    herbs = {"gan-cao": {"slug": "gan-cao", "cautions": [caution("mild", grade="minor"), caution("grave")]}}
    bodies = compose_herb({"slug": "zhi-gan-cao", "safety_as": "gan-cao"}, Surroundings(herbs=herbs))
    for view in ("public", "practitioner"):
        assert [row["key"] for row in bodies[view]["cautions"]] == ["grave", "mild"]
    assert bodies["summary"]["caution"]["text"] == "patient grave"


def test_the_traditional_class_is_for_practitioners() -> None:
    bodies = compose_formula(formula(cautions=[caution("a")]), Surroundings())
    assert "category" not in bodies["public"]
    assert bodies["practitioner"]["category"] == "c"


def test_the_public_is_never_shown_roles_doses_or_the_practitioners_wording() -> None:
    ingredient = {
        "herb": "gan-cao",
        "role": "jun",
        "role_confidence": "H",
        "grams_min": 6,
        "grams_max": 12,
        "dose_basis": "b",
        "classical_dose": "四两",
        "confidence": "H",
        "sources": ["A"],
    }
    public = compose_formula(formula(ingredients=[ingredient], cautions=[caution("a")]), Surroundings())["public"]
    assert public["ingredients"] == [{"herb": "gan-cao", "title": {}, "sources": ["A"]}]
    assert "practitioner a" not in str(public)


def test_the_review_state_counts_what_a_person_signed() -> None:
    signed = {"reviewer": "A. Person", "reviewed_on": "2026-01-02", "review_due_on": "2027-01-02"}
    later = {**signed, "reviewed_on": "2026-03-04"}
    assert review_of([{}, {}]) == {"state": "unreviewed", "rows": 2, "reviewed": 0}
    assert review_of([signed, {}])["state"] == "partly_reviewed"
    assert review_of([signed, later]) == {
        "state": "reviewed",
        "rows": 2,
        "reviewed": 2,
        "reviewed_on": "2026-01-02",
        "review_due_on": "2027-01-02",
    }
    assert review_of([])["state"] == "unreviewed"


def test_a_reviewers_name_and_licence_are_not_published() -> None:
    row = caution("a", reviewer="A. Person", reviewer_licence="AC 1", reviewed_on="2026-01-02")
    bodies = compose_formula(formula(cautions=[row]), Surroundings())
    assert bodies["public"]["cautions"][0]["review"] == "reviewed"
    assert "A. Person" not in str(bodies)


def test_a_herbs_species_is_for_practitioners() -> None:
    bodies = compose_herb({"slug": "h", "species": "Planta vera"}, Surroundings())
    assert "species" not in bodies["public"]
    assert bodies["practitioner"]["species"] == "Planta vera"
