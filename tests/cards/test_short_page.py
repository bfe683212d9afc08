"""The page at its short name, as people type what they heard."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.catalog.actions import save_formula
from service.catalog.queries import get_formula
from service.catalog.schemas import FormulaIn
from service.extensions import transaction
from service.publishing.actions import publish_formula, read_surroundings, withdraw_formula
from service.referrals.queries import current_book

SHORT_NAMES = {
    "du-huo": "du-huo-ji-sheng-tang",
    "shao-yao": "shao-yao-gan-cao-tang",
    "zheng-gu": "zheng-gu-shui",
}


def publish(slug: str, **changes: Any) -> None:
    document = {**FormulaIn().dump(get_formula(slug)), **changes}
    with transaction():
        save_formula(FormulaIn().load(document))
        publish_formula(slug, by="x", reason="x", around=read_surroundings(), book=current_book())


@pytest.mark.parametrize(("short_name", "slug"), SHORT_NAMES.items())
def test_a_short_name_answers_with_the_page_itself(client: FlaskClient, short_name: str, slug: str) -> None:
    answer = client.get(f"/{short_name}")
    assert answer.status_code == 200
    assert answer.data == client.get(f"/f/{slug}").data
    assert f'<link rel="canonical" href="https://herbs.example.com/f/{slug}">' in answer.get_data(as_text=True)
    assert f'value="https://herbs.example.com/{short_name}"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "spelling", ["duhuo", "DuHuo", "Du-Huo", "DU-HUO", "du%20huo", "du_huo", "d-u-h-u-o", "du-huo-"]
)
def test_a_short_name_is_found_however_it_is_spelled(client: FlaskClient, spelling: str) -> None:
    assert client.get(f"/{spelling}").data == client.get("/du-huo").data


def test_only_the_spellings_that_are_told_are_kept_in_memory(app: Flask) -> None:
    client, layer = app.test_client(), app.extensions["published_bytes"]
    for spelling in ("du-huo", "duhuo", "DuHuo", "dUhUo", "du_huo", "d-uhuo"):
        assert client.get(f"/{spelling}").status_code == 200
    assert sorted(layer._entries) == [("/du-huo", ""), ("/duhuo", "")]


@pytest.mark.parametrize("path", ["/no-such", "/du", "/du.huo", "/robots.txt", "/du-huo/", "/" + "a" * 300])
def test_an_unknown_name_is_an_ordinary_404_page(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_our_own_addresses_come_before_short_names(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "alive"}
    assert client.get("/api").status_code == 308


def test_a_withdrawn_formula_is_gone_at_its_short_name_too(app: Flask) -> None:
    with transaction():
        withdraw_formula("zheng-gu-shui", by="x", reason="x")
    for path in ("/zheng-gu", "/ZhengGu", "/f/zheng-gu-shui/qr.svg", "/f/zheng-gu-shui/qr.png"):
        answer = app.test_client().get(path)
        assert (answer.status_code, answer.mimetype) == (410, "text/html")


def test_an_earlier_short_name_goes_on_finding_its_formula(app: Flask) -> None:
    publish("zheng-gu-shui", short_name="liniment")
    client = app.test_client()
    assert client.get("/zheng-gu").data == client.get("/liniment").data == client.get("/f/zheng-gu-shui").data
    assert "https://herbs.example.com/liniment" in client.get("/zheng-gu").get_data(as_text=True)


def test_a_formula_without_a_short_name_shares_its_page(app: Flask) -> None:
    document = FormulaIn().dump(get_formula("zheng-gu-shui"))
    del document["short_name"]
    with transaction():
        save_formula(FormulaIn().load(json.loads(json.dumps(document))))
        publish_formula("zheng-gu-shui", by="x", reason="x", around=read_surroundings(), book=current_book())
    page = app.test_client().get("/f/zheng-gu-shui").get_data(as_text=True)
    assert 'value="https://herbs.example.com/f/zheng-gu-shui"' in page


@pytest.mark.parametrize("slug", SHORT_NAMES.values())
def test_the_share_section_names_no_condition(client: FlaskClient, slug: str) -> None:
    section = client.get(f"/f/{slug}").get_data(as_text=True).partition('id="share"')[2].partition("</section>")[0]
    assert f'src="/f/{slug}/qr.svg"' in section
    for word in ("pain", "ache", "arthritis", "cramp", "sprain", "numb", "%"):
        assert word not in section.lower()
