"""Which discount is told, in which words, and what it makes of a price."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.referrals.book import KnownDiscount, KnownProgram
from service.referrals.discounts import NEUTRAL_DISCOUNT, OVERLAP_RULE, in_force, in_words, tell_discount, tell_price
from service.referrals.policy import Cell, Channel, DiscountView, LinkForm
from tests.referrals.books import discount, program

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FIGURE = Cell(LinkForm.PAGE, DiscountView.FIGURE)
NEUTRAL = Cell(LinkForm.PAGE, DiscountView.NEUTRAL)
RETAIL = {"retail_price": {"amount": "29.90", "currency": "USD", "as_of": "2026-05-03"}}


def shop(*discounts: KnownDiscount) -> KnownProgram:
    return program("template", discounts=discounts)


def first(*discounts: KnownDiscount, product: str = "a-product") -> str:
    return in_force(shop(*discounts), product, NOW)[0].key


def test_the_products_own_comes_before_the_programs_however_small() -> None:
    assert first(discount(key="all", percent_max=30), discount(key="own", product="a-product", percent_max=12)) == "own"
    assert first(discount(key="all"), discount(key="own", product="a-product"), product="another") == "all"


def test_a_percentage_comes_before_an_amount_and_the_larger_before_the_smaller() -> None:
    amount = {"percent_min": None, "percent_max": None, "currency": "USD"}
    assert first(discount(key="p"), discount(key="a", amount="20.00", **amount)) == "p"
    assert first(discount(key="p"), discount(key="q", percent_max=20)) == "q"
    assert first(discount(key="a", amount="9.00", **amount), discount(key="b", amount="10.00", **amount)) == "b"


@given(st.permutations(["x", "y", "z"]))
def test_the_order_of_entry_never_decides(keys: list[str]) -> None:
    assert first(*(discount(key=key) for key in keys)) == "z"


def test_an_overlap_is_shown_with_its_rule() -> None:
    program_wide, own = (
        discount(key="all", audience="public"),
        discount(key="own", product="a-product", audience="public"),
    )
    told = tell_discount(in_force(shop(program_wide, own), "a-product", NOW), FIGURE, Channel.CONSOLE)
    assert told is not None
    assert told.metadata is not None
    assert (told.metadata["key"], told.metadata["stands_before"], told.metadata["rule"]) == (
        "own",
        ["all"],
        OVERLAP_RULE,
    )
    alone = tell_discount([own], FIGURE, Channel.CONSOLE)
    assert alone is not None
    assert alone.metadata is not None
    assert alone.metadata["rule"] is None


@pytest.mark.parametrize(
    ("audience", "channels"),
    [
        ("public", set(Channel)),
        ("patients", {Channel.CONSOLE, Channel.MESSAGE, Channel.PRINT, Channel.SPEECH}),
        ("practitioner", {Channel.CONSOLE}),
    ],
)
def test_a_figure_is_told_only_where_its_audience_listens(audience: str, channels: set[Channel]) -> None:
    for channel in Channel:
        told = tell_discount([discount(audience=audience, how="automatic")], FIGURE, channel)
        assert (told is not None) is (channel in channels)


def test_a_discount_for_practitioners_is_not_even_hinted_at() -> None:
    assert tell_discount([discount(audience="practitioner")], NEUTRAL, Channel.PUBLIC_WEB) is None
    told = tell_discount([discount(audience="patients")], NEUTRAL, Channel.PUBLIC_WEB)
    assert told is not None
    assert told.text == NEUTRAL_DISCOUNT


@pytest.mark.parametrize(
    ("marketplace", "takes_profit", "percents", "stands"),
    [
        ("us", True, (10, 35), True),
        ("us", True, (10, 36), False),
        ("ca", True, (10, 25), True),
        ("ca", True, (10, 26), False),
        ("us", False, (10, 10), True),
        ("us", False, (5, 10), False),
        ("us", False, (15, 15), False),
    ],
)
def test_what_fullscript_does_not_allow_is_never_in_force(
    marketplace: str, takes_profit: bool, percents: tuple[int, int], stands: bool
) -> None:
    found = program(
        "fullscript",
        marketplace=marketplace,
        takes_profit=takes_profit,
        discounts=(discount(percent_min=percents[0], percent_max=percents[1]),),
    )
    assert bool(in_force(found, "a-product", NOW)) is stands


def test_no_discount_of_amazons_is_ever_in_force() -> None:
    assert in_force(program("amazon_associates", discounts=(discount(),)), "a-product", NOW) == []


@pytest.mark.parametrize(
    ("changes", "written", "spoken"),
    [
        (
            {},
            "10–15 % off retail, applied at checkout after you sign in",
            "10 to 15 percent off the retail price, taken off at checkout after you sign in",
        ),
        (
            {"percent_min": None, "percent_max": None, "amount": "5", "currency": "USD", "how": "automatic"},
            "$5.00 off retail, applied at checkout",
            "5.00 dollars off the retail price, taken off at checkout",
        ),
        (
            {
                "percent_max": 10,
                "how": "code",
                "code": "MAY",
                "ends_at": datetime(2026, 6, 1, tzinfo=ZoneInfo("America/Los_Angeles")),
                "time_zone": "America/Los_Angeles",
            },
            "10 % off retail, with code MAY, until 31 May 2026",
            "10 percent off the retail price, with the code MAY, until 31 May 2026",
        ),
        (
            {"ends_at": datetime(2026, 6, 1, 18, tzinfo=UTC), "time_zone": "America/Los_Angeles"},
            "10–15 % off retail, applied at checkout after you sign in, until 1 June 2026, 10:59 PDT",
            (
                "10 to 15 percent off the retail price, taken off at checkout after you sign in, "
                "until 1 June 2026, 10:59 PDT"
            ),
        ),
    ],
)
def test_a_discount_is_worded_for_the_eye_and_for_the_ear(changes: dict[str, Any], written: str, spoken: str) -> None:
    assert in_words(discount(**changes), Channel.CONSOLE) == written
    assert in_words(discount(**changes), Channel.SPEECH) == spoken


@pytest.mark.parametrize(
    ("ends_at", "told"),
    [
        (datetime(2026, 11, 1, 9, tzinfo=UTC), "1 November 2026, 01:59 PDT"),
        (datetime(2026, 11, 1, 9, 30, tzinfo=UTC), "1 November 2026, 01:29 PST"),
        (datetime(2026, 3, 8, 10, tzinfo=UTC), "8 March 2026, 01:59 PST"),
    ],
)
def test_the_last_minute_is_one_that_the_clocks_show(ends_at: datetime, told: str) -> None:
    found = in_words(discount(ends_at=ends_at, time_zone="America/Los_Angeles"), Channel.CONSOLE)
    assert found.endswith(f"until {told}")


def test_a_price_is_computed_from_the_owners_entry_and_says_its_day() -> None:
    price = tell_price(RETAIL, "fullscript", [discount()], FIGURE, Channel.CONSOLE)
    assert price is not None
    # 29.90 less 15 % is 25.415, less 10 % is 26.91; halves go up.
    assert (price.lowest, price.highest, price.retail) == ("25.42", "26.91", "29.90")
    assert price.text == "about $25.42–26.91 instead of $29.90, retail price as of 3 May 2026"


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("kind", ["fullscript", "amazon_associates", "template"])
def test_a_price_is_told_on_private_channels_alone_and_never_for_amazon(kind: str, channel: Channel) -> None:
    price = tell_price(RETAIL, kind, [discount(audience="public")], FIGURE, channel)
    is_private = channel in (Channel.CONSOLE, Channel.MESSAGE, Channel.SPEECH)
    assert (price is not None) is (is_private and kind != "amazon_associates")


def test_without_an_entry_or_without_a_figure_there_is_no_price() -> None:
    assert tell_price({}, "template", [discount()], FIGURE, Channel.CONSOLE) is None
    assert tell_price(RETAIL, "template", [discount()], NEUTRAL, Channel.CONSOLE) is None


def test_an_amount_in_another_currency_is_not_taken_off() -> None:
    euros = discount(percent_min=None, percent_max=None, amount="5.00", currency="EUR")
    price = tell_price(RETAIL, "template", [euros], FIGURE, Channel.CONSOLE)
    assert price is not None
    assert price.lowest == price.highest == "29.90"


@given(st.decimals("0.01", "9999", places=2), st.integers(1, 100), st.integers(1, 100))
def test_a_price_never_rises_nor_falls_below_nothing(amount: Decimal, one: int, other: int) -> None:
    low, high = sorted((one, other))
    product = {"retail_price": {"amount": str(amount), "currency": "USD", "as_of": "2026-05-03"}}
    price = tell_price(product, "template", [discount(percent_min=low, percent_max=high)], FIGURE, Channel.CONSOLE)
    assert price is not None
    assert 0 <= Decimal(price.lowest) <= Decimal(price.highest) <= amount


def test_a_discount_ends_with_its_last_moment() -> None:
    ends = NOW + timedelta(hours=1)
    found = shop(discount(ends_at=ends))
    assert in_force(found, "a-product", ends - timedelta(microseconds=1))
    assert not in_force(found, "a-product", ends)
