"""A published formula without a database, for what composes messages."""

import json
from datetime import UTC, datetime
from typing import Any

from service.catalog.queries import PublishedFormula

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def published(program: str, **changes: Any) -> PublishedFormula:
    """A formula with one product of a program's kind; `changes` are its title's, its names and its short name."""
    title = {"pinyin": "Du Huo Tang", "english": "Licorice Decoction", **changes.get("title", {})}
    public = {
        "slug": "du-huo-tang",
        "title": title,
        "names": [{"text": text, "script": "english", "lang": "en"} for text in changes.get("names", [])],
        "ingredients": [
            {"herb": "gan-cao", "title": {"english": "honey-fried licorice", "latin": "Glycyrrhizae Radix"}}
        ],
    }
    product = {
        "slug": "a-product",
        "name": "A Product",
        "program": program.replace("_", "-"),
        "destination": {"template": "welcome"},
        "regulatory_class": "supplement",
    }
    offered = {"kind": "internal_formula", "title": title["pinyin"], "products": [product]}
    if "short_name" in changes:
        offered["short_name"] = changes["short_name"]
    return PublishedFormula("du-huo-tang", json.dumps(public), json.dumps(offered), 1, NOW, 1)
