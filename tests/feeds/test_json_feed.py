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


def test_every_disclosure_of_the_offers_is_carried(client: FlaskClient, feed: dict[str, Any]) -> None:
    for item in feed["items"]:
        own = item["_formulary"]
        told = client.get(f"/api/v1/formulas/{own['slug']}/offers?channel=feed").json
        assert told is not None
        assert own["disclosures"] == told["disclosures"] != []
    liniment = next(item["_formulary"] for item in feed["items"] if item["_formulary"]["kind"] == "topical")
    assert {told["kind"] for told in liniment["disclosures"]} >= {"flammable", "age", "external_use", "drug_facts"}


def test_californias_warning_stands_in_the_texts_with_its_product(app: Flask) -> None:
    document = FormulaIn().dump(get_formula("du-huo-ji-sheng-tang"))
    document["products"][0]["prop_65"] = "WARNING: lead & more."
    with transaction():
        save_formula(FormulaIn().load(document))
        publish_formula("du-huo-ji-sheng-tang", by="x", reason="x", around=read_surroundings(), book=current_book())
    item, product = json.loads(app.test_client().get("/feed.json").data)["items"][0], document["products"][0]
    assert f"<p>{product['name']}: WARNING: lead &amp; more.</p>" in item["content_html"]
    assert f"{product['name']}: WARNING: lead & more." in item["content_text"].splitlines()
    assert {
        "kind": "prop_65", "where": "with_product", "text": "WARNING: lead & more.", "product": product["slug"]
    } in item["_formulary"]["disclosures"]  # fmt: skip


def test_every_part_of_the_text_has_a_line_of_its_own(feed: dict[str, Any]) -> None:
    for item in feed["items"]:
        lines = item["content_text"].splitlines()
        own = item["_formulary"]
        assert {row["text"] for row in own["indications"]} | set(own["statements"]) <= set(lines)
        assert {offer["disclosure"] for offer in own["offers"]} <= set(lines)
        assert lines[-3].startswith("Discuss with your practitioner")
        assert lines[-1].startswith("https://")


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


PRIVATE = "/feed.json?view=practitioner"


def read_private(app: Flask, key: dict[str, str], path: str = PRIVATE) -> dict[str, Any]:
    answer = app.test_client().get(path, headers=key)
    assert (answer.status_code, answer.mimetype) == (200, "application/feed+json"), answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Authorization" in answer.headers["Vary"]
    assert "ETag" not in answer.headers
    found: dict[str, Any] = json.loads(answer.data)
    return found


def test_the_private_feed_has_the_same_items_with_the_consoles_offers(app: Flask, practitioner: dict[str, str]) -> None:
    client = app.test_client()
    public, private = json.loads(client.get("/feed.json").data), read_private(app, practitioner)
    assert private["feed_url"] == f"https://herbs.example.com{PRIVATE}"
    for theirs, ours in zip(public["items"], private["items"], strict=True):
        offers = ours["_formulary"]["offers"]
        told = client.get(f"/api/v1/formulas/{ours['_formulary']['slug']}/offers?channel=console", headers=practitioner)
        assert told.json is not None
        assert offers == told.json["offers"]
        theirs["_formulary"].pop("offers")
        ours["_formulary"].pop("offers")
        assert ours == theirs
    metadata = [offer["discount"]["metadata"] for item in read_private(app, practitioner)["items"]
                for offer in item["_formulary"]["offers"] if offer["program"] == "fullscript"]  # fmt: skip
    assert [(told["percent_min"], told["percent_max"]) for told in metadata] == [(10, 15)] * 2


def test_the_private_feed_tells_a_price_the_public_one_never_does(app: Flask, practitioner: dict[str, str]) -> None:
    slug = "du-huo-ji-sheng-tang"
    document = FormulaIn().dump(get_formula(slug))
    document["products"][0]["retail_price"] = {"amount": "40.00", "currency": "USD", "as_of": "2026-11-01"}
    with transaction():
        save_formula(FormulaIn().load(document))
        publish_formula(slug, by="x", reason="x", around=read_surroundings(), book=current_book())
    (offer,) = read_private(app, practitioner)["items"][0]["_formulary"]["offers"]
    assert (offer["price"]["lowest"], offer["price"]["highest"]) == ("34.00", "36.00")
    assert "34.00" not in app.test_client().get("/feed.json").text


def test_the_private_feed_is_for_key_holders_and_leaves_the_public_one_as_it_was(
    app: Flask, practitioner: dict[str, str], administrator: dict[str, str]
) -> None:
    client, layer = app.test_client(), app.extensions["published_bytes"]
    public = client.get("/feed.json")
    for _ in range(2):
        refused = client.get(PRIVATE)
        assert (refused.status_code, refused.mimetype) == (401, "application/problem+json")
        assert client.get(PRIVATE, headers=administrator).status_code == 403
        read_private(app, practitioner)
    assert list(layer._entries) == [("/feed.json", "")]
    for headers in ({}, practitioner):
        again = client.get("/feed.json", headers=headers)
        assert (again.data, again.headers["ETag"]) == (public.data, public.headers["ETag"])
        assert again.headers["Cache-Control"].startswith("public,")


def test_pages_of_the_private_feed_stay_private(
    app: Flask, practitioner: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ITEMS_A_PAGE", 2)
    url, seen = PRIVATE, []
    while url:
        page = read_private(app, practitioner, url)
        seen += [item["id"] for item in page["items"]]
        url = page.get("next_url", "").removeprefix("https://herbs.example.com")
        assert not url or url.startswith(f"{PRIVATE}&cursor=")
    assert len(seen) == len(set(seen)) == 3


def test_a_view_that_is_not_known_is_refused_with_those_that_are(client: FlaskClient) -> None:
    answer = client.get("/feed.json?view=everything")
    assert answer.status_code == 422
    assert "public, practitioner" in answer.text


def test_an_items_address_is_plain_and_the_link_in_its_text_has_the_feeds_preset(client: FlaskClient) -> None:
    feed = client.get("/feed.json").json
    assert feed is not None
    for item in feed["items"]:
        slug = item["_formulary"]["slug"]
        assert item["url"] == f"https://herbs.example.com/f/{slug}"
        tagged = f"{item['url']}?utm_source=feed&utm_medium=feed&utm_campaign={slug}"
        assert tagged in item["content_text"]
        assert f'href="{tagged.replace("&", "&amp;")}"' in item["content_html"]
