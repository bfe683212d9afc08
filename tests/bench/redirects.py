"""/go with counting on and off, against a bare Flask redirect: what a count costs the link it counts."""

from collections.abc import Mapping
from contextlib import ExitStack
from statistics import median
from typing import Final

from tests.bench import load, servers
from tests.bench.bare import REDIRECT_PATH, make_bare
from tests.bench.calls import Call, interleave, make_service
from tests.bench.databases import environment
from tests.bench.inprocess import GO_PATH
from tests.bench.load import Ask
from tests.bench.table import Figure, Target, median_ratio, tell_times

BARE: Final = "bare Flask redirect"
OFF: Final = "redirect, counting off"
ON: Final = "redirect, counting on"
OVER_OFF: Final = Target(0.8, "× counting off", at_least=True)
OVER_BARE: Final = Target(1.3, "× bare redirect", at_least=True)
BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.{number}"


def measure_redirect_calls(database_url: str, *, rounds: int, slice_seconds: float) -> list[Figure]:
    """In this process, the count among what is timed although it comes after the answer; no target for on to off.

    Without a server around it a redirect from memory is a look-up, and no count can cost a fraction of that.
    """
    calls = [
        Call(name, app, path, status="302 FOUND", headers={"HTTP_USER_AGENT": BROWSER})
        for name, app, path in (
            (BARE, make_bare(100), REDIRECT_PATH),
            (OFF, make_service(database_url, CLICKS="off"), GO_PATH),
            (ON, make_service(database_url), GO_PATH),
        )
    ]
    found = interleave(calls, rounds=rounds, slice_seconds=slice_seconds)
    rates = {name: [1 / seconds for seconds in times] for name, times in found.items()}
    told = {name: tell_times(median(times)) for name, times in found.items()}
    return [figure for figure in _figures(rates, told) if figure.target is not OVER_OFF]


def measure_redirects_over_http(database_url: str, *, rounds: int, slice_seconds: float) -> list[Figure]:
    """Behind the service's own server, counting after each answer."""
    ports = {name: servers.free_port() for name in (BARE, OFF, ON)}
    with ExitStack() as stack:
        arguments = servers.granian_arguments(ports[BARE], "tests.bench.bare:app")
        stack.enter_context(servers.running(arguments, environment(database_url), port=ports[BARE], path="/formula"))
        for name, switch in ((OFF, "off"), (ON, "on")):
            environ = environment(database_url, PORT=str(ports[name]), CLICKS=switch)
            stack.enter_context(servers.serving(environ, "--no-prepare"))
        paths = {BARE: REDIRECT_PATH, OFF: GO_PATH, ON: GO_PATH}
        asks = [Ask(name, port, paths[name], 302, {"User-Agent": BROWSER}) for name, port in ports.items()]
        rates = load.interleave(asks, rounds=rounds, slice_seconds=slice_seconds)
    return _figures(rates, {name: f"{median(found):,.0f}/s" for name, found in rates.items()})


def _figures(rates: Mapping[str, list[float]], told: Mapping[str, str]) -> list[Figure]:
    off, on = (median_ratio(rates[name], rates[BARE]) for name in (OFF, ON))
    cost = median_ratio(rates[ON], rates[OFF])
    return [
        Figure(BARE, told[BARE], "1.00 ×"),
        Figure(OFF, told[OFF], f"{off:.2f} ×"),
        Figure(ON, told[ON], f"{on:.2f} ×", OVER_BARE, on),
        Figure(f"{ON}, against off", f"{cost:.2f} ×", "", OVER_OFF, cost),
    ]
