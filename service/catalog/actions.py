"""Verbs that change the working copy. They flush and never commit."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import select, update

from service.catalog.errors import UnresolvedReference
from service.catalog.models import CatalogState, Formula, Herb, Product
from service.catalog.statements import (
    Caution,
    Combination,
    Dose,
    Evidence,
    Indication,
    Ingredient,
    Name,
    Note,
    Origin,
    Source,
    Statement,
)
from service.extensions import db

FORMULA_ROWS: Mapping[str, type[Statement]] = {
    "origins": Origin,
    "names": Name,
    "ingredients": Ingredient,
    "indications": Indication,
    "cautions": Caution,
    "doses": Dose,
    "notes": Note,
}
HERB_ROWS: Mapping[str, type[Statement]] = {
    "names": Name,
    "doses": Dose,
    "cautions": Caution,
    "notes": Note,
}


def raise_catalog_version() -> int:
    """Add one to the counter in this transaction, and return it."""
    raised = update(CatalogState).values(version=CatalogState.version + 1).returning(CatalogState.version)
    version: int = db.session.execute(raised).scalar_one()
    return version


def save_source(data: Mapping[str, Any]) -> Source:
    """Create or replace a source by its key."""
    source = db.session.scalar(select(Source).filter_by(key=data["key"])) or Source()
    _assign(source, data)
    db.session.add(source)
    db.session.flush()
    return source


def save_herb(document: Mapping[str, Any]) -> Herb:
    """Replace a herb's working copy by a document that HerbIn has loaded.

    Raises UnresolvedReference where a row names a source the catalog lacks.
    """
    herb = db.session.scalar(select(Herb).filter_by(slug=document["slug"])) or Herb()
    _save_rows(herb, document, HERB_ROWS)
    return herb


def save_formula(document: Mapping[str, Any]) -> Formula:
    """Replace a formula's working copy by a document that FormulaIn has loaded.

    Raises UnresolvedReference where a row names a source or herb the catalog lacks.
    """
    formula = db.session.scalar(select(Formula).filter_by(slug=document["slug"])) or Formula()
    _save_rows(formula, document, FORMULA_ROWS)
    formula.products = []
    db.session.flush()
    formula.products = [Product(**product) for product in document.get("products", [])]
    db.session.flush()
    return formula


def save_evidence(data: Mapping[str, Any]) -> Evidence:
    """Create or replace one row of evidence by its key."""
    evidence: Evidence = _save_keyed(Evidence, data)
    return evidence


def save_combination(data: Mapping[str, Any]) -> Combination:
    """Create or replace one combination by its key."""
    combination: Combination = _save_keyed(Combination, data)
    return combination


def keep_keyed(row_type: type[Any], keys: Collection[str]) -> int:
    """Delete every row of evidence, or every combination, but these; how many that were."""
    gone = db.session.scalars(select(row_type).where(row_type.key.not_in(keys))).all()
    for row in gone:
        db.session.delete(row)
    db.session.flush()
    return len(gone)


def _save_rows(
    entity: Herb | Formula,
    document: Mapping[str, Any],
    row_types: Mapping[str, type[Statement]],
) -> None:
    _assign(
        entity,
        {key: value for key, value in document.items() if key not in {*row_types, "products"}},
    )
    db.session.add(entity)
    for field in row_types:
        setattr(entity, field, [])
    db.session.flush()
    for field, row_type in row_types.items():
        setattr(entity, field, _make_rows(row_type, document.get(field, []), field))
    db.session.flush()


def _save_keyed(row_type: type[Any], data: Mapping[str, Any]) -> Any:
    old = db.session.scalar(select(row_type).filter_by(key=data["key"]))
    if old is not None:
        db.session.delete(old)
        db.session.flush()
    (row,) = _make_rows(row_type, [data], "")
    db.session.add(row)
    db.session.flush()
    return row


def _make_rows(row_type: type[Statement], rows: Iterable[Mapping[str, Any]], field: str) -> list[Statement]:
    return [_make_row(row_type, row, f"/{field}/{position}") for position, row in enumerate(rows)]


def _make_row(row_type: type[Statement], data: Mapping[str, Any], pointer: str) -> Statement:
    values = dict(data)
    sources = _resolve(
        Source,
        Source.key,
        values.pop("source_keys", []),
        f"{pointer}/sources",
        "source",
    )
    if "herb_slug" in values:
        (values["herb"],) = _resolve(Herb, Herb.slug, [values.pop("herb_slug")], f"{pointer}/herb", "herb")
    return row_type(sources=sources, **values)


def _resolve(model: type[Any], column: Any, keys: list[str], pointer: str, what: str) -> list[Any]:
    if not keys:
        return []
    found = {getattr(row, column.key): row for row in db.session.scalars(select(model).where(column.in_(keys)))}
    for key in keys:
        if key not in found:
            raise UnresolvedReference(f"There is no {what} {key!r} in the catalog.", pointer=pointer)
    return [found[key] for key in keys]


def _assign(entity: Any, data: Mapping[str, Any]) -> None:
    """Set every plain column of the entity: from the data, or to its empty value where absent."""
    bookkeeping = {"id", "status", "revision"}
    for column in entity.__table__.columns:
        if column.key in bookkeeping:
            continue
        default = column.default.arg(None) if column.default is not None and column.default.is_callable else None
        setattr(entity, column.key, data.get(column.key, default))
