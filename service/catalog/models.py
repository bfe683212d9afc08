"""The working copy's entities, and the publications that everything fast reads."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.ext.orderinglist import ordering_list
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.catalog import terms
from service.catalog.statements import (
    Caution,
    Dose,
    Indication,
    Ingredient,
    Name,
    Note,
    Origin,
)
from service.shared.database import Base, UtcDateTime, one_of


def _owned(row_type: str, owner: str) -> Any:
    return relationship(
        row_type,
        foreign_keys=f"Statement.of_{owner}_id",
        order_by="Statement.position",
        collection_class=ordering_list("position"),
        cascade="all, delete-orphan",
        passive_deletes=True,
    )


class Herb(Base):
    """One materia medica item, with what is true of it in every formula."""

    __tablename__ = "herbs"
    __table_args__ = (one_of("status", terms.STATUSES),)
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    species: Mapped[str | None] = mapped_column(Text)
    part: Mapped[str | None] = mapped_column(String(80))
    safety_as: Mapped[str | None] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(10), default="draft")
    revision: Mapped[int] = mapped_column(default=0)
    names: Mapped[list[Name]] = _owned("Name", "herb")
    doses: Mapped[list[Dose]] = _owned("Dose", "herb")
    cautions: Mapped[list[Caution]] = _owned("Caution", "herb")
    notes: Mapped[list[Note]] = _owned("Note", "herb")


class Formula(Base):
    """A formula or liniment: the working copy, published as one document."""

    __tablename__ = "formulas"
    __table_args__ = (
        one_of("kind", terms.FORMULA_KINDS),
        one_of("route", terms.ROUTES),
        one_of("status", terms.STATUSES),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    short_name: Mapped[str | None] = mapped_column(String(24))
    kind: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    route: Mapped[str] = mapped_column(String(10))
    forms: Mapped[list[str]] = mapped_column(JSON, default=list)
    status: Mapped[str] = mapped_column(String(10), default="draft")
    revision: Mapped[int] = mapped_column(default=0)
    origins: Mapped[list[Origin]] = _owned("Origin", "formula")
    names: Mapped[list[Name]] = _owned("Name", "formula")
    ingredients: Mapped[list[Ingredient]] = _owned("Ingredient", "formula")
    indications: Mapped[list[Indication]] = _owned("Indication", "formula")
    cautions: Mapped[list[Caution]] = _owned("Caution", "formula")
    doses: Mapped[list[Dose]] = _owned("Dose", "formula")
    notes: Mapped[list[Note]] = _owned("Note", "formula")
    products: Mapped[list["Product"]] = relationship(
        back_populates="formula",
        order_by="Product.position",
        collection_class=ordering_list("position"),
        cascade="all, delete-orphan",
        passive_deletes=True,
    )


class Product(Base):
    """Something a patient can buy: one maker's form of a formula, sold under one program."""

    __tablename__ = "products"
    __table_args__ = (one_of("regulatory_class", terms.REGULATORY_CLASSES),)
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    formula_id: Mapped[int] = mapped_column(ForeignKey("formulas.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(Text)
    maker: Mapped[str | None] = mapped_column(Text)
    brand: Mapped[str | None] = mapped_column(Text)
    form: Mapped[str | None] = mapped_column(Text)
    size: Mapped[str | None] = mapped_column(Text)
    program: Mapped[str] = mapped_column(String(80))
    destination: Mapped[dict[str, Any]] = mapped_column(JSON)
    substitutes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    regulatory_class: Mapped[str] = mapped_column(String(20))
    drug_facts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    omits: Mapped[list[str]] = mapped_column(JSON, default=list)
    prop_65: Mapped[str | None] = mapped_column(Text)
    retail_price: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    last_verified_on: Mapped[date | None]
    formula: Mapped[Formula] = relationship(back_populates="products")


class Publication(Base):
    """One published revision: the document that was signed off, and the bodies read from it.

    `document` is the whole entity through its own schema, enough to restore it. `public` and
    `practitioner` are finished JSON texts, `summary` what lists and search show, `offered` the
    products a link may lead to. Only one row of an entity is current.
    """

    __tablename__ = "publications"
    __table_args__ = (
        UniqueConstraint("kind", "slug", "revision"),
        one_of("kind", ("formula", "herb")),
        one_of("status", ("published", "withdrawn")),
        Index(
            "uq_publications_current",
            "kind",
            "slug",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(String(80))
    revision: Mapped[int]
    status: Mapped[str] = mapped_column(String(10))
    is_current: Mapped[bool] = mapped_column(default=True)
    document: Mapped[str] = mapped_column(Text)
    public: Mapped[str] = mapped_column(Text)
    practitioner: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    search: Mapped[str] = mapped_column(Text)
    offered: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    catalog_version: Mapped[int] = mapped_column(index=True)


class IssuedCode(Base):
    """A product's code, kept for good: a link in an old article finds its formula, or a 410."""

    __tablename__ = "issued_codes"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    product: Mapped[str] = mapped_column(String(80), unique=True)
    formula: Mapped[str] = mapped_column(String(80))


class IssuedShortName(Base):
    """A short name, kept for good: what was once said or printed finds its formula, or a 410.

    `key` is the name folded, so that two names that sound alike are one.
    """

    __tablename__ = "issued_short_names"
    key: Mapped[str] = mapped_column(String(24), primary_key=True)
    short_name: Mapped[str] = mapped_column(String(24))
    formula: Mapped[str] = mapped_column(String(80))


class CatalogState(Base):
    """The one counter every cache, ETag, index and cursor hangs on."""

    __tablename__ = "catalog_state"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    seeded_from: Mapped[str | None] = mapped_column(String(64))
