"""`python -m tests.bench`: measure, print, exit 0. It judges nothing; it says what was met."""

import os
import platform
import tempfile
import time
from pathlib import Path

import click

from tests.bench.calls import make_service
from tests.bench.databases import postgresql_url, prepare, sqlite_url
from tests.bench.growth import measure_growth, print_growth
from tests.bench.inprocess import formula_json, measure_calls, measure_postgresql
from tests.bench.over_http import measure_http
from tests.bench.redirects import measure_redirect_calls, measure_redirects_over_http
from tests.bench.starting import measure_starting
from tests.bench.table import Figure, print_missed, print_table


@click.command()
@click.option("--quick", is_flag=True, help="Fewer rounds and no 10,000 formulas: under 40 s.")
def main(quick: bool) -> None:
    """Measure the service against a bare Flask view."""
    started = time.perf_counter()
    click.echo(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}"
        f"{'; QUICK: few rounds, rough figures' if quick else ''}"
    )
    with tempfile.TemporaryDirectory(prefix="formulary-bench-") as name:
        figures = measure_all(Path(name), quick=quick)
    print_missed(figures)
    click.echo(f"It took {time.perf_counter() - started:.0f} s.")


def measure_all(folder: Path, *, quick: bool) -> list[Figure]:
    url = sqlite_url(folder, "bench")
    migrating, seeding = prepare(url)
    app = make_service(url)

    rounds, slice_seconds = (8, 0.01) if quick else (40, 0.02)
    calls = measure_calls(app, rounds=rounds, slice_seconds=slice_seconds)
    calls[2:2] = on_postgresql(rounds=rounds, slice_seconds=slice_seconds)
    print_table("In-process (one WSGI call, medians)", calls)

    size = len(formula_json(app)[0])
    over_http = measure_http(url, size, rounds=3 if quick else 14, slice_seconds=0.1 if quick else 0.2)
    print_table(
        "Over HTTP (granian, one worker, the service's own flags; 8 kept connections)",
        over_http.figures,
        ("Where a rate comes near a ceiling's, the ceiling was measured and the service may be faster.",),
    )

    redirects = measure_redirect_calls(url, rounds=rounds, slice_seconds=slice_seconds)
    print_table("The redirect, in-process (its count included)", redirects)
    counted = measure_redirects_over_http(url, rounds=5 if quick else 14, slice_seconds=0.1 if quick else 0.2)
    print_table("The redirect, over HTTP", counted)

    house = [
        *measure_starting(url, folder, times=1 if quick else 4),
        Figure("cold seed (command line, 3 formulas)", f"{seeding:.2f} s"),
        Figure("migrating an empty database", f"{migrating:.2f} s"),
        over_http.memory,
    ]
    print_table("The house (SQLite, three formulas)", house)
    print_growth(measure_growth(url, folder, quick=quick))
    return [*calls, *over_http.figures, *redirects, *counted, *house]


def on_postgresql(*, rounds: int, slice_seconds: float) -> list[Figure]:
    with postgresql_url() as url:
        if url is None:
            click.echo("\n*** NO POSTGRESQL ANSWERS: its figure is missing. Set TEST_DATABASE_URL. ***")
            return []
        prepare(url)
        return [measure_postgresql(url, rounds=rounds, slice_seconds=slice_seconds)]


if __name__ == "__main__":
    main()
