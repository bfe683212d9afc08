"""What a program, an account and a discount may be."""

from typing import Any

import pytest
from flask import Flask
from marshmallow import ValidationError

from service.extensions import transaction
from service.referrals.actions import (
    seed_discount,
    seed_program,
)
from service.referrals.marketplaces import fault_of_account, kind_of_host
from service.referrals.schemas import DiscountIn, ProgramIn
from service.shared.errors import BadInput

PROGRAM = {
    "key": "a-shop",
    "kind": "template",
    "seller": "A Shop",
    "templates": {"page": "https://shop.example.com/{?rcode}"},
    "allowed_hosts": ["shop.example.com"],
}
DISCOUNT = {
    "key": "d",
    "program": "fullscript",
    "percent_min": 10,
    "percent_max": 15,
    "basis": "retail",
    "how": "sign_in",
    "audience": "patients",
}


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("www.amazon.com", "amazon_associates"),
        ("amzn.to", "amazon_associates"),
        ("us.fullscript.com", "fullscript"),
        ("shop.example.com", "template"),
        ("notamazon.com", "template"),
    ],
)
def test_a_host_belongs_to_the_kind_whose_rules_hold_there(host: str, kind: str) -> None:
    assert kind_of_host(host) == kind


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"allowed_hosts": ["shop.example.com", "www.amazon.com"]}, "allowed_hosts"),
        ({"allowed_hosts": ["shop.example.com", "us.fullscript.com"]}, "allowed_hosts"),
        ({"kind": "amazon_associates"}, "allowed_hosts"),
        ({"templates": {"page": "http://shop.example.com/"}}, "templates"),
        ({"templates": {"page": "https://elsewhere.example.com/"}}, "templates"),
        ({"templates": {"page": "https://{host}/"}}, "templates"),
        ({"policy": {"feed": {"link": "go"}}}, "policy"),
        ({"policy": {"billboard": {"link": "go"}}}, "policy"),
    ],
)
def test_a_program_that_could_break_a_rule_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        ProgramIn().load({**PROGRAM, **changes})
    assert field in str(refusal.value.messages)


def test_a_template_program_may_set_its_policy() -> None:
    assert ProgramIn().load({**PROGRAM, "policy": {"console": {"link": "go", "discount": "none"}}})


LEAVE = {"note": "Their letter allows it.", "given_on": "2026-01-02"}
FULLSCRIPT = {
    "key": "fullscript",
    "kind": "fullscript",
    "seller": "Fullscript",
    "templates": {"welcome": "https://us.fullscript.com/welcome/{dispensary}"},
    "allowed_hosts": ["us.fullscript.com"],
}
AMAZON = {
    "key": "amazon",
    "kind": "amazon_associates",
    "seller": "Amazon",
    "templates": {"product": "https://www.amazon.com/dp/{asin}{?tag}"},
    "allowed_hosts": ["www.amazon.com"],
}


@pytest.mark.parametrize(
    ("program", "policy"),
    [
        (FULLSCRIPT, {"public_web": {"discount": "figure"}}),
        (FULLSCRIPT, {"feed": {"discount": "neutral"}}),
        (FULLSCRIPT, {"message": {"link": "direct"}}),
        (AMAZON, {"message": {"link": "direct"}}),
        (AMAZON, {"feed": {"link": "direct"}}),
        (PROGRAM, {"message": {"link": "direct"}}),
    ],
)
def test_a_looser_rule_is_refused_without_a_permission_and_taken_with_one(
    program: dict[str, Any], policy: dict[str, dict[str, Any]]
) -> None:
    with pytest.raises(ValidationError, match="permission, its wording"):
        ProgramIn().load({**program, "policy": policy})
    for half in ({"note": "x"}, {"given_on": "2026-01-02"}, {"note": "", "given_on": "2026-01-02"}):
        with pytest.raises(ValidationError):
            ProgramIn().load(
                {**program, "policy": {channel: {**cell, "permission": half} for channel, cell in policy.items()}}
            )
    permitted = {channel: {**cell, "permission": LEAVE} for channel, cell in policy.items()}
    assert ProgramIn().load({**program, "policy": permitted})


