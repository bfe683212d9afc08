"""Seeding: write a checked seed through the catalog's own actions, and publish it.

It is idempotent by slug. What somebody has since edited or withdrawn here is kept as it is.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select, update

from service.catalog import actions as catalog
from service.catalog import queries
from service.catalog.actions import raise_catalog_version
from service.catalog.errors import FormulaNotPublishable, UnresolvedReference
from service.catalog.models import CatalogState, Publication
from service.catalog.schemas import (
    CombinationIn,
    EvidenceIn,
    FormulaIn,
    HerbIn,
    SourceIn,
)
from service.catalog.statements import Combination, Evidence, Source
from service.extensions import db
from service.publishing.actions import (
    publish_formula,
    publish_herb,
    read_surroundings,
    refresh_formula,
)
from service.publishing.bodies import BODY_FORMAT, Surroundings
from service.publishing.claims import Claim, claims_in
from service.referrals import actions as referrals
from service.referrals.queries import list_listings, list_program_keys, read_book
from service.safety import actions as safety
from service.seeding.files import SeedError, SeedFile
from service.seeding.seed import (
    Document,
    Filed,
    Seed,
    check_references,
    list_withheld,
    read_seed,
)
from service.shared.errors import BadInput
from service.shared.fields import Document as DocumentSchema

SEED = "seed"
Item = TypeVar("Item")


@dataclass(slots=True)
class SeedReport:
    """What a seeding run did: how many rows of each kind were changed, unchanged or kept."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    withheld: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    def count(self, kind: str, outcome: str) -> None:
        outcomes = self.counts.setdefault(kind, {})
        outcomes[outcome] = outcomes.get(outcome, 0) + 1

    @property
    def has_changes(self) -> bool:
        return any("changed" in outcomes for outcomes in self.counts.values())


def seed_catalog(folder: Path, *, public_url: str, tell: Callable[[str], None]) -> SeedReport:
    """Read, check, write and publish a seed folder; the caller's transaction keeps all of it or nothing.

    Raises SeedError with every fault found.
    """
    tell(f"reading {folder}")
    seed = read_seed(folder)
    check_references(
        seed,
        known_sources=queries.list_source_keys(),
        known_herbs=queries.list_herb_slugs(),
        known_programs=list_program_keys(),
    )
    report = SeedReport(withheld=list_withheld(seed))
    _save_lists(seed, report, tell)
    _save_referrals(seed, report)
    _save_entities(seed, report, tell)
    if report.has_changes:
        # Programs and discounts stand in no publication, so the counter tells of them.
        raise_catalog_version()
    _publish(seed, report, public_url=public_url, tell=tell)
    report.absent += _list_absent(seed)
    remember_seed(fingerprint(folder))
    return report


def is_seeded_from(folder: Path) -> bool:
    """Whether the catalog was last seeded from exactly these files, by this code's composing."""
    return db.session.scalar(select(CatalogState.seeded_from)) == fingerprint(folder)


def remember_seed(fingerprint: str) -> None:
    db.session.execute(update(CatalogState).values(seeded_from=fingerprint))


def fingerprint(folder: Path) -> str:
    """A digest of the folder's files and of the format publications have."""
    digest = hashlib.sha256(BODY_FORMAT.encode())
    for path in sorted(folder.rglob("*.yaml")):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _save_lists(seed: Seed, report: SeedReport, tell: Callable[[str], None]) -> None:
    for row in _progress("sources", seed.sources, tell):
        _save_if_changed("sources", row, Source, SourceIn(), catalog.save_source, report)
    for kind, rows, save in (
        ("drug classes", seed.drug_classes, safety.save_drug_class),
        ("drugs", seed.drugs, safety.save_drug),
        ("conditions", seed.conditions, safety.save_condition),
    ):
        for row in _progress(kind, rows, tell):
            report.count(kind, "changed" if save(row) else "unchanged")


def _save_referrals(seed: Seed, report: SeedReport) -> None:
    outcomes: list[tuple[str | None, str]] = [(None, referrals.save_practice(seed.practice))]
    accounts = seed.practice["accounts"]
    for filed in seed.programs:
        key = filed.data["key"]
        with _faults_at(seed.lists["practice"], ("accounts", key)):
            outcomes.append((key, referrals.seed_program(filed.data, accounts[key])))
    discounts = seed.practice.get("discounts", [])
    for position, discount in enumerate(discounts):
        with _faults_at(seed.lists["practice"], ("discounts", position)):
            outcomes.append((discount["key"], referrals.seed_discount(discount)))
    for key, outcome in outcomes:
        report.count("practice, programs, discounts", outcome)
        if key is not None and outcome == referrals.KEPT:
            report.kept.append(key)
    report.kept += [f"the links of {product}" for product in sorted(list_listings())]
    for _ in range(referrals.keep_discounts([discount["key"] for discount in discounts])):
        report.count("discounts no longer in the seed", "changed")


@contextmanager
def _faults_at(file: SeedFile, path: tuple[str | int, ...]) -> Iterator[None]:
    """Tell a refused value by its place in the seed."""
    try:
        yield
    except BadInput as fault:
        field = [part for part in (fault.pointer or "").split("/") if part]
        raise SeedError([f"{file.where((*path, *field))}: {fault.detail}"]) from fault


