"""Figures over HTTP: the bare view and the service behind the same server, alive at once."""

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from tests.bench import load, servers
from tests.bench.bare import BODY_BYTES, PATH
from tests.bench.databases import environment
from tests.bench.inprocess import GO_PATH, JSON_PATH, SLUG
from tests.bench.load import Ask
from tests.bench.table import Figure, Target, median_ratio

BARE = "bare Flask view"
PLAIN = "plain WSGI function (the server's own ceiling)"
PARROT = "repeating server (the load generator's ceiling)"
HOT = Target(3, "×", at_least=True)
MEMORY = Target(120, "MB")
MIXED_REQUESTS = 1_000


@dataclass(frozen=True, slots=True)
class OverHttp:
    """The figures, and the worker's memory after mixed requests."""

    figures: list[Figure]
    memory: Figure


def measure_http(database_url: str, size: int, *, rounds: int, slice_seconds: float) -> OverHttp:
    """Start the servers, ask them in turn, end them."""
    bare, plain, parrot, ours = (servers.free_port() for _ in range(4))
    sized = environment(database_url, **{BODY_BYTES: str(size)})
    with ExitStack() as stack:
        for port, arguments in (
            (bare, servers.granian_arguments(bare, "tests.bench.bare:app")),
            (plain, servers.granian_arguments(plain, "tests.bench.bare:plain")),
            (parrot, [sys.executable, "-m", "tests.bench.parrot", str(parrot), str(size)]),
        ):
            stack.enter_context(servers.running(arguments, sized, port=port, path=PATH))
        pid, _ = stack.enter_context(servers.serving(environment(database_url, PORT=str(ours)), "--no-prepare"))
        hot, others = asks_of(ours)
        memory = measure_memory(pid, [*hot, *others])
        asks = [Ask(BARE, bare, PATH), Ask(PLAIN, plain, PATH), Ask(PARROT, parrot, PATH), *hot, *others]
        found = load.interleave(asks, rounds=rounds, slice_seconds=slice_seconds)
    figures = [against_bare(ask, found, HOT if ask in hot else None) for ask in asks]
    return OverHttp(figures, memory)


def asks_of(port: int) -> tuple[list[Ask], list[Ask]]:
    """What is asked of the service: reads kept in memory, and what is computed each time."""
    _, head = load.ask_once(Ask("formula", port, JSON_PATH))
    etag = next(line for line in head.decode().split("\r\n") if line.startswith("etag:")).partition(": ")[2]
    hot = [
        Ask("formula JSON, 200", port, JSON_PATH),
        Ask("formula JSON, 304", port, JSON_PATH, 304, {"If-None-Match": etag}),
        Ask("card", port, f"/cards/{SLUG}"),
        Ask("page", port, f"/f/{SLUG}"),
        Ask("feed", port, "/feed.json"),
    ]
    others = [
        Ask("search, q=duhuo", port, "/api/v1/search?q=duhuo"),
        Ask("redirect, /go", port, GO_PATH, 302),
    ]
    return hot, others


def measure_memory(pid: int, asks: list[Ask]) -> Figure:
    for number in range(MIXED_REQUESTS):
        load.ask_once(asks[number % len(asks)])
    reached = servers.worker_mb(pid)
    return Figure(f"worker after {MIXED_REQUESTS:,} mixed requests", f"{reached:.0f} MB", "", MEMORY, reached)


def against_bare(ask: Ask, found: dict[str, list[float]], target: Target | None) -> Figure:
    ratio = median_ratio(found[ask.name], found[BARE])
    return Figure(ask.name, f"{median(found[ask.name]):,.0f}/s", f"{ratio:.2f} ×", target, ratio)
