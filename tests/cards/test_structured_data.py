"""The JSON-LD of a page tells what the page shows, and sells nothing."""

import html
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

SLUGS = ["du-huo-ji-sheng-tang", "shao-yao-gan-cao-tang", "zheng-gu-shui"]


def read(client: FlaskClient, slug: str) -> tuple[str, dict[str, Any]]:
    page = client.get(f"/f/{slug}").get_data(as_text=True)
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    return html.unescape(re.sub(r"<[^>]+>", " ", page)), json.loads(found)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_sentence_of_it_is_shown_on_the_page(client: FlaskClient, slug: str) -> None:
    page, data = read(client, slug)
    shown = " ".join(page.split())
    for name in [data["name"], *data["alternateName"]]:
        assert name in shown
    for caution in data["warning"] if slug == "zheng-gu-shui" else data["safetyConsideration"]:
        assert caution.partition(": ")[2] in shown
    assert data["url"] == f"https://herbs.example.com/f/{slug}"


@pytest.mark.parametrize("slug", SLUGS)
def test_it_makes_no_offer_and_gives_no_rating(client: FlaskClient, slug: str) -> None:
    _, data = read(client, slug)
    text = json.dumps(data).lower()
    for word in ("offer", "price", "rating", "amazon", "fullscript", "/go/", "%"):
        assert word not in text


def test_the_liniment_is_a_drug_and_what_is_swallowed_a_supplement_and_neither_makes_a_claim(
    client: FlaskClient,
) -> None:
    for slug in SLUGS:
        _, data = read(client, slug)
        assert data["@type"] == ("Drug" if slug == "zheng-gu-shui" else "DietarySupplement")
        assert "description" not in data
