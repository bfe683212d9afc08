"""The seed beside what somebody edited here, and what an edit may not do."""

import pytest
from flask import Flask

from service.extensions import db, transaction
from service.referrals.actions import (
    CHANGED,
    KEPT,
    change_discount,
    change_program,
    end_discount,
    keep_discounts,
    seed_discount,
    seed_program,
)
from service.referrals.queries import find_discount, get_program
from service.referrals.schemas import DiscountIn, ProgramIn
from service.shared.errors import BadInput
from tests.referrals.test_schemas import AMAZON, DISCOUNT, FULLSCRIPT


def test_what_was_edited_here_is_kept_from_the_seed(app: Flask) -> None:
    data = DiscountIn().load({**DISCOUNT, "key": "fullscript-patients", "percent_max": 12})
    with transaction():
        change_discount(data, by="an owner")
    with transaction():
        assert seed_discount({**data, "percent_max": 15}) == KEPT
        assert keep_discounts([]) == 0
    found = find_discount("fullscript-patients")
    assert found is not None
    assert (found.percent_max, found.edited_by) == (12, "an owner")


def test_a_discount_edited_here_never_stops_the_seed_whatever_its_program_became(app: Flask) -> None:
    program = get_program("fullscript")
    account = {"settings": program.settings, "takes_profit": False}
    ten = DiscountIn().load({**DISCOUNT, "key": "fullscript-patients", "percent_min": 10, "percent_max": 10})
    with transaction():
        change_discount(ten, by="an owner")
        change_program(ProgramIn().load({**FULLSCRIPT}), account, by="an owner")
    with transaction():
        assert seed_discount({**ten, "percent_max": 15}) == KEPT


def test_the_seeds_discount_is_left_aside_where_the_owners_program_no_longer_allows_it(app: Flask) -> None:
    fixed = DiscountIn().load({**DISCOUNT, "key": "fullscript-patients", "percent_min": 10, "percent_max": 10})
    with transaction():
        seed_discount(fixed)
        account = {"settings": get_program("fullscript").settings, "takes_profit": False}
        change_program(ProgramIn().load({**FULLSCRIPT}), account, by="an owner")
    with transaction():
        assert seed_discount({**fixed, "percent_max": 15}) == KEPT
    found = find_discount("fullscript-patients")
    assert found is not None
    assert found.percent_max == 10


def test_the_seed_may_move_a_program_and_its_discount_together(app: Flask) -> None:
    discount = DiscountIn().load({**DISCOUNT, "key": "fullscript-patients", "percent_max": 35})
    with transaction():
        seed_discount(discount)
    moved = {
        **FULLSCRIPT,
        "marketplace": "ca",
        "templates": {"welcome": "https://ca.fullscript.com/welcome/{dispensary}"},
        "allowed_hosts": ["ca.fullscript.com"],
    }
    with transaction():
        assert seed_program(ProgramIn().load(moved), {"settings": {"dispensary": "example-dispensary"}}) == CHANGED
        assert seed_discount({**discount, "percent_max": 25}) == CHANGED


def test_a_change_that_would_break_a_published_link_is_refused_whole(app: Flask) -> None:
    account = {"settings": {"tag": "mine-20"}, "example": False}
    data = ProgramIn().load({**AMAZON, "marketplace": "us"})
    with pytest.raises(BadInput, match="zheng-gu-shui-regular: The program has no template 'search'"), transaction():
        change_program(data, account, by="an owner")
    db.session.expire_all()
    assert get_program("amazon").settings == {"tag": "example-20"}


def test_a_dispensary_that_ends_its_profit_ends_other_discounts_first(app: Flask) -> None:
    account = {"settings": {"dispensary": "mine"}, "takes_profit": False}
    with pytest.raises(BadInput, match="fullscript-patients would break a rule"), transaction():
        change_program(ProgramIn().load(FULLSCRIPT), account, by="an owner")


def test_a_discount_ended_by_hand_is_over_at_once(app: Flask) -> None:
    found = find_discount("fullscript-patients")
    assert found is not None
    with transaction():
        end_discount(found, by="an owner")
    assert found.ends_at is not None
    with pytest.raises(BadInput, match="over already"):
        end_discount(found, by="an owner")
