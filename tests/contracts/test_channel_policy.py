"""No combination of program, channel, discount and time emits what a program forbids.

Every program in every state, with every case of discounts, is put into the real app and its surfaces are read
before a discount's start, at it, in its last second and at its end, nothing forgotten in between but by time.
"""

import re
from functools import lru_cache
from typing import Any

import pytest
import time_machine
import yaml

from tests.conftest import SEED
from tests.contracts.channel_rules import faults_of, linked_data_sells_nothing
from tests.contracts.combinations import ACCOUNTS, CASES, MOMENTS, START, State, book_of, states
from tests.contracts.expectations import FORMULAS, PRODUCTS, RETAIL, Cases, Moment, rounds
from tests.contracts.observations import Seen, figures_of
from tests.contracts.surfaces import Reading, Walker, read_html

STATES = {state.name: state for state in states()}


@pytest.fixture(scope="module")
def conditions() -> dict[str, re.Pattern[str]]:
    """By formula, the words for what it is for, and for every condition that the catalog knows."""
    known = yaml.safe_load((SEED / "conditions.yaml").read_text())["conditions"]
    words = {
        word
        for row in known
        if row["kind"] == "condition"
        for word in [row["name"], row["slug"].replace("-", " "), *row.get("lay_terms", [])]
    }
    found = {}
    for formula in FORMULAS:
        document = yaml.safe_load((SEED / "formulas" / f"{formula.slug}.yaml").read_text())
        own = {word for row in document["indications"] for word in [row["text"].rstrip("."), *row.get("lay_terms", [])]}
        assert len(own) > 10
        found[formula.slug] = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(words | own)))})\b", re.IGNORECASE)
    every = "|".join(pattern.pattern for pattern in found.values())
    return {**found, "": re.compile(every, re.IGNORECASE)}


@pytest.fixture(scope="module")
def quiet(walker: Walker) -> dict[tuple[str, str, str], frozenset[str]]:
    """The figures that each surface holds though nothing is for sale: doses, strengths, sizes."""
    nothing = State("nothing for sale", ACCOUNTS["a shop"], "", {"enabled": False}, is_offered=False)
    walker.put(book_of(nothing, dict.fromkeys(PRODUCTS, ()), PRODUCTS))
    with time_machine.travel(START, tick=False):
        readings = read(walker, when_in_force=True)
    found = {(one.surface, one.channel, one.slug): figures_of(one.whole) for one in readings}
    figures = {"6.43", "8.57", RETAIL, "12", "14", "17", "23", "24", "47", "31", "10"}
    assert not frozenset().union(*found.values()) & figures
    return found


def seen(
    reading: Reading,
    moments: dict[str, Moment],
    quiet: dict[tuple[str, str, str], frozenset[str]],
    conditions: dict[str, re.Pattern[str]],
) -> Seen:
    """A surface beside what it has to be; the catalog's own pages belong to no formula."""
    moment = moments.get(reading.slug)
    return Seen(
        reading=reading,
        due=moment.due(reading.channel) if moment else (),
        is_topical=moment.formula.is_topical if moment else False,
        quiet_figures=_quiet(quiet, reading),
        told=moment.told_marks(reading.channel, moment.formula.products) if moment else frozenset(),
        marks=moment.marks() if moment else frozenset().union(*(one.marks() for one in moments.values())),
        conditions=conditions[reading.slug],
    )


def _quiet(quiet: dict[tuple[str, str, str], frozenset[str]], reading: Reading) -> frozenset[str]:
    """The kit tells the Drug Facts of what is for sale, so the page's figures are in order there."""
    surfaces = [(reading.surface, reading.channel), *([("page", "public_web")] if reading.surface == "kit" else [])]
    return frozenset().union(*(quiet.get((*surface, reading.slug), frozenset()) for surface in surfaces))


# Most of what is read at one moment is what was read at the moment before.
judge = lru_cache(maxsize=20_000)(faults_of)


def read(walker: Walker, *, when_in_force: bool) -> list[Reading]:
    """What tells no discount is read once for each book, at the moment when most could be told."""
    return [*walker.read_offers(), *(walker.read_what_tells_no_discount() if when_in_force else ())]


def rounds_of(state: State) -> list[Cases]:
    """All of them; two where no link is made, since nothing is left for a discount to stand beside."""
    return list(rounds()) if state.is_offered else list(rounds())[::4]


