"""What an owner adds by hand: template programs and discounts, beside what the seed brought."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.extensions import db, transaction
from service.referrals.actions import change_discount, change_program, create_discount, create_program
from service.referrals.marketplaces import MARKETPLACES, templates_at
from service.referrals.models import Program
from service.referrals.presets import PRESETS
from service.referrals.queries import find_last_time_zone, find_program, get_program, list_products_by_program
from service.referrals.schemas import AccountIn, DiscountIn, ProgramIn
from service.seeding.files import SeedError
from service.shared.errors import BadInput
from tests.conftest import SEED
from tests.referrals.seeds import DU_HUO, plant, sold_through
from tests.referrals.test_schemas import AMAZON, DISCOUNT, PROGRAM


def add(**changes: Any) -> Program:
    with transaction():
        return create_program(ProgramIn().load({**PROGRAM, **changes}), {"settings": {"rcode": "A1"}}, by="an owner")


def discount(**changes: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = DiscountIn().load({**DISCOUNT, "program": "a-shop", **changes})
    return loaded


@pytest.fixture
def with_shop(tmp_path: Path) -> Path:
    """A seed whose first formula is sold by a program that the seed does not hold."""
    return sold_through("a-shop", "page", tmp_path / "seed")


def test_a_program_added_here_is_sold_through_and_outlives_the_seed(app: Flask, with_shop: Path) -> None:
    with pytest.raises(SeedError, match="there is no program 'a-shop'"):
        plant(with_shop)
    add()
    plant(with_shop)
    plant(with_shop)
    found = get_program("a-shop")
    assert (found.edited_by, found.settings) == ("an owner", {"rcode": "A1"})
    assert list_products_by_program()["a-shop"] == [(f"{DU_HUO}-fullscript", "Du Huo Ji Sheng Tang")]
    card = app.test_client().get(f"/cards/{DU_HUO}").text
    assert "at A Shop" in card


@pytest.mark.parametrize(
    ("changes", "pointer"), [({"key": "fullscript"}, "/key"), ({**AMAZON, "key": "second"}, "/kind")]
)
def test_only_a_template_program_by_a_new_key_is_added(app: Flask, changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(BadInput) as refusal:
        add(**changes)
    assert refusal.value.pointer == pointer
    assert find_program("second") is None


def test_a_program_can_be_switched_off_whatever_its_links_would_be(app: Flask) -> None:
    data = ProgramIn().load({**AMAZON, "marketplace": "us", "enabled": False})
    with transaction():
        change_program(data, {"settings": {"tag": "mine-20"}}, by="an owner")
    with pytest.raises(BadInput, match="would break"), transaction():
        change_program({**data, "enabled": True}, {"settings": {"tag": "mine-20"}}, by="an owner")


def test_a_discount_is_for_a_product_its_program_sells(app: Flask, with_shop: Path, client: FlaskClient) -> None:
    add()
    for wrong in ("zheng-gu-shui-regular", "no-such-product"):
        with pytest.raises(BadInput, match="leave the product out") as refusal, transaction():
            create_discount(discount(product=wrong), by="an owner")
        assert refusal.value.pointer == "/product"
    plant(with_shop)
    with transaction():
        create_discount(discount(product=f"{DU_HUO}-fullscript"), by="an owner")
    plant(SEED)  # sells it elsewhere again
    with transaction():
        changed = change_discount(discount(product=f"{DU_HUO}-fullscript", percent_max=20), by="an owner")
    assert changed.percent_max == 20


def test_a_new_discount_takes_no_others_key(app: Flask) -> None:
    with pytest.raises(BadInput) as refusal, transaction():
        create_discount(DiscountIn().load({**DISCOUNT, "key": "fullscript-patients"}), by="an owner")
    assert refusal.value.pointer == "/key"


def test_the_last_time_zone_is_the_last_edits(app: Flask) -> None:
    assert find_last_time_zone() is None
    with transaction():
        add()
        for key, zone in (("a", "America/New_York"), ("b", "Europe/Berlin")):
            window = {"ends_at": "2027-01-01T00:00:00", "time_zone": zone}
            made = create_discount(discount(key=key, **window), by="an owner")
            made.edited_at = made.edited_at and made.edited_at.replace(year=2026 if key == "a" else 2025)
    db.session.expire_all()
    assert find_last_time_zone() == "America/New_York"


def test_templates_move_with_the_marketplace_and_keep_the_rest() -> None:
    templates = {"search": "https://www.amazon.com/s{?k,tag}", "product": "https://www.amazon.com/dp/{asin}{?tag}"}
    assert templates_at(MARKETPLACES["amazon_associates"]["uk"], templates) == {
        "search": "https://www.amazon.co.uk/s{?k,tag}",
        "product": "https://www.amazon.co.uk/dp/{asin}{?tag}",
    }


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_a_preset_is_a_program_once_its_host_is_filled_in(preset: Any) -> None:
    templates = {name: text.replace("HOST", "links.example.com") for name, text in preset.templates.items()}
    written = {"key": preset.key, "kind": "template", "seller": "A Brand"}
    hosts = list(preset.hosts) or ["links.example.com"]
    assert ProgramIn().load({**written, "templates": templates, "allowed_hosts": hosts})
    assert AccountIn().load({"settings": dict.fromkeys(preset.settings, "1")})
