"""Reads: published documents by one indexed SELECT each, and the working copy for editing."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from service.catalog.errors import FormulaNotFound, FormulaWithdrawn, HerbNotFound
from service.catalog.models import Formula, Herb, IssuedCode, IssuedShortName, Publication
from service.catalog.short_names import fold
from service.catalog.statements import Source
from service.extensions import db
from service.shared.paging import Page, page_of

PUBLISHED = Publication.__table__.c


@dataclass(frozen=True, slots=True)
class Summary:
    """A published entity's line in a list, finished JSON text."""

    slug: str
    summary: str


@dataclass(frozen=True, slots=True)
class OfferedProduct:
    """A product by its code, with the state and the products of the formula it belongs to."""

    product: str
    formula: str
    status: str
    offered: str


@dataclass(frozen=True, slots=True)
class Published:
    """One body of a publication, finished JSON text, with what its answer's headers need."""

    slug: str
    body: str
    revision: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class PublishedFormula:
    """A published formula's public body and products, JSON texts, for surfaces that compose more."""

    slug: str
    public: str
    offered: str
    revision: int
    published_at: datetime
    catalog_version: int


@dataclass(frozen=True, slots=True)
class ShortNamed:
    """A published formula found by a short name, and that name as it was issued."""

    short_name: str
    formula: PublishedFormula


_SHOWN = tuple(PUBLISHED[field.name] for field in fields(PublishedFormula))


def get_published(kind: str, slug: str, *, practitioner: bool = False) -> Published:
    """The current body of a published formula or herb.

    Raises FormulaNotFound or HerbNotFound, and FormulaWithdrawn where it was taken back.
    """
    column = PUBLISHED.practitioner if practitioner else PUBLISHED.public
    row = db.session.execute(
        select(PUBLISHED.status, column, PUBLISHED.revision, PUBLISHED.published_at).where(
            PUBLISHED.kind == kind, PUBLISHED.slug == slug, PUBLISHED.is_current
        )
    ).first()
    if row is None:
        raise (FormulaNotFound if kind == "formula" else HerbNotFound)(f"There is no {kind} {slug!r} here.")
    if row.status == "withdrawn":
        raise FormulaWithdrawn(f"{slug} is no longer recommended here.")
    return Published(slug, row[1], row.revision, row.published_at)


def list_published(kind: str, *, after: str = "", limit: int) -> Page[Summary]:
    """Summaries in slug order."""
    found = db.session.execute(
        select(PUBLISHED.slug, PUBLISHED.summary)
        .where(
            PUBLISHED.kind == kind,
            PUBLISHED.is_current,
            PUBLISHED.status == "published",
            PUBLISHED.slug > after,
        )
        .order_by(PUBLISHED.slug)
        .limit(limit + 1)
    )
    return page_of([Summary(*row) for row in found], limit=limit, key=lambda row: row.slug)


def get_published_formula(slug: str) -> PublishedFormula:
    """What pages and cards show. Raises FormulaNotFound or FormulaWithdrawn."""
    row = db.session.execute(
        select(PUBLISHED.status, *_SHOWN).where(
            PUBLISHED.kind == "formula", PUBLISHED.slug == slug, PUBLISHED.is_current
        )
    ).first()
    if row is None:
        raise FormulaNotFound(f"There is no formula {slug!r} here.")
    if row.status == "withdrawn":
        raise FormulaWithdrawn(f"{slug} is no longer recommended here.")
    return PublishedFormula(*row[1:])


def get_formula_by_short_name(typed: str) -> ShortNamed:
    """What the page at a short name shows, however it is spelled. Raises FormulaNotFound or FormulaWithdrawn."""
    issued = IssuedShortName.__table__.c
    row = db.session.execute(
        select(PUBLISHED.status, issued.short_name, *_SHOWN)
        .join(Publication, (PUBLISHED.slug == issued.formula) & (PUBLISHED.kind == "formula"))
        .where(issued.key == fold(typed), PUBLISHED.is_current)
    ).first()
    if row is None:
        raise FormulaNotFound("No formula goes by this short name here.")
    if row.status == "withdrawn":
        raise FormulaWithdrawn(f"{row.slug} is no longer recommended here.")
    return ShortNamed(row.short_name, PublishedFormula(*row[2:]))


