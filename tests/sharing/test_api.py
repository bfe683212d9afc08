from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy import update

from service.accounts.models import ApiKey
from service.catalog.actions import raise_catalog_version
from service.extensions import db, transaction
from service.publishing.actions import withdraw_formula
from service.referrals.models import Discount, Program

SHARE = "/api/v1/formulas/{}/share"
SLUGS = ["du-huo-ji-sheng-tang", "shao-yao-gan-cao-tang", "zheng-gu-shui"]
DU_HUO = SHARE.format(SLUGS[0])


def share_of(app: Flask, key: dict[str, str], slug: str = SLUGS[0]) -> dict[str, Any]:
    answer = app.test_client().get(SHARE.format(slug), headers=key)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json  # type: ignore[assignment]  # a mapping
    return body


def test_sharing_is_for_key_holders_and_kept_by_nobody(app: Flask, practitioner: dict[str, str]) -> None:
    client = app.test_client()
    assert client.get(DU_HUO).status_code == 401
    assert client.get(DU_HUO, headers=practitioner).headers["Cache-Control"] == "no-store"
    assert client.get(DU_HUO).status_code == 401
    with transaction():
        db.session.execute(update(ApiKey).values(scopes=[]))
    assert client.get(DU_HUO, headers=practitioner).status_code == 403


@pytest.mark.parametrize("slug", SLUGS)
def test_the_answer_has_the_shape_the_document_gives(app: Flask, practitioner: dict[str, str], slug: str) -> None:
    document: Any = app.test_client().get("/api/v1/openapi.json").json
    schemas = {
        name: {**schema, "additionalProperties": False} for name, schema in document["components"]["schemas"].items()
    }
    validator = Draft202012Validator({"$ref": "#/components/schemas/ShareOut", "components": {"schemas": schemas}})
    assert [error.message for error in validator.iter_errors(share_of(app, practitioner, slug))] == []


def test_every_address_of_the_answer_is_ours_and_answers(app: Flask, practitioner: dict[str, str]) -> None:
    share = share_of(app, practitioner)
    assert share["short_url"] == "https://herbs.example.com/du-huo"
    assert share["spoken"] == "herbs dot example dot com slash du huo"
    qr = share["qr"]
    for url in (share["page_url"], share["short_url"], qr["target"], qr["svg"], *qr["png"].values()):
        assert url.startswith("https://herbs.example.com/")
        assert app.test_client().get(url.removeprefix("https://herbs.example.com")).status_code == 200


def test_unknown_and_withdrawn_formulas_cannot_be_shared(app: Flask, practitioner: dict[str, str]) -> None:
    client = app.test_client()
    assert client.get(SHARE.format("no-such"), headers=practitioner).status_code == 404
    with transaction():
        withdraw_formula(SLUGS[0], by="x", reason="x")
    answer = client.get(DU_HUO, headers=practitioner)
    assert (answer.status_code, answer.mimetype) == (410, "application/problem+json")


def test_a_message_tells_a_discount_while_it_lasts(app: Flask, practitioner: dict[str, str]) -> None:
    start = datetime(2026, 6, 1, tzinfo=UTC)
    with transaction():
        db.session.execute(update(Discount).values(starts_at=start, ends_at=start + timedelta(days=1)))
        raise_catalog_version()
    with time_machine.travel(start, tick=False) as clock:
        share = share_of(app, practitioner)
        assert "10-15 % off retail" in share["sms"]["text"]
        assert share["valid_until"] == "2026-06-02T00:00:00Z"
        clock.move_to(start + timedelta(days=1))
        assert "%" not in share_of(app, practitioner)["sms"]["text"]


def test_a_disclosure_too_long_for_an_sms_takes_the_sms_away_and_nothing_else(
    app: Flask, practitioner: dict[str, str]
) -> None:
    with transaction():
        db.session.execute(update(Program).values(disclosure="I own a part of this shop. " * 20))
        raise_catalog_version()
    share = share_of(app, practitioner)
    assert share["sms"] is None
    assert "shorten the program's own disclosure" in share["sms_fault"]
    assert "I own a part of this shop." in share["email"]["text"]


def test_no_key_is_asked_for_what_is_printed(client: FlaskClient) -> None:
    assert client.get(f"/f/{SLUGS[0]}/qr.svg").status_code == 200
