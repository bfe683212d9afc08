"""Programs of every kind, without a database."""

from typing import Any

from service.referrals.book import Book, KnownDiscount, KnownPractice, KnownProgram
from service.referrals.offers import OfferedFormula

PUBLIC_URL = "https://herbs.example.com"

TEMPLATES: dict[str, dict[str, Any]] = {
    "fullscript": {
        "seller": "Fullscript",
        "templates": {"welcome": "https://us.fullscript.com/welcome/{dispensary}"},
        "allowed_hosts": ("us.fullscript.com",),
        "settings": {"dispensary": "a-practice"},
    },
    "amazon_associates": {
        "seller": "Amazon",
        "templates": {"welcome": "https://www.amazon.com/s?k=liniment{&tag}"},
        "allowed_hosts": ("www.amazon.com",),
        "settings": {"tag": "a-practice-20"},
    },
    "template": {
        "seller": "A Shop",
        "templates": {"welcome": "https://shop.example.com/{?rcode}"},
        "allowed_hosts": ("shop.example.com",),
        "settings": {"rcode": "A1"},
    },
}


def discount(**changes: Any) -> KnownDiscount:
    values: dict[str, Any] = {
        "key": "d",
        "product": None,
        "percent_min": 10,
        "percent_max": 15,
        "amount": None,
        "currency": None,
        "basis": "retail",
        "how": "sign_in",
        "code": None,
        "audience": "patients",
        "terms": None,
        "starts_at": None,
        "ends_at": None,
        "time_zone": None,
    }
    return KnownDiscount(**{**values, **changes})


def program(kind: str, **changes: Any) -> KnownProgram:
    values: dict[str, Any] = {
        "key": kind.replace("_", "-"),
        "kind": kind,
        "is_example": False,
        "marketplace": None,
        "takes_profit": True,
        "placements": {},
        "policy": {},
        "disclosure": None,
        "enabled": True,
        "discounts": (),
        **TEMPLATES[kind],
    }
    return KnownProgram(**{**values, **changes})


def book(*programs: KnownProgram) -> Book:
    return Book(
        practice=KnownPractice("A Practice", "A Place", "https://practice.example.com"),
        programs={found.key: found for found in programs},
        public_url=PUBLIC_URL,
    )


def formula(program_kind: str, *, regulatory_class: str = "supplement") -> OfferedFormula:
    product = {
        "slug": "a-product",
        "name": "A Product",
        "program": program_kind.replace("_", "-"),
        "destination": {"template": "welcome"},
        "regulatory_class": regulatory_class,
    }
    kind = "topical" if regulatory_class == "otc_drug" else "internal_formula"
    return OfferedFormula("a-formula", kind, "A Formula", (product,))
