"""How long it takes to start: with a prepared database, and from an empty one."""

from collections.abc import Callable
from pathlib import Path

from tests.bench import servers
from tests.bench.bare import PATH
from tests.bench.databases import environment, sqlite_url
from tests.bench.table import Figure, Target

START = Target(2, "s")


def measure_starting(database_url: str, folder: Path, *, times: int) -> list[Figure]:
    """The best of so many starts, in turns: what else this machine does only ever adds."""
    starts: dict[str, Callable[[], float]] = {
        "bare Flask app, same server": seconds_to_start_bare,
        "start, --no-prepare, until /healthz answers": lambda: seconds_to_start(database_url, "--no-prepare"),
        "start, preparing, nothing to prepare": lambda: seconds_to_start(database_url),
    }
    rounds = [{name: start() for name, start in starts.items()} for _ in range(times)]
    best = {name: min(found[name] for found in rounds) for name in starts}
    bare, *ours = best
    first = seconds_to_start(sqlite_url(folder, "first"))
    return [
        Figure(bare, f"{best[bare]:.2f} s", "1.00 ×"),
        *(Figure(name, f"{best[name]:.2f} s", f"{best[name] / best[bare]:.2f} ×", START, best[name]) for name in ours),
        Figure("first start: migrate, seed, serve", f"{first:.2f} s", f"{first / best[bare]:.2f} ×"),
    ]


def seconds_to_start(database_url: str, *options: str) -> float:
    port = servers.free_port()
    with servers.serving(environment(database_url, PORT=str(port)), *options) as (_, seconds):
        return seconds


def seconds_to_start_bare() -> float:
    port = servers.free_port()
    arguments = servers.granian_arguments(port, "tests.bench.bare:app")
    with servers.running(arguments, environment(""), port=port, path=PATH) as (_, seconds):
        return seconds
