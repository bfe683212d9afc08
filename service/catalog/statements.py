"""The clinical rows of the working copy: each is a `Statement`, with sources, confidence and review."""

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    String,
    Table,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.catalog import terms
from service.shared.database import Base, one_of

if TYPE_CHECKING:
    from service.catalog.models import Herb


statement_sources = Table(
    "statement_sources",
    Base.metadata,
    Column(
        "statement_id",
        ForeignKey("statements.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("source_id", ForeignKey("sources.id"), primary_key=True, index=True),
)


class Source(Base):
    """Where a statement comes from: an article, a label, a text, a regulator's notice."""

    __tablename__ = "sources"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    seen: Mapped[str] = mapped_column(String(20))
    address: Mapped[str | None] = mapped_column(Text)
    pmid: Mapped[str | None] = mapped_column(Text)
    doi: Mapped[str | None] = mapped_column(Text)
    identifiers: Mapped[str | None] = mapped_column(Text)
    licence: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    accessed: Mapped[str | None] = mapped_column(String(10))


class Statement(Base):
    """One clinical assertion: what it rests on, how sure it is, and who has signed it."""

    __tablename__ = "statements"
    __table_args__: Any = (
        one_of("confidence", terms.CONFIDENCES),
        CheckConstraint("of_formula_id IS NULL OR of_herb_id IS NULL", name="one_owner"),
        CheckConstraint(
            "(reviewer IS NULL) = (reviewed_on IS NULL) AND (reviewer IS NULL) = (reviewer_licence IS NULL)",
            name="signed_whole",
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    row_type: Mapped[str] = mapped_column(String(20))
    of_formula_id: Mapped[int | None] = mapped_column(ForeignKey("formulas.id", ondelete="CASCADE"), index=True)
    of_herb_id: Mapped[int | None] = mapped_column(ForeignKey("herbs.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    confidence: Mapped[str] = mapped_column(String(1))
    note: Mapped[str | None] = mapped_column(Text)
    source_gap: Mapped[str | None] = mapped_column(Text)
    reviewer: Mapped[str | None] = mapped_column(Text)
    reviewer_licence: Mapped[str | None] = mapped_column(Text)
    reviewed_on: Mapped[date | None]
    review_due_on: Mapped[date | None]
    sources: Mapped[list[Source]] = relationship(secondary=statement_sources, order_by=Source.key, lazy="selectin")

    __mapper_args__ = {
        "polymorphic_on": "row_type",
        "polymorphic_identity": "statement",
    }

    @property
    def source_keys(self) -> list[str]:
        return sorted(source.key for source in self.sources)


def statement_key() -> Mapped[int]:
    return mapped_column(ForeignKey("statements.id", ondelete="CASCADE"), primary_key=True)


class Name(Statement):
    """A name of a formula or herb in one script."""

    __tablename__ = "names"
    __table_args__ = (one_of("script", terms.SCRIPTS),)
    id: Mapped[int] = statement_key()
    text: Mapped[str] = mapped_column(Text)
    script: Mapped[str] = mapped_column(String(20))
    preferred: Mapped[bool] = mapped_column(default=False)
    __mapper_args__ = {"polymorphic_identity": "name"}


class Origin(Statement):
    """The text a formula first stands in."""

    __tablename__ = "origins"
    id: Mapped[int] = statement_key()
    book: Mapped[str] = mapped_column(Text)
    chapter: Mapped[str | None] = mapped_column(Text)
    author: Mapped[str | None] = mapped_column(Text)
    dynasty: Mapped[str | None] = mapped_column(Text)
    year: Mapped[int | None]
    __mapper_args__ = {"polymorphic_identity": "origin"}


class Ingredient(Statement):
    """One herb of a formula. Grams are raw herb per day, percent is of a topical as labelled."""

    __tablename__ = "ingredients"
    __table_args__ = (
        CheckConstraint("grams_min <= grams_max", name="grams_range"),
        CheckConstraint("percent_min <= percent_max", name="percent_range"),
        one_of("role", terms.ROLES),
        one_of("role_confidence", terms.CONFIDENCES),
    )
    id: Mapped[int] = statement_key()
    herb_id: Mapped[int] = mapped_column(ForeignKey("herbs.id"), index=True)
    role: Mapped[str | None] = mapped_column(String(10))
    role_confidence: Mapped[str | None] = mapped_column(String(1))
    classical_dose: Mapped[str | None] = mapped_column(Text)
    grams_min: Mapped[float | None]
    grams_max: Mapped[float | None]
    percent_min: Mapped[float | None]
    percent_max: Mapped[float | None]
    dose_basis: Mapped[str | None] = mapped_column(Text)
    preparation: Mapped[str | None] = mapped_column(Text)
    optional: Mapped[bool] = mapped_column(default=False)
    herb: Mapped["Herb"] = relationship(foreign_keys=herb_id, lazy="joined", innerjoin=True)
    __mapper_args__ = {"polymorphic_identity": "ingredient"}

    @property
    def herb_slug(self) -> str:
        return self.herb.slug


class Indication(Statement):
    """What a formula is for, worded for one audience."""

    __tablename__ = "indications"
    __table_args__ = (
        one_of("audience", terms.AUDIENCES),
        one_of("sort", terms.INDICATION_SORTS),
    )
    id: Mapped[int] = statement_key()
    audience: Mapped[str] = mapped_column(String(20))
    sort: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    lay_terms: Mapped[list[str]] = mapped_column(JSON, default=list)
    code: Mapped[str | None] = mapped_column(Text)
    __mapper_args__ = {"polymorphic_identity": "indication"}


class Caution(Statement):
    """What to avoid or watch. `text` is the practitioner's wording, `patient_text` the public one."""

    __tablename__ = "cautions"
    __table_args__ = (
        one_of("type", terms.CAUTION_TYPES),
        one_of("grade", terms.GRADES),
        one_of("certainty", terms.CERTAINTIES),
    )
    id: Mapped[int] = statement_key()
    key: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(String(20))
    subjects: Mapped[list[str]] = mapped_column(JSON, default=list)
    grade: Mapped[str] = mapped_column(String(20))
    certainty: Mapped[str | None] = mapped_column(String(10))
    basis: Mapped[list[str]] = mapped_column(JSON, default=list)
    text: Mapped[str] = mapped_column(Text)
    patient_text: Mapped[str | None] = mapped_column(Text)
    mechanism: Mapped[str | None] = mapped_column(Text)
    what_to_do: Mapped[str | None] = mapped_column(Text)
    conflict: Mapped[str | None] = mapped_column(Text)
    __mapper_args__ = {"polymorphic_identity": "caution"}


class Dose(Statement):
    """A dose somebody recorded: a pharmacopoeia's daily range, a label's, a trial's."""

    __tablename__ = "doses"
    __table_args__ = (CheckConstraint("grams_min <= grams_max", name="grams_range"),)
    id: Mapped[int] = statement_key()
    form: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    grams_min: Mapped[float | None]
    grams_max: Mapped[float | None]
    basis: Mapped[str] = mapped_column(Text)
    __mapper_args__ = {"polymorphic_identity": "dose"}


class Note(Statement):
    """Any other sourced remark: an action, a variant, a modification, an identity trap."""

    __tablename__ = "notes"
    __table_args__ = (one_of("topic", terms.NOTE_TOPICS),)
    id: Mapped[int] = statement_key()
    topic: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    __mapper_args__ = {"polymorphic_identity": "note"}


class Evidence(Statement):
    """What a study found, in numbers where it gave them."""

    __tablename__ = "evidence"
    __table_args__ = (
        one_of("design", terms.DESIGNS),
        one_of("certainty", terms.CERTAINTIES),
    )
    id: Mapped[int] = statement_key()
    key: Mapped[str] = mapped_column(Text, unique=True)
    formulas: Mapped[list[str]] = mapped_column(JSON, default=list)
    subject: Mapped[str] = mapped_column(Text)
    condition: Mapped[str | None] = mapped_column(Text)
    design: Mapped[str] = mapped_column(String(20))
    participants: Mapped[int | None]
    studies: Mapped[int | None]
    result: Mapped[str] = mapped_column(Text)
    bias: Mapped[str | None] = mapped_column(Text)
    harms: Mapped[str | None] = mapped_column(Text)
    certainty: Mapped[str | None] = mapped_column(String(10))
    __mapper_args__ = {"polymorphic_identity": "evidence"}


class Combination(Statement):
    """Things used together: slugs of formulas or herbs in the catalog, or plain words."""

    __tablename__ = "combinations"
    __table_args__ = (one_of("verdict", terms.VERDICTS),)
    id: Mapped[int] = statement_key()
    key: Mapped[str] = mapped_column(Text, unique=True)
    parts: Mapped[list[str]] = mapped_column(JSON, default=list)
    purpose: Mapped[str | None] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(Text)
    cautions: Mapped[list[str]] = mapped_column(JSON, default=list)
    __mapper_args__ = {"polymorphic_identity": "combination"}
