"""A seed: every file of a folder, read and checked together before anything is written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from marshmallow import Schema

from service.catalog.schemas import (
    CombinationIn,
    EvidenceIn,
    FormulaIn,
    HerbIn,
    SourceIn,
)
from service.referrals.marketplaces import fault_of_account
from service.referrals.schemas import PracticeIn, ProgramIn
from service.safety.schemas import ConditionIn, DrugClassIn, DrugIn
from service.seeding.files import (
    SeedError,
    SeedFile,
    load_document,
    load_rows,
    read_seed_file,
)

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filed:
    """A document and the file it stands in."""

    file: SeedFile
    data: Document


@dataclass(slots=True)
class Seed:
    """The loaded rows of a seed folder."""

    practice: Document = field(default_factory=dict)
    programs: list[Filed] = field(default_factory=list)
    sources: list[Document] = field(default_factory=list)
    drug_classes: list[Document] = field(default_factory=list)
    drugs: list[Document] = field(default_factory=list)
    conditions: list[Document] = field(default_factory=list)
    herbs: list[Filed] = field(default_factory=list)
    formulas: list[Filed] = field(default_factory=list)
    evidence: list[Document] = field(default_factory=list)
    combinations: list[Document] = field(default_factory=list)
    lists: dict[str, SeedFile] = field(default_factory=dict)


LISTS: dict[str, tuple[tuple[str, str, type[Schema]], ...]] = {
    # file: its lists, as (key in the file, field of the seed, shape)
    "sources.yaml": (("sources", "sources", SourceIn),),
    "drugs.yaml": (
        ("classes", "drug_classes", DrugClassIn),
        ("drugs", "drugs", DrugIn),
    ),
    "conditions.yaml": (("conditions", "conditions", ConditionIn),),
    "evidence.yaml": (("evidence", "evidence", EvidenceIn),),
    "combinations.yaml": (("combinations", "combinations", CombinationIn),),
}
FOLDERS: dict[str, type[Schema]] = {
    "programs": ProgramIn,
    "herbs": HerbIn,
    "formulas": FormulaIn,
}


def read_seed(folder: Path) -> Seed:
    """Load a folder. Raises SeedError with the faults of all its files."""
    if not folder.is_dir():
        raise SeedError([f"{folder}: there is no such folder."])
    seed = Seed()
    reads = [partial(_read_practice, seed, folder / "practice.yaml")]
    reads += [partial(_read_lists, seed, folder / name) for name in LISTS]
    for kind, schema in FOLDERS.items():
        reads += [partial(_read_entity, seed, kind, schema, path) for path in sorted((folder / kind).glob("*.yaml"))]
    faults: list[str] = []
    for read in reads:
        try:
            read()
        except SeedError as error:
            faults += error.faults
    if faults:
        raise SeedError(faults)
    return seed


def _read_practice(seed: Seed, path: Path) -> None:
    file = read_seed_file(path)
    seed.lists["practice"] = file
    seed.practice = load_document(file, PracticeIn())


def _read_lists(seed: Seed, path: Path) -> None:
    file = read_seed_file(path)
    for key, attribute, schema in LISTS[path.name]:
        seed.lists[attribute] = file
        setattr(seed, attribute, load_rows(file, key, schema()))


def _read_entity(seed: Seed, kind: str, schema: type[Schema], path: Path) -> None:
    file = read_seed_file(path)
    data = load_document(file, schema())
    slug = data.get("slug", data.get("key"))
    if slug != path.stem:
        raise SeedError([f"{path}, line 1: the file is named {path.stem}, the entity in it {slug}."])
    getattr(seed, kind).append(Filed(file, data))


def check_references(seed: Seed, *, known_sources: set[str], known_herbs: set[str], known_programs: set[str]) -> None:
    """Every name of another row leads somewhere, in the seed or among what is known here.

    Raises SeedError with all that do not.
    """
    sources = known_sources | {row["key"] for row in seed.sources}
    herbs = known_herbs | {filed.data["slug"] for filed in seed.herbs}
    subjects = _known_subjects(seed, herbs)
    faults = [
        *_unresolved_sources(seed, sources),
        *_unresolved_herbs(seed, herbs),
        *_unresolved_subjects(seed, subjects),
        *_unresolved_programs(seed, known_programs),
        *_repeated_names(seed),
        *_repeated_products(seed),
    ]
    if faults:
        raise SeedError(faults)


def _known_subjects(seed: Seed, herbs: set[str]) -> dict[str, set[str] | None]:
    """The slugs each kind of subject may name; None where the name is free."""
    conditions: dict[str, set[str] | None] = {
        kind: {row["slug"] for row in seed.conditions if row["kind"] == kind}
        for kind in ("condition", "population", "use")
    }
    return conditions | {
        "drug_class": {row["slug"] for row in seed.drug_classes},
        "drug": {row["slug"] for row in seed.drugs},
        "substance": herbs,
        "formula": None,
        "product": None,
    }


def _clinical_rows(
    seed: Seed,
) -> Iterator[tuple[SeedFile, tuple[str | int, ...], Document]]:
    """Every clinical row with the place it stands at."""
    for filed in [*seed.herbs, *seed.formulas]:
        for key, rows in filed.data.items():
            if isinstance(rows, list) and key not in ("forms", "products"):
                yield from ((filed.file, (key, position), row) for position, row in enumerate(rows))
    for key in ("evidence", "combinations"):
        yield from ((seed.lists[key], (key, position), row) for position, row in enumerate(getattr(seed, key)))


def list_withheld(seed: Seed) -> list[str]:
    """The rows that no publication shows, since a source is wanting: place and reason."""
    return [
        f"{file.where(path)}: withheld, {row['source_gap']}"
        for file, path, row in _clinical_rows(seed)
        if "source_gap" in row
    ]


def _unresolved_sources(seed: Seed, known: set[str]) -> Iterator[str]:
    for file, path, row in _clinical_rows(seed):
        for key in row.get("source_keys", []):
            if key not in known:
                yield f"{file.where((*path, 'sources'))}: there is no source {key!r} in sources.yaml."
    for filed in seed.formulas:
        for position, product in enumerate(filed.data.get("products", [])):
            for key in product.get("drug_facts", {}).get("sources", []):
                if key not in known:
                    place = filed.file.where(("products", position, "drug_facts", "sources"))
                    yield f"{place}: there is no source {key!r} in sources.yaml."


def _unresolved_herbs(seed: Seed, known: set[str]) -> Iterator[str]:
    for filed in seed.formulas:
        for position, row in enumerate(filed.data.get("ingredients", [])):
            if row["herb_slug"] not in known:
                yield f"{filed.file.where(('ingredients', position, 'herb'))}: there is no herb {row['herb_slug']!r}."
    for filed in seed.herbs:
        safety_as = filed.data.get("safety_as")
        if safety_as is not None and safety_as not in known:
            yield f"{filed.file.where(('safety_as',))}: there is no herb {safety_as!r}."


def _unresolved_subjects(seed: Seed, known: dict[str, set[str] | None]) -> Iterator[str]:
    for file, path, row in _clinical_rows(seed):
        for number, subject in enumerate(row.get("subjects", [])):
            kind, _, slug = subject.partition(":")
            allowed = known[kind]
            if allowed is not None and slug not in allowed:
                yield f"{file.where((*path, 'subjects', number))}: there is no {kind} {slug!r}."


def _unresolved_programs(seed: Seed, known: set[str]) -> Iterator[str]:
    programs = {filed.data["key"] for filed in seed.programs}
    accounts = seed.practice["accounts"]
    for filed in seed.programs:
        key = filed.data["key"]
        if key not in accounts:
            yield f"{filed.file.where(('key',))}: practice.yaml has no account for {key}."
            continue
        fault = fault_of_account(filed.data["kind"], filed.data.get("marketplace"), accounts[key]["settings"])
        if fault is not None:
            setting, advice = fault
            yield f"{seed.lists['practice'].where(('accounts', key, 'settings', setting))}: {advice}"
    for key in accounts:
        if key not in programs:
            yield f"{seed.lists['practice'].where(('accounts', key))}: there is no programs/{key}.yaml."
    for filed in seed.formulas:
        for position, product in enumerate(filed.data.get("products", [])):
            own: tuple[str | int, ...] = ("products", position)
            substitutes = [
                ((*own, "substitutes", number), row) for number, row in enumerate(product.get("substitutes", []))
            ]
            for path, way in [(own, product), *substitutes]:
                if way["program"] not in programs | known:
                    yield f"{filed.file.where((*path, 'program'))}: there is no program {way['program']!r}."


def _repeated_names(seed: Seed) -> Iterator[str]:
    """Two entities of a kind may share an alias, never a preferred name in hanzi."""
    for filed_rows in (seed.herbs, seed.formulas):
        seen: dict[str, str] = {}
        for filed in filed_rows:
            for position, name in enumerate(filed.data.get("names", [])):
                if name["script"] == "hans" and name.get("preferred"):
                    holder = seen.setdefault(name["text"], filed.data["slug"])
                    if holder != filed.data["slug"]:
                        yield f"{filed.file.where(('names', position, 'text'))}: {holder} has this name already."


def _repeated_products(seed: Seed) -> Iterator[str]:
    seen: dict[str, str] = {}
    for filed in seed.formulas:
        for position, product in enumerate(filed.data.get("products", [])):
            holder = seen.setdefault(product["slug"], filed.data["slug"])
            if holder != filed.data["slug"]:
                place = filed.file.where(("products", position, "slug"))
                yield f"{place}: {holder} has a product by this slug already."
