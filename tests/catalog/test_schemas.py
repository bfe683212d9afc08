from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from marshmallow import Schema, ValidationError

from service.catalog.schemas import CautionIn, CombinationIn, FormulaIn, HerbIn, IngredientIn, NameIn, ProductIn
from tests.catalog.documents import formulas, herbs

SLOW = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@SLOW
@given(formulas)
def test_a_formula_loaded_and_dumped_is_the_same_document(document: dict[str, Any]) -> None:
    assert FormulaIn().dump(FormulaIn().load(deepcopy(document))) == document


@SLOW
@given(herbs)
def test_a_herb_loaded_and_dumped_is_the_same_document(document: dict[str, Any]) -> None:
    assert HerbIn().dump(HerbIn().load(deepcopy(document))) == document


INGREDIENT = {"herb": "du-huo", "confidence": "M", "sources": ["A"], "dose_basis": "a textbook"}
CAUTION = {
    "key": "c",
    "type": "warning",
    "subjects": ["population:pregnancy"],
    "grade": "major",
    "text": "Ask.",
    "confidence": "H",
    "sources": ["A"],
}
PRODUCT = {
    "slug": "p",
    "name": "P",
    "program": "amazon",
    "destination": {"template": "search"},
    "regulatory_class": "supplement",
}


@pytest.mark.parametrize(
    ("schema", "row", "field", "says"),
    [
        (IngredientIn(), {**INGREDIENT, "grams_min": 9, "grams_max": 3}, "grams_min", "more than"),
        (IngredientIn(), {**INGREDIENT, "grams_min": 9}, "grams_min", "together"),
        (IngredientIn(), {**INGREDIENT, "grams_min": -1, "grams_max": 3}, "grams_min", "greater than 0"),
        (IngredientIn(), {**INGREDIENT, "grams_min": float("nan"), "grams_max": 3}, "grams_min", "nan"),
        (IngredientIn(), {"herb": "x", "confidence": "M", "sources": ["A"], "percent_min": 1, "percent_max": 2},
         "dose_basis", "rests on"),
        (IngredientIn(), {**INGREDIENT, "role": "jun"}, "role_confidence", "confidence"),
        (IngredientIn(), {**INGREDIENT, "role": "king", "role_confidence": "H"}, "role", "one of"),
        (IngredientIn(), {**INGREDIENT, "sources": []}, "sources", "at least one source"),
        (IngredientIn(), {**INGREDIENT, "herb": "Du Huo"}, "herb", "small letters"),
        (IngredientIn(), {**INGREDIENT, "liang": "3"}, "liang", "Unknown field"),
        (CautionIn(), {**CAUTION, "confidence": "U"}, "confidence", "one of"),
        (CautionIn(), {**CAUTION, "subjects": []}, "subjects", "minimum"),
        (CautionIn(), {**CAUTION, "subjects": ["pregnancy"]}, "subjects", "kind:slug"),
        (CautionIn(), {**CAUTION, "text": False}, "text", "put it in quotes"),
        (CautionIn(), {**CAUTION, "text": " Ask."}, "text", "spaces"),
        (CautionIn(), {**CAUTION, "reviewer": "A. Person"}, "reviewer", "a licence and a date"),
        (ProductIn(), {**PRODUCT, "regulatory_class": "otc_drug"}, "drug_facts", "has drug_facts"),
        (ProductIn(), {**PRODUCT, "destination": {"url": "https://a", "template": "b"}}, "destination", "either"),
        (CombinationIn(), {"key": "x", "parts": ["a"], "verdict": "avoid", "why": "b", "confidence": "H",
                           "sources": ["A"]}, "parts", "minimum"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_refused_by_field(schema: Schema, row: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        schema.load(row)
    messages = refusal.value.messages
    assert isinstance(messages, dict)
    assert says in str(messages[field])


def test_a_row_without_a_source_says_what_is_missing() -> None:
    row = {**CAUTION, "source_gap": "a guideline has to be cited"}
    del row["sources"]
    assert CautionIn().load(row)["source_gap"] == "a guideline has to be cited"


def test_names_need_no_source() -> None:
    assert NameIn().load({"text": "独活", "script": "hans", "confidence": "H"})


@pytest.mark.parametrize("field", ["names", "ingredients", "cautions", "products"])
def test_a_row_that_stands_twice_is_refused_at_its_place(field: str) -> None:
    samples: dict[str, dict[str, Any]] = {
        "names": {"text": "独活", "script": "hans", "confidence": "H"},
        "ingredients": INGREDIENT,
        "cautions": CAUTION,
        "products": PRODUCT,
    }
    row = samples[field]
    document = {"slug": "x", "kind": "topical", "category": "c", "route": "external", field: [row, row]}
    with pytest.raises(ValidationError) as refusal:
        FormulaIn().load(document)
    messages = refusal.value.messages
    assert isinstance(messages, dict)
    assert "Stands twice" in str(messages[field][1])
