"""A formula with two ways to buy it: its dispensary, and a shop that stands in."""

from typing import Any

from service.catalog.actions import save_formula
from service.catalog.queries import get_formula
from service.catalog.schemas import FormulaIn
from service.extensions import transaction
from service.publishing.actions import publish_formula, read_surroundings
from service.referrals.actions import seed_program
from service.referrals.queries import current_book

DU_HUO = "du-huo-ji-sheng-tang"
PRODUCT = f"{DU_HUO}-fullscript"
SHOP = {"program": "shop", "destination": {"template": "product", "variables": {"item": "du-huo"}}}
SEARCH = {"program": "amazon", "destination": {"template": "search", "variables": {"k": "Du Huo"}}}
OWN_URL = "https://us.fullscript.com/welcome/example-dispensary"
SHOP_URL = "https://shop.example.com/du-huo?rcode=A1"


def open_shop() -> None:
    """A program of kind template, its account A1."""
    with transaction():
        seed_program(
            {
                "key": "shop",
                "kind": "template",
                "seller": "A Shop",
                "templates": {"product": "https://shop.example.com/{item}{?rcode}"},
                "allowed_hosts": ["shop.example.com", "www.shop.example.com"],
                "enabled": True,
            },
            {"settings": {"rcode": "A1"}, "example": False},
        )


def offer(*substitutes: dict[str, Any], **changes: Any) -> None:
    """Publish the formula with these substitutes for its product."""
    with transaction():
        document = FormulaIn().dump(get_formula(DU_HUO))
        document["products"][0] |= {"substitutes": list(substitutes), **changes}
        save_formula(FormulaIn().load(document))
        publish_formula(DU_HUO, by="a test", reason="x", around=read_surroundings(), book=current_book())