def moments_of(state: State, cases: Cases, *, is_in_window: bool) -> dict[str, Moment]:
    return {
        formula.slug: Moment(state, formula, cases[formula.program], number, is_in_window)
        for number, formula in enumerate(FORMULAS)
    }


@pytest.mark.parametrize("name", STATES)
def test_a_program_emits_on_no_channel_what_it_forbids(
    walker: Walker,
    quiet: dict[tuple[str, str, str], frozenset[str]],
    conditions: dict[str, re.Pattern[str]],
    name: str,
    record_property: Any,
) -> None:
    state, walked, count, faults = STATES[name], set(), 0, []
    for cases in rounds_of(state):
        walker.put(book_of(state, cases, PRODUCTS))
        for when, now, is_in_window in MOMENTS:
            moments = moments_of(state, cases, is_in_window=is_in_window)
            with time_machine.travel(now, tick=False):
                readings = read(walker, when_in_force=now == START)
            for reading in readings:
                found = judge(seen(reading, moments, quiet, conditions))
                keys = [figure.key for figure in cases.get(_program(reading.slug), ())]
                faults += [f"{when}, {keys}, {reading.surface} {reading.channel}: {one}" for one in found]
                walked.add((reading.slug, when, tuple(keys), reading.channel))
            count += len(readings)
    record_property("combinations", len(walked))
    record_property("surfaces", count)
    assert not faults, "\n".join([f"{len(faults)} faults on {count} surfaces of {name}", *faults[:20]])


def _program(slug: str) -> str:
    return next((formula.program for formula in FORMULAS if formula.slug == slug), "")


def test_every_case_of_discounts_is_walked_with_every_program_at_every_moment() -> None:
    walked = {
        (name, figures, when)
        for name, state in STATES.items()
        for cases in rounds_of(state)
        for figures in cases.values()
        for when, _, _ in MOMENTS
    }
    offered = [name for name, state in STATES.items() if state.is_offered]
    assert len(STATES) == 28
    assert len(offered) == 21
    assert len(CASES) == 24
    assert len([one for one in walked if one[0] in offered]) == 21 * 24 * 4
    assert {state.account.kind for state in STATES.values()} == {"fullscript", "amazon_associates", "template"}


# Where nothing of a formula's offers stands, and why it is not walked.
NOT_WALKED = {
    "static": "files of ours",
    "pages.short_page": "the page under its short name, byte for byte (tests/cards/test_short_page.py)",
    "qr_codes.qr_svg": "the same target as the PNG's (tests/sharing/test_qr.py)",
    "formulas.list_formulas": "summaries of what the formula's own address says",
    "herbs.list_herbs": "herbs have no products",
    "herbs.get_herb": "herbs have no products",
    "search.find": "names and what matched",
}
WALKED = {
    "pages.home",
    "pages.formula_page",
    "cards.card",
    "feeds.feed",
    "oembed.embed",
    "offers.list_offers",
    "formulas.get_formula",
    "share.get_share",
    "qr_codes.qr_png",
    "go.follow",
}


def test_every_address_that_shows_a_formula_is_walked_or_left_out_for_a_reason(walker: Walker) -> None:
    kinds = {"pages", "cards", "feeds", "oembed", "offers", "formulas", "herbs", "search", "share", "qr_codes", "go"}
    found = {
        rule.endpoint
        for rule in walker.app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint.partition(".")[0] in kinds
    }
    assert found - WALKED - set(NOT_WALKED) == set()
    assert found >= WALKED


@pytest.mark.parametrize(
    ("data", "is_admitted"),
    [
        ('{"@type": "DietarySupplement", "name": "A Formula"}', True),
        ('{"@type": "Drug", "name": "A Formula"}', False),
        ('{"@type": "DietarySupplement", "offers": []}', False),
        ('{"@type": "DietarySupplement", "maker": {"aggregateRating": 5}}', False),
    ],
)
def test_linked_data_is_held_to_its_rule_once_a_page_has_some(data: str, is_admitted: bool) -> None:
    body = f'<html><head><script type="application/ld+json">{data}</script></head><body>Words</body></html>'
    reading = read_html("page", "public_web", "a-formula", body)
    one = Seen(reading, (), False, frozenset(), frozenset(), frozenset(), re.compile("nothing"))
    assert reading.text == "Words"
    assert (list(linked_data_sells_nothing(one)) == []) is is_admitted
