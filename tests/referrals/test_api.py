from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from service.catalog.actions import raise_catalog_version
from service.extensions import db, transaction
from service.referrals.models import Discount

OFFERS = "/api/v1/formulas/{}/offers"
DU_HUO, ZHENG_GU = OFFERS.format("du-huo-ji-sheng-tang"), OFFERS.format("zheng-gu-shui")
START = datetime(2026, 6, 1, tzinfo=UTC)


def test_the_public_offer_of_a_formula_is_our_redirect_without_a_figure(client: FlaskClient) -> None:
    body = client.get(DU_HUO).json
    assert body is not None
    (offer,) = body["offers"]
    assert (offer["link"], offer["seller"]) == ("go", "Fullscript")
    assert offer["url"].startswith("https://herbs.example.com/go/")
    assert offer["discount"] == {"text": "Patient pricing shows after you sign in.", "metadata": None}


def test_the_public_offers_of_the_liniment_are_direct_and_labelled(client: FlaskClient) -> None:
    body = client.get(ZHENG_GU).json
    assert body is not None
    assert [offer["product"] for offer in body["offers"]] == ["zheng-gu-shui-regular", "zheng-gu-shui-ultra"]
    for offer in body["offers"]:
        assert offer["url"].startswith("https://www.amazon.com/s?k=")
        assert offer["url"].endswith("&tag=example-20")
        assert offer["paid_link_label"] == "(paid link)"
        assert offer["disclosure"].startswith("As an Amazon Associate I earn from qualifying purchases. ")


@pytest.mark.parametrize("channel", ["console", "message", "print", "speech"])
def test_private_channels_need_a_key(client: FlaskClient, channel: str) -> None:
    assert client.get(f"{DU_HUO}?channel={channel}").status_code == 401


def test_a_practitioner_sees_the_figure_and_no_cache_keeps_it(app: Flask, practitioner: dict[str, str]) -> None:
    answer = app.test_client().get(f"{DU_HUO}?channel=console", headers=practitioner)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json is not None
    discount = answer.json["offers"][0]["discount"]
    assert discount["text"] == "10–15 % off retail, applied at checkout after you sign in"
    assert discount["metadata"]["percent_max"] == 15


def test_an_unknown_channel_is_422(client: FlaskClient) -> None:
    answer = client.get(f"{DU_HUO}?channel=billboard")
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["pointer"] == "/query/channel"


def test_a_discount_starts_and_ends_on_time_though_answers_are_kept(app: Flask) -> None:
    with transaction():
        db.session.execute(update(Discount).values(starts_at=START, ends_at=START + timedelta(days=1)))
        raise_catalog_version()
    client = app.test_client()
    card = "/cards/du-huo-ji-sheng-tang"
    with time_machine.travel(START - timedelta(seconds=5), tick=False) as clock:
        assert "Patient pricing" not in client.get(card).get_data(as_text=True)
        clock.move_to(START)
        assert "Patient pricing" in client.get(card).get_data(as_text=True)
        clock.move_to(START + timedelta(days=1))
        assert "Patient pricing" not in client.get(card).get_data(as_text=True)
