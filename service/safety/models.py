"""The vocabulary a patient's words are matched to: drugs, their classes, and conditions."""

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.shared.database import Base


class DrugClass(Base):
    """A class some rule names. `atc` are WHO ATC codes or their prefixes."""

    __tablename__ = "drug_classes"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(Text)
    atc: Mapped[list[str]] = mapped_column(JSON, default=list)
    drugs: Mapped[list["Drug"]] = relationship(back_populates="drug_class")


class Drug(Base):
    """One medicine by its generic name."""

    __tablename__ = "drugs"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(Text)
    atc: Mapped[str | None] = mapped_column(String(10))
    drug_class_id: Mapped[int | None] = mapped_column(ForeignKey("drug_classes.id"))
    drug_class: Mapped[DrugClass | None] = relationship(back_populates="drugs")


class Condition(Base):
    """A condition or population some rule or indication names."""

    __tablename__ = "conditions"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    lay_terms: Mapped[list[str]] = mapped_column(JSON, default=list)
    icd10cm: Mapped[list[str]] = mapped_column(JSON, default=list)
