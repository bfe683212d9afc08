from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.referrals.discounts import NEUTRAL_DISCOUNT, Discount
from service.referrals.offers import OfferSet, offers_for
from service.referrals.policy import Channel
from tests.referrals.books import book, discount, formula, program

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def offered(*discounts: object, channel: Channel = Channel.CONSOLE, now: datetime = NOW) -> OfferSet:
    found = program("fullscript", discounts=tuple(discounts))
    return offers_for(formula("fullscript"), channel, book=book(found), now=now)


def shown(*discounts: object, now: datetime = NOW) -> Discount | None:
    return offered(*discounts, now=now).offers[0].discount


def test_a_range_is_told_in_words_and_for_machines() -> None:
    told = shown(discount())
    assert told is not None
    assert told.text == "10–15 % off retail, applied at checkout after you sign in"
    assert told.metadata is not None
    assert (told.metadata["percent_min"], told.metadata["percent_max"], told.metadata["basis"]) == (10, 15, "retail")


def test_a_single_figure_and_a_code_are_told_in_words() -> None:
    told = shown(discount(percent_min=20, percent_max=20, how="code", code="SPRING"))
    assert told is not None
    assert told.text == "20 % off retail, with code SPRING"


def test_the_public_card_says_only_that_pricing_shows_after_sign_in() -> None:
    (offer,) = offered(discount(), channel=Channel.PUBLIC_WEB).offers
    assert offer.discount == Discount(NEUTRAL_DISCOUNT)


def test_a_discount_of_another_product_is_not_told() -> None:
    assert shown(discount(product="another")) is None


@pytest.mark.parametrize(
    ("starts", "ends", "is_told"),
    [(-1, 1, True), (0, 1, True), (-1, 0, False), (1, 2, False), (-2, -1, False)],
)
def test_a_window_begins_with_its_start_and_is_over_at_its_end(starts: int, ends: int, is_told: bool) -> None:
    window = discount(starts_at=NOW + starts * DAY, ends_at=NOW + ends * DAY)
    assert (shown(window) is not None) is is_told


def test_an_answer_is_valid_until_the_next_boundary() -> None:
    found = offered(
        discount(key="a", starts_at=NOW + 2 * DAY),
        discount(key="b", ends_at=NOW + DAY),
        discount(key="c", ends_at=NOW - DAY),
    )
    assert found.valid_until == NOW + DAY
    assert found.as_json()["valid_until"] == "2026-06-02T12:00:00Z"


def test_without_windows_an_answer_has_no_end() -> None:
    assert offered(discount()).valid_until is None


moments = st.integers(-200, 200).map(lambda hours: NOW + timedelta(hours=hours))


@given(st.lists(st.tuples(moments, moments), max_size=4), moments, moments)
def test_nothing_that_is_shown_changes_before_valid_until(
    windows: list[tuple[datetime, datetime]], now: datetime, later: datetime
) -> None:
    discounts = [
        discount(key=str(number), starts_at=min(pair), ends_at=max(pair) + DAY) for number, pair in enumerate(windows)
    ]
    found = offered(*discounts, now=now)
    if now <= later and (found.valid_until is None or later < found.valid_until):
        assert offered(*discounts, now=later).offers == found.offers


def test_windows_in_another_zone_are_the_same_moment() -> None:
    pacific = timezone(timedelta(hours=-7))
    assert shown(discount(starts_at=NOW.astimezone(pacific))) is not None
