"""Reads: published documents by one indexed SELECT each, and the working copy for editing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from service.catalog.errors import FormulaNotFound, FormulaWithdrawn, HerbNotFound
from service.catalog.models import CatalogState, Formula, Herb, IssuedCode, Publication
from service.catalog.statements import Source
from service.extensions import db
from service.shared.paging import Page, page_of

PUBLISHED = Publication.__table__.c


@dataclass(frozen=True, slots=True)
class Published:
    """One body of a publication, finished JSON text, with what its answer's headers need."""

    slug: str
    body: str
    revision: int
    published_at: datetime


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


def list_published(kind: str, *, after: str = "", limit: int) -> Page[Row[Any]]:
    """Summaries in slug order: rows of (slug, summary), the summary finished JSON text."""
    rows = db.session.execute(
        select(PUBLISHED.slug, PUBLISHED.summary)
        .where(
            PUBLISHED.kind == kind,
            PUBLISHED.is_current,
            PUBLISHED.status == "published",
            PUBLISHED.slug > after,
        )
        .order_by(PUBLISHED.slug)
        .limit(limit + 1)
    ).all()
    return page_of(rows, limit=limit, key=lambda row: str(row.slug))


def list_latest_changes(kind: str, *, before: str | None = None, limit: int) -> Page[Row[Any]]:
    """The newest publications first: rows of (slug, revision, published_at, public, offered).

    Each publication has a catalog version of its own, so that is the cursor.
    """
    query = (
        select(
            PUBLISHED.slug,
            PUBLISHED.revision,
            PUBLISHED.published_at,
            PUBLISHED.public,
            PUBLISHED.offered,
            PUBLISHED.catalog_version,
        )
        .where(PUBLISHED.kind == kind, PUBLISHED.is_current, PUBLISHED.status == "published")
        .order_by(PUBLISHED.catalog_version.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(PUBLISHED.catalog_version < int(before))
    rows = db.session.execute(query).all()
    return page_of(rows, limit=limit, key=lambda row: str(row.catalog_version))


def list_search_rows() -> Iterator[Row[Any]]:
    """Rows of (kind, slug, summary, search) for every published formula and herb."""
    yield from db.session.execute(
        select(PUBLISHED.kind, PUBLISHED.slug, PUBLISHED.summary, PUBLISHED.search).where(
            PUBLISHED.is_current, PUBLISHED.status == "published"
        )
    )


def get_offered(slug: str) -> str:
    """The products of a published formula as JSON text. Raises as get_published does."""
    row = db.session.execute(
        select(PUBLISHED.status, PUBLISHED.offered).where(
            PUBLISHED.kind == "formula", PUBLISHED.slug == slug, PUBLISHED.is_current
        )
    ).first()
    if row is None:
        raise FormulaNotFound(f"There is no formula {slug!r} here.")
    if row.status == "withdrawn":
        raise FormulaWithdrawn(f"{slug} is no longer recommended here.")
    return str(row.offered)


def find_offered_by_code(code: str) -> Row[Any] | None:
    """The publication a product's code was issued for: (product, slug, status, offered)."""
    issued = IssuedCode.__table__.c
    return db.session.execute(
        select(issued.product, PUBLISHED.slug, PUBLISHED.status, PUBLISHED.offered)
        .join(Publication, (PUBLISHED.slug == issued.formula) & (PUBLISHED.kind == "formula"))
        .where(issued.code == code, PUBLISHED.is_current)
    ).first()


def get_catalog_version() -> int:
    return db.session.scalar(select(CatalogState.version)) or 0


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
    query = select(PUBLISHED.slug).where(
        PUBLISHED.kind == kind, PUBLISHED.is_current, PUBLISHED.status == "published"
    )
    return list(db.session.scalars(query.order_by(PUBLISHED.slug)))


def list_source_keys() -> set[str]:
    return set(db.session.scalars(select(Source.key)))


def list_herb_slugs() -> set[str]:
    return set(db.session.scalars(select(Herb.slug)))
