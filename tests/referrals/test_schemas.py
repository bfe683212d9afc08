"""What a program, an account and a discount may be."""

from typing import Any

import pytest
from flask import Flask
from marshmallow import ValidationError

from service.extensions import transaction
from service.referrals.actions import save_discount
from service.referrals.policy import kind_of_host
from service.referrals.schemas import DiscountIn, ProgramIn, fault_of_account
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


@pytest.mark.parametrize(
    ("kind", "settings", "setting"),
    [
        ("amazon_associates", {"tag": "practice"}, "tag"),
        ("amazon_associates", {}, "tag"),
        ("fullscript", {"dispensary": "A Practice"}, "dispensary"),
    ],
)
def test_an_account_in_another_form_is_named(kind: str, settings: dict[str, str], setting: str) -> None:
    fault = fault_of_account(kind, settings)
    assert fault is not None
    assert fault[0] == setting


@pytest.mark.parametrize(
    ("changes", "pointer"), [({"percent_max": 36}, "/percent_max"), ({"product": "a-product"}, "/product")]
)
def test_a_fullscript_discount_keeps_to_its_cap_and_its_dispensary(
    app: Flask, changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(BadInput) as refusal, transaction():
        save_discount({**DISCOUNT, **changes})
    assert refusal.value.pointer == pointer


@pytest.mark.parametrize(
    "changes",
    [
        {"percent_min": 20},
        {"how": "code"},
        {"code": "X"},
        {"starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-02-01T00:00:00Z"},
        {"starts_at": "2026-02-01T00:00:00"},
        {"basis": "wholesale"},
    ],
)
def test_a_discount_that_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DiscountIn().load({**DISCOUNT, **changes})