def _save_entities(seed: Seed, report: SeedReport, tell: Callable[[str], None]) -> None:
    for filed in _progress("herbs", seed.herbs, tell):
        _save_entity("herb", filed, queries.find_herb, HerbIn(), catalog.save_herb, report)
    for filed in _progress("formulas", seed.formulas, tell):
        _save_entity(
            "formula",
            filed,
            queries.find_formula,
            FormulaIn(),
            catalog.save_formula,
            report,
        )
    for row in _progress("evidence", seed.evidence, tell):
        _save_if_changed("evidence", row, Evidence, EvidenceIn(), catalog.save_evidence, report)
    for row in _progress("combinations", seed.combinations, tell):
        _save_if_changed(
            "combinations",
            row,
            Combination,
            CombinationIn(),
            catalog.save_combination,
            report,
        )
    for row_type, rows in ((Evidence, seed.evidence), (Combination, seed.combinations)):
        for _ in range(catalog.keep_keyed(row_type, [row["key"] for row in rows])):
            report.count("evidence and combinations no longer in the seed", "changed")


def _save_if_changed(
    kind: str,
    row: Document,
    model: Any,
    schema: DocumentSchema,
    save: Callable[[Document], object],
    report: SeedReport,
) -> None:
    held = db.session.scalar(select(model).filter_by(key=row["key"]))
    if held is not None and schema.dump(held) == schema.dump(row):
        report.count(kind, "unchanged")
        return
    save(row)
    report.count(kind, "changed")


def _save_entity(
    kind: str,
    filed: Filed,
    find: Callable[[str], Any],
    schema: DocumentSchema,
    save: Callable[[Document], object],
    report: SeedReport,
) -> None:
    slug = filed.data["slug"]
    held = find(slug)
    document = None if held is None else schema.dump(held)
    if document == schema.dump(filed.data) and not _is_withdrawn(kind, slug):
        report.count(f"{kind}s", "unchanged")
        return
    if document is not None and (_is_withdrawn(kind, slug) or document != _last_seeded(kind, slug)):
        report.count(f"{kind}s", "kept as edited here")
        report.kept.append(slug)
        return
    try:
        save(filed.data)
    except UnresolvedReference as error:
        raise SeedError([f"{filed.file.path}: {error.pointer}: {error.detail}"]) from error
    report.count(f"{kind}s", "changed")


def _is_withdrawn(kind: str, slug: str) -> bool:
    current = queries.find_current(kind, slug)
    return current is not None and current.status == "withdrawn"


def _last_seeded(kind: str, slug: str) -> Document | None:
    """The document as the seed last published it; what differs from it was edited here."""
    query = select(Publication.document).filter_by(kind=kind, slug=slug, published_by=SEED)
    text = db.session.scalar(query.order_by(Publication.revision.desc()).limit(1))
    document: Document | None = json.loads(text) if text else None
    return document


def _publish(seed: Seed, report: SeedReport, *, public_url: str, tell: Callable[[str], None]) -> None:
    # A herb that is as safe as another carries the other's cautions, so it comes after it.
    for has_other, what in ((False, "publishing herbs"), (True, "publishing herbs told by another")):
        around = read_surroundings()
        herbs = [filed for filed in seed.herbs if ("safety_as" in filed.data) is has_other]
        for filed in _progress(what, herbs, tell):
            if filed.data["slug"] not in report.kept:
                publish_herb(filed.data["slug"], by=SEED, reason="seed", around=around)
    around, book = read_surroundings(), read_book(public_url)
    faults: list[str] = []
    seeded = set()
    for filed in _progress("publishing formulas", seed.formulas, tell):
        slug = filed.data["slug"]
        if slug in report.kept:
            continue
        seeded.add(slug)
        try:
            publication = publish_formula(slug, by=SEED, reason="seed", around=around, book=book)
            report.claims += claims_in(publication.public, publication.offered)
        except FormulaNotPublishable as error:
            faults += [f"{filed.file.path}: cannot be published, it lacks {reason}." for reason in error.missing]
    faults += _refresh_others(seeded, around)
    if faults:
        raise SeedError(faults)


def _refresh_others(seeded: Collection[str], around: Surroundings) -> list[str]:
    """Compose anew what no file of the seed published, and what of it cannot stand any more."""
    faults: list[str] = []
    for slug in queries.list_published_slugs("formula"):
        if slug in seeded:
            continue
        try:
            refresh_formula(slug, by=_last_publisher(slug), reason="what it refers to changed", around=around)
        except FormulaNotPublishable as error:
            faults += [
                f"the published formula {slug} cannot be composed anew, it would lack {reason}."
                for reason in error.missing
            ]
    return faults


def _list_absent(seed: Seed) -> list[str]:
    """The published formulas that came from a seed and stand in this one no more."""
    there = {filed.data["slug"] for filed in seed.formulas}
    query = select(Publication.slug).filter_by(kind="formula", is_current=True, status="published", published_by=SEED)
    return [slug for slug in db.session.scalars(query.order_by(Publication.slug)) if slug not in there]


def _last_publisher(slug: str) -> str:
    current = queries.find_current("formula", slug)
    return current.published_by if current else SEED


def _progress(what: str, items: list[Item], tell: Callable[[str], None]) -> Iterable[Item]:
    """The items, told at the start and after each thousand."""
    for number, item in enumerate(items):
        if number % 1000 == 0:
            tell(f"{what}: {number} of {len(items)}")
        yield item
    tell(f"{what}: {len(items)} of {len(items)}")
