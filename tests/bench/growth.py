"""Growth: the same reads and verbs with 3, 1,000 and 10,000 published formulas, on SQLite."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

import click
from flask import Flask
from sqlalchemy import func, select

from service.catalog.actions import save_formula
from service.catalog.models import Publication
from service.catalog.queries import find_current
from service.catalog.schemas import FormulaIn
from service.catalog.version import watch
from service.extensions import db, transaction
from service.lookup.queries import current_index
from service.publishing.actions import publish_formula, read_surroundings
from service.referrals.queries import current_book
from tests.bench.calls import Call, layer_of, make_service
from tests.bench.databases import copy_sqlite, sqlite_url
from tests.bench.generated import generate_document, write_rows
from tests.bench.table import tell_times

SIZES = (3, 1_000, 10_000)
QUICK_SIZES = (3, 1_000)
SLUG = "du-huo-ji-sheng-tang"
TEMPLATE = "shao-yao-gan-cao-tang"
PUBLISHED_HERE = 20
# Whole names, their beginnings, an English word's beginning, hanzi, and one letter.
QUERIES = ("duhuojishengtang", "duhuo", "chaihu", "generated", "liniment", "柴胡", "Huáng Qí", "d")
SEARCH = "/api/v1/search"


@dataclass(frozen=True, slots=True)
class Size:
    """What was found with so many formulas."""

    formulas: int
    miss: float
    home: float
    searches: dict[str, float]
    index: float
    saved_a_second: float
    published_a_second: float


def measure_growth(seeded_url: str, folder: Path, *, quick: bool) -> list[Size]:
    """Grow a copy of the seeded database; measure at each size."""
    url = sqlite_url(folder, "growth")
    copy_sqlite(seeded_url, url)
    app = make_service(url)
    found = []
    with app.app_context():
        for size in QUICK_SIZES if quick else SIZES:
            fill(size)
            found.append(measure(app, size, calls=10 if quick else 20))
    return found


def fill(size: int) -> None:
    """Write generated publications until there are so many formulas."""
    held = count_formulas()
    if held >= size:
        return
    around, version = read_surroundings(), watch()()
    written = write_rows(template(), range(held, size), around, version + 1)
    click.echo(f"  wrote {size - held} generated formulas, {written / (size - held) / 1000:.0f} kB each")


def count_formulas() -> int:
    query = select(func.count()).select_from(Publication).filter_by(kind="formula", is_current=True)
    return db.session.scalar(query) or 0


def template() -> dict[str, Any]:
    current = find_current("formula", TEMPLATE)
    document: dict[str, Any] = json.loads(current.document) if current else {}
    return document


def measure(app: Flask, size: int, *, calls: int) -> Size:
    forget = layer_of(app).forget
    index = seconds_of(current_index)
    miss = Call("miss", app, f"/api/v1/formulas/{SLUG}", before=forget)
    home = Call("home", app, "/", before=forget)
    searches = {query: Call(query, app, SEARCH, urlencode({"q": query})) for query in QUERIES}
    return Size(
        formulas=size,
        miss=typical(miss, calls * 10),
        home=typical(home, calls),
        searches={query: typical(call, calls) for query, call in searches.items()},
        index=index,
        **dict(zip(("saved_a_second", "published_a_second"), publish_some(size), strict=True)),
    )


def typical(call: Call, calls: int) -> float:
    call.seconds(2)
    return median(call.seconds(1) for _ in range(calls))


def seconds_of(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def publish_some(size: int) -> tuple[float, float]:
    """Formulas a second through the service's own verbs: saved, and published."""
    rows = [generate_document(template(), 50_000 + size + number) for number in range(PUBLISHED_HERE)]
    loaded = [FormulaIn().load(row) for row in rows]
    around, book = read_surroundings(), current_book()

    def save() -> None:
        for row in loaded:
            save_formula(row)

    def publish() -> None:
        for row in rows:
            publish_formula(row["slug"], by="bench", reason="generated", around=around, book=book)

    with transaction():
        saving = seconds_of(save)
        publishing = seconds_of(publish)
    return PUBLISHED_HERE / saving, PUBLISHED_HERE / publishing


def print_growth(sizes: list[Size]) -> None:
    lines: list[tuple[str, Callable[[Size], str]]] = [
        ("formula JSON, not in memory", lambda size: tell_times(size.miss)),
        ("home page, not in memory", lambda size: tell_times(size.home)),
        ("search, median of the queries", lambda size: tell_times(median(size.searches.values()))),
        *((f"  q={query}", lambda size, query=query: tell_times(size.searches[query])) for query in QUERIES),
        ("search index built (after each change)", lambda size: tell_times(size.index)),
        ("formulas saved a second", lambda size: f"{size.saved_a_second:.0f}"),
        ("formulas published a second", lambda size: f"{size.published_a_second:.0f}"),
    ]
    click.echo("\nGrowth (SQLite, in-process, medians; all but the seeded three are GENERATED)")
    click.echo("  " + "published formulas".ljust(40) + "".join(f"{size.formulas:>12,}" for size in sizes))
    for name, tell in lines:
        click.echo("  " + name.ljust(40) + "".join(tell(size).rjust(12) for size in sizes))
    click.echo("  The home page shows 3 formulas at the first size, 24 at the others.")
