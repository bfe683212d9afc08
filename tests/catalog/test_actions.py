"""The working copy keeps a document as it is, on both databases."""

from copy import deepcopy
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from service.catalog.actions import raise_catalog_version, save_formula, save_herb
from service.catalog.errors import UnresolvedReference
from service.catalog.models import CatalogState, Formula
from service.catalog.queries import find_herb, get_formula
from service.catalog.schemas import FormulaIn, HerbIn
from service.catalog.statements import Ingredient, Statement
from service.extensions import db, transaction
from service.seeding.seed import read_seed
from tests.conftest import SEED


def test_every_seed_document_comes_back_from_the_database_as_it_went_in(app: Flask) -> None:
    seed = read_seed(SEED)
    for filed in seed.formulas:
        assert FormulaIn().dump(get_formula(filed.data["slug"])) == FormulaIn().dump(filed.data)
    for filed in seed.herbs:
        assert HerbIn().dump(find_herb(filed.data["slug"])) == HerbIn().dump(filed.data)


def test_saving_a_document_again_leaves_no_orphan_rows(app: Flask) -> None:
    before = db.session.scalar(select(func.count()).select_from(Statement))
    document = FormulaIn().load(FormulaIn().dump(get_formula("du-huo-ji-sheng-tang")))
    with transaction():
        save_formula(document)
    assert db.session.scalar(select(func.count()).select_from(Statement)) == before


def minimal(**changes: Any) -> dict[str, Any]:
    document = {"slug": "test-tang", "kind": "internal_formula", "category": "c", "route": "oral"}
    return FormulaIn().load({**document, **changes})  # type: ignore[no-any-return]  # marshmallow is untyped here


@pytest.mark.parametrize(
    ("rows", "pointer"),
    [
        ({"ingredients": [{"herb": "no-herb", "confidence": "H", "sources": ["CHP_LF"]}]}, "/ingredients/0/herb"),
        ({"ingredients": [{"herb": "gan-cao", "confidence": "H", "sources": ["NOWHERE"]}]}, "/ingredients/0/sources"),
    ],
)
def test_a_name_that_leads_nowhere_is_refused_with_its_place(app: Flask, rows: dict[str, Any], pointer: str) -> None:
    with pytest.raises(UnresolvedReference) as refusal, transaction():
        save_formula(minimal(**rows))
    assert refusal.value.pointer == pointer
    assert db.session.scalar(select(Formula).filter_by(slug="test-tang")) is None


def test_a_failed_transaction_keeps_nothing(app: Flask) -> None:
    version = db.session.scalar(select(CatalogState.version))
    with pytest.raises(RuntimeError), transaction():
        save_formula(minimal())
        raise_catalog_version()
        raise RuntimeError
    assert db.session.scalar(select(Formula).filter_by(slug="test-tang")) is None
    assert db.session.scalar(select(CatalogState.version)) == version


def test_the_database_itself_refuses_a_range_upside_down(app: Flask) -> None:
    formula, herb = get_formula("du-huo-ji-sheng-tang"), find_herb("gan-cao")
    row = Ingredient(confidence="H", herb=herb, grams_min=9, grams_max=3, position=99, of_formula_id=formula.id)
    with pytest.raises(IntegrityError, match="grams_range"), transaction():
        db.session.add(row)


def test_a_saved_herb_keeps_its_optional_fields_apart_from_absent_ones(app: Flask) -> None:
    document = HerbIn().load({"slug": "test-herb", "part": "root"})
    with transaction():
        save_herb(deepcopy(document))
    with transaction():
        save_herb({"slug": "test-herb"})
    assert HerbIn().dump(find_herb("test-herb")) == {"slug": "test-herb"}
