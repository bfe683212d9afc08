import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import html5lib
import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from service.catalog.actions import raise_catalog_version
from service.catalog.codes import product_code
from service.console import sharing
from service.extensions import db, transaction
from service.publishing.actions import withdraw_formula
from service.referrals.models import Discount, Program
from tests.conftest import SignInAs
from tests.referrals.shop import DU_HUO, PRODUCT, offer

SLUGS = [DU_HUO, "shao-yao-gan-cao-tang", "zheng-gu-shui"]
CONDITIONS = ("pain", "ache", "arthritis", "cramp", "spasm", "sprain", "bruise", "bone", "sciatica", "joint")


def texts(answer: TestResponse) -> dict[str, str]:
    """What can be copied, by the id of its field."""
    tree: Any = html5lib.parse(answer.text, namespaceHTMLElements=False)
    fields = {found.attrib["id"]: (found.text or "") for found in tree.iter("textarea")}
    fields |= {found.attrib["id"]: found.attrib["value"] for found in tree.iter("input") if "id" in found.attrib}
    return fields


def hrefs(answer: TestResponse) -> list[str]:
    tree: Any = html5lib.parse(answer.text, namespaceHTMLElements=False)
    return [found.attrib["href"] for found in tree.iter("a")]


@pytest.mark.parametrize("role", ["owner", "practitioner", "staff"])
def test_everyone_who_signs_in_finds_every_formulas_kit(sign_in_as: SignInAs, role: str) -> None:
    client = sign_in_as(role)
    listed = client.get("/console/share")
    assert [href for href in hrefs(listed) if href.startswith("/console/share/")] == [
        f"/console/share/{slug}" for slug in SLUGS
    ]
    for slug in SLUGS:
        assert client.get(f"/console/share/{slug}").status_code == 200
    assert "Fullscript" not in listed.text


@pytest.mark.parametrize("slug", SLUGS)
def test_the_kit_holds_what_the_api_gives_ready_to_send(
    app: Flask, sign_in_as: SignInAs, practitioner: dict[str, str], slug: str
) -> None:
    told: Any = app.test_client().get(f"/api/v1/formulas/{slug}/share", headers=practitioner).json
    answer = sign_in_as().get(f"/console/share/{slug}")
    assert texts(answer) == {
        "sms-text": told["sms"]["text"],
        "email-subject": told["email"]["subject"],
        "email-text": told["email"]["text"],
        "speech": told["speech"],
        "address": told["short_url"],
    }
    assert f"<strong>{told['spoken']}</strong>" in answer.text
    assert {told["sms"]["href"], told["email"]["href"]} <= set(hrefs(answer))
    for copied in texts(answer):
        assert f'data-copy="{copied}"' in answer.text
    for disclosure in told["disclosures"]:
        assert f"<li>{disclosure}</li>" in answer.text


@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_sent_names_no_condition_and_no_recipient(sign_in_as: SignInAs, slug: str) -> None:
    answer = sign_in_as().get(f"/console/share/{slug}")
    sent = " ".join(texts(answer).values()).lower()
    assert [word for word in CONDITIONS if re.search(rf"\b{word}", sent)] == []
    links = [urlsplit(href) for href in hrefs(answer) if href.startswith(("sms:", "mailto:"))]
    assert [(link.scheme, link.path) for link in links] == [("sms", ""), ("mailto", "")]
    assert texts(answer)["sms-text"] == unquote(parse_qs(links[0].query)["body"][0])


@pytest.mark.parametrize("slug", SLUGS)
def test_every_address_of_ours_in_the_kit_answers(app: Flask, sign_in_as: SignInAs, slug: str) -> None:
    client = sign_in_as()
    answer = client.get(f"/console/share/{slug}")
    paths = [href for href in hrefs(answer) if href.startswith("/f/")]
    assert len(paths) == 5
    for path in [*paths, texts(answer)["address"].removeprefix("https://herbs.example.com")]:
        assert app.test_client().get(path).status_code == 200, path


def test_an_offer_stands_with_its_discount_its_price_and_its_disclosure(app: Flask, sign_in_as: SignInAs) -> None:
    offer(retail_price={"amount": "40.00", "currency": "USD", "as_of": "2026-11-01"})
    answer = sign_in_as("practitioner").get(f"/console/share/{DU_HUO}")
    told = answer.text.partition('id="offers"')[2]
    assert f'href="https://herbs.example.com/go/{product_code(PRODUCT)}c/console"' in told
    assert 'rel="sponsored nofollow noopener" target="_blank"' in told
    assert "10–15 % off retail, applied at checkout after you sign in." in told
    assert "Price: about $34.00–36.00 instead of $40.00, retail price as of 1 November 2026." in told
    assert "<span>I may earn from what you buy through this link. You are free to buy elsewhere.</span>" in told
    assert "These statements have not been evaluated" in told
    followed = app.test_client().get(f"/go/{product_code(PRODUCT)}c/console")
    assert followed.status_code == 302


def test_amazon_is_led_to_by_our_own_page_with_no_price_and_its_drug_facts(sign_in_as: SignInAs) -> None:
    answer = sign_in_as().get("/console/share/zheng-gu-shui")
    assert "amazon.com" not in answer.text
    assert hrefs(answer).count("https://herbs.example.com/f/zheng-gu-shui") == 2
    assert answer.text.count("As an Amazon Associate I earn from qualifying purchases.") >= 2
    assert answer.text.count('aria-label="Drug Facts') == 2
    assert "Price:" not in answer.text
    for warning in ("For external use only.", "Flammable: keep away from fire and heat."):
        assert f"<strong>{warning}</strong>" in answer.text


def test_a_discount_that_is_over_is_told_nowhere(app: Flask, sign_in_as: SignInAs) -> None:
    with transaction():
        db.session.execute(update(Discount).values(ends_at=datetime.now(UTC) - timedelta(minutes=1)))
        raise_catalog_version()
    assert "% off" not in sign_in_as().get(f"/console/share/{DU_HUO}").text


def test_a_product_that_cannot_be_had_takes_its_offer_away_and_not_the_kit(app: Flask, sign_in_as: SignInAs) -> None:
    with transaction():
        db.session.execute(update(Program).where(Program.key == "amazon").values(enabled=False))
        raise_catalog_version()
    answer = sign_in_as().get("/console/share/zheng-gu-shui")
    assert answer.status_code == 200
    assert "It is not offered through us now." in answer.text


def test_unknown_and_withdrawn_formulas_have_no_kit(app: Flask, sign_in_as: SignInAs) -> None:
    client = sign_in_as()
    assert client.get("/console/share/no-such").status_code == 404
    with transaction():
        withdraw_formula(DU_HUO, by="x", reason="x")
    assert client.get(f"/console/share/{DU_HUO}").status_code == 410
    assert f"/console/share/{DU_HUO}" not in client.get("/console/share").text


def test_pages_of_the_list_meet(sign_in_as: SignInAs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "DEFAULT_LIMIT", 2)
    client, found, path = sign_in_as(), [], "/console/share"
    while path:
        listed = hrefs(client.get(path))
        found += [href for href in listed if href.startswith("/console/share/")]
        path = next((href for href in listed if "cursor=" in href), "")
    assert found == [f"/console/share/{slug}" for slug in SLUGS]