def list_published_formulas(*, after: str = "", limit: int) -> Page[PublishedFormula]:
    """What pages show, in slug order."""
    query = _all_shown().where(PUBLISHED.slug > after).order_by(PUBLISHED.slug).limit(limit + 1)
    rows = [PublishedFormula(*row) for row in db.session.execute(query)]
    return page_of(rows, limit=limit, key=lambda row: row.slug)


def list_latest_formulas(*, before: int | None = None, limit: int) -> Page[PublishedFormula]:
    """The newest publications first; each has a catalog version of its own, so that is the cursor."""
    query = _all_shown().order_by(PUBLISHED.catalog_version.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(PUBLISHED.catalog_version < before)
    rows = [PublishedFormula(*row) for row in db.session.execute(query)]
    return page_of(rows, limit=limit, key=lambda row: str(row.catalog_version))


def _all_shown() -> Select[Any]:
    return select(*_SHOWN).where(
        PUBLISHED.kind == "formula",
        PUBLISHED.is_current,
        PUBLISHED.status == "published",
    )


def list_search_rows() -> Iterator[tuple[str, str, str, str]]:
    """Rows of (kind, slug, summary, search) for every published formula and herb."""
    query = select(PUBLISHED.kind, PUBLISHED.slug, PUBLISHED.summary, PUBLISHED.search)
    for row in db.session.execute(query.where(PUBLISHED.is_current, PUBLISHED.status == "published")):
        yield row.kind, row.slug, row.summary, row.search


def list_offered() -> list[tuple[str, str]]:
    """Slug and products, JSON text, of every published formula, in slug order."""
    query = select(PUBLISHED.slug, PUBLISHED.offered).where(
        PUBLISHED.kind == "formula", PUBLISHED.is_current, PUBLISHED.status == "published"
    )
    return [(row.slug, row.offered) for row in db.session.execute(query.order_by(PUBLISHED.slug))]


def list_published_texts() -> Iterator[tuple[str, str]]:
    """Rows of (public, offered) for every published formula, in slug order."""
    query = select(PUBLISHED.public, PUBLISHED.offered).order_by(PUBLISHED.slug)
    for row in db.session.execute(
        query.where(PUBLISHED.kind == "formula", PUBLISHED.is_current, PUBLISHED.status == "published")
    ):
        yield row.public, row.offered


def list_offered_of(products: Collection[str]) -> list[tuple[str, str]]:
    """Slug and products, JSON text, of the published formulas that hold any of these products."""
    issued = IssuedCode.__table__.c
    query = (
        select(PUBLISHED.slug, PUBLISHED.offered)
        .distinct()
        .join(IssuedCode, (PUBLISHED.slug == issued.formula) & (PUBLISHED.kind == "formula"))
        .where(issued.product.in_(products), PUBLISHED.is_current, PUBLISHED.status == "published")
    )
    return [(row.slug, row.offered) for row in db.session.execute(query)]


def find_offered_by_code(code: str) -> OfferedProduct | None:
    """The product a code was issued for, from its formula's publication."""
    issued = IssuedCode.__table__.c
    row = db.session.execute(
        select(issued.product, PUBLISHED.slug, PUBLISHED.status, PUBLISHED.offered)
        .join(Publication, (PUBLISHED.slug == issued.formula) & (PUBLISHED.kind == "formula"))
        .where(issued.code == code, PUBLISHED.is_current)
    ).first()
    return OfferedProduct(*row) if row else None


def get_formula(slug: str) -> Formula:
    """The working copy of a formula. Raises FormulaNotFound."""
    formula = db.session.scalar(select(Formula).filter_by(slug=slug))
    if formula is None:
        raise FormulaNotFound(f"There is no formula {slug!r} here.")
    return formula


def find_formula(slug: str) -> Formula | None:
    return db.session.scalar(select(Formula).filter_by(slug=slug))


def find_herb(slug: str) -> Herb | None:
    return db.session.scalar(select(Herb).filter_by(slug=slug))


def find_current(kind: str, slug: str) -> Publication | None:
    return db.session.scalar(select(Publication).filter_by(kind=kind, slug=slug, is_current=True))


def list_published_slugs(kind: str) -> list[str]:
    query = select(PUBLISHED.slug).where(PUBLISHED.kind == kind, PUBLISHED.is_current, PUBLISHED.status == "published")
    return list(db.session.scalars(query.order_by(PUBLISHED.slug)))


def list_source_keys() -> set[str]:
    return set(db.session.scalars(select(Source.key)))


def list_herb_slugs() -> set[str]:
    return set(db.session.scalars(select(Herb.slug)))
