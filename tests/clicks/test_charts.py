from datetime import UTC, datetime

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from service.clicks.charts import HEIGHT, WIDTH, draw_bars, round_up
from service.clicks.queries import FACETS, Total, count_reasons, last_days, list_daily_totals, list_totals
from service.extensions import db, transaction
from tests.clicks.test_api import add

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@given(values=st.lists(st.integers(0, 10**9), max_size=60))
def test_every_bar_stands_within_the_chart_on_the_axis(values: list[int]) -> None:
    chart = draw_bars("Clicks", [Total(str(place), value, 0) for place, value in enumerate(values)])
    assert [value for _, value in chart.rows] == values
    edge = 0.0
    for bar in chart.bars:
        assert bar.x >= edge - 0.02
        edge = bar.x + bar.width
        assert 0 <= bar.height <= HEIGHT
        assert bar.y + bar.height == pytest.approx(HEIGHT, abs=0.02)
        assert (bar.height == 0) or bar.value > 0
    assert edge <= WIDTH


@given(value=st.integers(0, 10**12))
def test_the_axis_ends_at_a_round_number_not_far_above(value: int) -> None:
    top = round_up(value)
    assert value <= top <= max(1, 2.5 * value)
    assert str(top).rstrip("0") in ("1", "2", "5")


def test_a_chart_says_in_words_what_it_draws() -> None:
    chart = draw_bars("Clicks a day", [Total("2026-11-23", 4, 1), Total("2026-11-24", 1200, 0)])
    assert chart.summary == "Clicks a day: 1,204 in all, the most 1,200 (2026-11-24)."
    assert (chart.top, chart.first, chart.last) == (2000, "2026-11-23", "2026-11-24")
    assert draw_bars("Clicks", []).summary == "Clicks: no clicks."


@pytest.fixture
def some_clicks(app: Flask) -> None:
    with transaction():
        add(24, 5, "one", "counted", 7)
        add(24, 6, "two", "counted", 9)
        add(23, 5, "one", "repeat", 2)
        add(20, 5, "one", "bot", 4)
    db.session.remove()


def test_every_day_has_a_total_also_those_without_clicks(some_clicks: None) -> None:
    totals = list_daily_totals(last_days(30, now=NOON))
    assert len(totals) == 30
    assert totals[-1] == Total("2026-11-24", 16, 0)
    assert totals[-2] == Total("2026-11-23", 0, 2)
    assert totals[0] == Total("2026-10-26", 0, 0)


def test_totals_are_told_by_product_the_most_counted_first(some_clicks: None) -> None:
    assert list_totals("product", last_days(30, now=NOON)) == [Total("two", 9, 0), Total("one", 7, 6)]
    for facet in FACETS:
        assert sum(total.counted for total in list_totals(facet, last_days(30, now=NOON))) == 16


def test_reasons_are_counted_and_all_there(some_clicks: None) -> None:
    within = last_days(30, now=NOON)
    assert count_reasons(within) == {"head": 0, "prefetch": 0, "privacy": 0, "preview": 0, "bot": 4, "repeat": 2}
    empty = last_days(1, now=datetime(2020, 1, 1, tzinfo=UTC))
    assert set(count_reasons(empty).values()) == {0}