@pytest.mark.parametrize(
    ("program", "policy"),
    [
        (AMAZON, {"public_web": {"link": "go", "permission": LEAVE}}),
        (AMAZON, {"public_web": {"discount": "figure", "permission": LEAVE}}),
        (AMAZON, {"print": {"link": "direct", "permission": LEAVE}}),
        (FULLSCRIPT, {"speech": {"link": "direct", "permission": LEAVE}}),
        (PROGRAM, {"message": {"link": "go", "permission": LEAVE}}),
        (PROGRAM, {"message": {"link": "direct", "permission": {**LEAVE, "given_on": "2199-01-01"}}}),
        (PROGRAM, {"message": {"link": "direct", "permission": {**LEAVE, "given_on": "2026-02-30"}}}),
    ],
)
def test_some_rules_no_permission_loosens(program: dict[str, Any], policy: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ProgramIn().load({**program, "policy": policy})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"allowed_hosts": ["www.amazon.de"]}, "allowed_hosts"),
        ({"marketplace": "de"}, "allowed_hosts"),
        ({"marketplace": "atlantis"}, "marketplace"),
        ({"allowed_hosts": ["www.amazon.com", "amzn.to"]}, "allowed_hosts"),
    ],
)
def test_an_amazon_program_keeps_to_its_marketplaces_host(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        ProgramIn().load({**AMAZON, **changes})
    assert field in str(refusal.value.messages)


@pytest.mark.parametrize(
    "template",
    [
        "https://shop.example.com/{?email}",
        "https://shop.example.com/{?patientId}",
        "https://shop.example.com/{?first_name}",
        "https://shop.example.com/{?dob}",
        "https://shop.example.com/{?customer}",
        "https://shop.example.com/?phone={rcode}",
        "https://shop.example.com/?clickref=555-010-2030{&rcode}",
        "https://shop.example.com/?subId1=1980-02-03{&rcode}",
        "https://shop.example.com/?to=jane@example.com{&rcode}",
        "https://shop.example.com/?clickref={rcode}",
        "https://shop.example.com/{?clickref}",
        "https://shop.example.com/?subId1=spring-letter{&rcode}",
    ],
)
def test_a_template_never_carries_a_patient(template: str) -> None:
    with pytest.raises(ValidationError, match=r"patient|person|phone number"):
        ProgramIn().load({**PROGRAM, "templates": {"page": template}})


@pytest.mark.parametrize(
    "template",
    [
        "https://shop.example.com/{unclosed",
        "https://shop.example.com/{}",
        "https://shop.example.com/{a b}",
        "https://shop.example.com/{a}}",
        "https://shop.example.com:8443/{?rcode}",
        "https://user:pass@shop.example.com/{?rcode}",
        "https://shop.example.com/../{?rcode}",
        "http://shop.example.com/{?rcode}",
        "https://other.example.com/{?rcode}",
    ],
)
def test_a_malformed_template_is_refused_where_it_is_entered(template: str) -> None:
    with pytest.raises(ValidationError, match=r"Write each variable|Begin with https"):
        ProgramIn().load({**PROGRAM, "templates": {"page": template}})


@pytest.mark.parametrize(
    ("kind", "settings", "setting"),
    [
        ("amazon_associates", {"tag": "practice"}, "tag"),
        ("amazon_associates", {}, "tag"),
        ("amazon_associates", {"tag": "practice-21"}, "tag"),
        ("amazon_associates", {"tag": "Practice-20"}, "tag"),
        ("fullscript", {"dispensary": "mine", "subid": "jane@example.com"}, "subid"),
        ("template", {"clickref": "Jane Doe"}, "clickref"),
        ("fullscript", {"dispensary": "A Practice"}, "dispensary"),
    ],
)
def test_an_account_in_another_form_is_named(kind: str, settings: dict[str, str], setting: str) -> None:
    fault = fault_of_account(kind, None, settings)
    assert fault is not None
    assert fault[0] == setting


@pytest.mark.parametrize(
    ("changes", "pointer"), [({"percent_max": 36}, "/percent_max"), ({"product": "a-product"}, "/product")]
)
def test_a_fullscript_discount_keeps_to_its_cap_and_its_dispensary(
    app: Flask, changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(BadInput) as refusal, transaction():
        seed_discount({**DISCOUNT, **changes})
    assert refusal.value.pointer == pointer


@pytest.mark.parametrize(
    "changes",
    [
        {"percent_min": 20},
        {"how": "code"},
        {"code": "X"},
        {"starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-02-01T00:00:00Z"},
        {"starts_at": "2026-02-01T00:00:00"},
        {"starts_at": "2026-02-01T00:00:00", "time_zone": "Mars/Olympus"},
        # Clocks leap from 2 to 3 on this day there.
        {"starts_at": "2026-03-08T02:30:00", "time_zone": "America/Los_Angeles"},
        {"percent_min": None},
        {"amount": "5.00", "currency": "USD"},
        {"percent_max": 101},
        {"basis": "wholesale"},
    ],
)
def test_a_discount_that_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DiscountIn().load({**DISCOUNT, **changes})


def test_an_amount_needs_its_currency() -> None:
    plain = {key: value for key, value in DISCOUNT.items() if not key.startswith("percent")}
    assert DiscountIn().load({**plain, "amount": "5.00", "currency": "USD"})["amount"] == "5.00"
    for amount in ("5", "0.50"):
        assert DiscountIn().load({**plain, "amount": amount, "currency": "USD"})
    for wrong in ({"amount": "5.00"}, {"currency": "USD"}, {"amount": "0", "currency": "USD"}, {}):
        with pytest.raises(ValidationError):
            DiscountIn().load({**plain, **wrong})


def test_a_window_may_be_told_by_the_clock_on_the_wall() -> None:
    window = {"starts_at": "2026-07-01T00:00:00", "ends_at": "2026-12-01T00:00:00", "time_zone": "America/Los_Angeles"}
    loaded = DiscountIn().load({**DISCOUNT, **window})
    assert loaded["starts_at"].isoformat() == "2026-07-01T07:00:00+00:00"
    assert loaded["ends_at"].isoformat() == "2026-12-01T08:00:00+00:00"


@pytest.mark.parametrize(
    "window",
    [
        {"starts_at": "0001-01-01T00:00:00", "time_zone": "Asia/Tokyo"},
        {"starts_at": "0001-01-01T00:00:00+05:00"},
        {"ends_at": "9999-12-31T23:59:00", "time_zone": "Pacific/Honolulu"},
        {"ends_at": "0001-01-01T00:00:00Z"},
        {"ends_at": "2101-01-01T00:00:00Z"},
    ],
)
def test_a_window_is_of_our_times(window: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="Give a year from 2000 to 2100"):
        DiscountIn().load({**DISCOUNT, **window})


def test_of_two_times_alike_the_earlier_is_meant() -> None:
    window = {"ends_at": "2026-11-01T01:30:00", "time_zone": "America/Los_Angeles"}
    assert DiscountIn().load({**DISCOUNT, **window})["ends_at"].isoformat() == "2026-11-01T08:30:00+00:00"


def test_a_tag_of_a_placement_is_checked_like_the_accounts_own(app: Flask) -> None:
    account = {"settings": {"tag": "practice-20"}, "placements": {"card": {"tag": "practice-21"}}}
    with pytest.raises(BadInput) as refusal, transaction():
        seed_program(ProgramIn().load(AMAZON), account)
    assert refusal.value.pointer == "/placements/card/tag"
