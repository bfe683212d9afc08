import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.catalog.actions import save_formula
from service.catalog.queries import get_formula
from service.catalog.schemas import FormulaIn
from service.extensions import transaction
from service.feeds import pages
from service.publishing.actions import publish_formula, read_surroundings
from service.referrals.queries import current_book


@pytest.fixture
def feed(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/feed.json")
    assert answer.mimetype == "application/feed+json"
    found: dict[str, Any] = json.loads(answer.data)
    return found


def test_the_feed_has_what_the_version_demands(feed: dict[str, Any]) -> None:
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "https://herbs.example.com/feed.json"
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert item["content_html"]
        assert item["content_text"]
        assert item["date_modified"].endswith("Z")
    assert len({item["id"] for item in feed["items"]}) == len(feed["items"]) == 3


def test_ids_do_not_follow_the_service_to_another_address(feed: dict[str, Any]) -> None:
    assert {item["id"] for item in feed["items"]} == {
        "formulary:formula:du-huo-ji-sheng-tang",
        "formulary:formula:shao-yao-gan-cao-tang",
        "formulary:formula:zheng-gu-shui",
    }


def test_no_vendors_link_and_no_discount_figure_is_in_the_feed(client: FlaskClient) -> None:
    text = client.get("/feed.json").get_data(as_text=True)
    for word in ("amazon.com", "fullscript.com", "/go/", "15 %", "percent"):
        assert word not in text


def test_every_item_carries_its_disclosures_and_cautions(feed: dict[str, Any]) -> None:
    for item in feed["items"]:
        own = item["_formulary"]
        assert own["cautions"]
        for text in (item["content_html"], item["content_text"]):
            assert "I earn" in text or "I may earn" in text
            assert "Discuss with your practitioner" in text
            assert "Not yet reviewed by a licensed practitioner" in text
            is_supplement = own["kind"] == "internal_formula"
            assert ("not intended to diagnose" in text) is is_supplement
            assert ("Drug Facts" in text) is not is_supplement


def test_the_two_strengths_are_told_apart_by_name(feed: dict[str, Any]) -> None:
    text = next(item for item in feed["items"] if item["id"].endswith("zheng-gu-shui"))["content_text"]
    for name in ("Zheng Gu Shui, Drug Facts", "Ultra Strength Zheng Gu Shui, Drug Facts"):
        assert name in text
    assert "Directions:" in text


def test_every_source_an_item_names_is_in_it(feed: dict[str, Any]) -> None:
    for item in feed["items"]:
        own = item["_formulary"]
        assert {key for row in own["cautions"] for key in row["sources"]} <= set(own["sources"])


def test_parameters_that_readers_add_are_ignored(client: FlaskClient) -> None:
    assert client.get("/feed.json?utm_source=reader").status_code == 200


def test_markup_is_escaped_in_html_and_left_alone_in_text(app: Flask) -> None:
    document = FormulaIn().dump(get_formula("zheng-gu-shui"))
    document["cautions"][1]["patient_text"] = "If it is < 2 & hot, stop."
    with transaction():
        save_formula(FormulaIn().load(document))
        publish_formula("zheng-gu-shui", by="x", reason="x", around=read_surroundings(), book=current_book())
    item = json.loads(app.test_client().get("/feed.json").data)["items"][0]
    assert "&lt; 2 &amp; hot" in item["content_html"]
    assert "< 2 & hot" in item["content_text"]


def test_the_newest_change_is_first(app: Flask) -> None:
    document = FormulaIn().dump(get_formula("du-huo-ji-sheng-tang"))
    document["category"] = "another class"
    with transaction():
        save_formula(FormulaIn().load(document))
        publish_formula("du-huo-ji-sheng-tang", by="x", reason="x", around=read_surroundings(), book=current_book())
    items = json.loads(app.test_client().get("/feed.json").data)["items"]
    assert items[0]["_formulary"]["slug"] == "du-huo-ji-sheng-tang"


def test_pages_followed_by_next_url_give_every_item_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "ITEMS_A_PAGE", 2)
    client, url, seen = app.test_client(), "/feed.json", []
    while url:
        page = json.loads(client.get(url).data)
        seen += [item["id"] for item in page["items"]]
        url = page.get("next_url", "").removeprefix("https://herbs.example.com")
    assert len(seen) == len(set(seen)) == 3


@pytest.mark.parametrize("cursor", ["!!", "ZHUtaHVv", "wrI", "OTk5OTk5OTk5OTk5OTk5OTk5OTk"])
def test_a_forged_cursor_is_a_problem_document(client: FlaskClient, cursor: str) -> None:
    answer = client.get(f"/feed.json?cursor={cursor}")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
