"""What the owner does with programs, and what the public then sees."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.extensions import db, transaction
from service.referrals.marketplaces import MARKETPLACES
from service.referrals.policy import POLICY, Channel, links_of, views_of
from service.referrals.queries import get_program
from tests.conftest import PUBLIC_URL, SignInAs
from tests.console.sent import form_of, send, told_at
from tests.referrals.seeds import plant, sold_through

DU_HUO, ZHENG_GU = "/cards/du-huo-ji-sheng-tang", "/cards/zheng-gu-shui"
FULLSCRIPT, AMAZON, NEW = "/console/programs/fullscript", "/console/programs/amazon", "/console/programs/new"
SHOP: dict[str, str | None] = {
    "key": "a-shop",
    "seller": "A Shop",
    "templates": "page https://shop.example.com/{+path}{?rcode}",
    "allowed_hosts": "shop.example.com",
    "settings/0/name": "rcode",
    "settings/0/value": "A1",
}
LEAVE: dict[str, str | None] = {
    "policy/public_web/discount": "figure",
    "policy/public_web/permission/note": "Their letter allows it.",
    "policy/public_web/permission/given_on": "2026-01-02",
}


@pytest.fixture
def owner(sign_in_as: SignInAs) -> FlaskClient:
    return sign_in_as("owner")


def _next_row(answer: TestResponse) -> dict[str, str]:
    """The empty row that a page adds below the last one."""
    shown = form_of(answer)
    rows = [name for name in shown if name.startswith(("settings/", "placements/"))]
    return {name: "" for name in rows if shown[name] == ""}


@pytest.mark.parametrize("role", ["practitioner", "staff"])
def test_programs_are_the_owners_alone(sign_in_as: SignInAs, role: str) -> None:
    client = sign_in_as(role)
    for path in ("/console/programs", FULLSCRIPT, NEW):
        assert client.get(path).status_code == 403
        assert client.post(path, data=SHOP).status_code in (403, 405)
    assert "/console/programs" not in client.get("/console/").text
    assert get_program("fullscript").edited_by is None


def test_nobody_is_asked_to_sign_in_by_a_program_that_is_not_there(owner: FlaskClient, app: Flask) -> None:
    assert app.test_client().get("/console/programs/none").status_code == 303
    assert owner.get("/console/programs/none").status_code == 404
    assert owner.post("/console/programs/none", data=SHOP).status_code == 404


def test_the_list_tells_how_each_program_stands(owner: FlaskClient) -> None:
    text = owner.get("/console/programs").text
    assert text.count("Example account") == 2
    assert "10–15 % off retail, applied at checkout after you sign in" in text
    assert "nobody; as the seed files have it" in text
    send(owner, FULLSCRIPT, {**LEAVE, "example": None, "settings/0/value": "my-own"})
    text = owner.get("/console/programs").text
    assert text.count("Example account") == 1
    assert "<code>my-own</code>" in text
    assert "By written permission of 2 January 2026: Their letter allows it." in text
    assert "Ana, <time" in text


@pytest.mark.parametrize("path", [FULLSCRIPT, AMAZON])
def test_a_form_that_is_sent_as_it_is_changes_nothing(owner: FlaskClient, path: str) -> None:
    assert send(owner, path, {}).location == f"{path}?done=saved"
    assert get_program(path.rpartition("/")[2]).edited_by is None


@pytest.mark.parametrize(
    ("path", "changes", "field", "told"),
    [
        (AMAZON, {"settings/0/value": "mine-21"}, "settings/0/value", "Write a tag like practice-20"),
        (AMAZON, {"settings/0/value": ""}, "settings/0/value", "Write a tag like practice-20"),
        (FULLSCRIPT, {"settings/0/value": "My Shop"}, "settings/0/value", "Write a dispensary like my-practice"),
        (FULLSCRIPT, {"settings/1/value": "x"}, "settings/1/name", "Name the setting"),
        (FULLSCRIPT, {"settings/1/name": "email", "settings/1/value": "x"}, "settings/1/value", "about a person"),
        (
            FULLSCRIPT,
            {"settings/1/name": "dispensary", "settings/1/value": "x"},
            "settings/1/name",
            "stands above already",
        ),
        (
            AMAZON,
            {"placements/0/placement": "card", "placements/0/setting": "tag", "placements/0/value": "card-22"},
            "placements/0/value",
            "Write a tag like practice-20",
        ),
        (AMAZON, {"placements/0/placement": "card"}, "placements/0/setting", "Fill in all three"),
        (
            AMAZON,
            {"placements/0/placement": "My Card", "placements/0/setting": "tag", "placements/0/value": "card-20"},
            "placements/0/placement",
            "Name a place like spring-letter.",
        ),
        (AMAZON, {"marketplace": "uk"}, "settings/0/value", "Write a tag like practice-21"),
        (
            FULLSCRIPT,
            {"policy/public_web/discount": "figure"},
            "policy/public_web/permission/note",
            "This loosens the default",
        ),
        (
            FULLSCRIPT,
            {**LEAVE, "policy/public_web/permission/given_on": ""},
            "policy/public_web/permission/given_on",
            "Give the day it was given",
        ),
        (
            FULLSCRIPT,
            {**LEAVE, "policy/public_web/permission/given_on": "2999-01-01"},
            "policy/public_web/permission/given_on",
            "yet to come",
        ),
    ],
)
def test_a_refused_value_is_told_at_its_field_and_every_value_is_kept(
    owner: FlaskClient, path: str, changes: dict[str, str | None], field: str, told: str
) -> None:
    kept = {"disclosure": "I know them."}
    answer = send(owner, path, {**changes, **kept})
    assert answer.status_code == 422
    assert told in told_at(answer, field), answer.text
    assert form_of(answer) == {**_next_row(answer), **form_of(owner.get(path)), **changes, **kept}
    assert get_program(path.rpartition("/")[2]).edited_by is None


@pytest.mark.parametrize(
    ("path", "field", "value", "told"),
    [
        (AMAZON, "marketplace", "mars", "Choose one of us, ca"),
        (FULLSCRIPT, "policy/print/link", "direct", "is one of page, qr"),
        (AMAZON, "policy/console/link", "go", "is one of direct, page"),
        (AMAZON, "policy/public_web/discount", "figure", "tells of no discount"),
        (FULLSCRIPT, "policy/feed/link", "nonsense", "Must be one of"),
    ],
)
def test_a_choice_that_was_never_offered_is_refused_at_its_field(
    owner: FlaskClient, path: str, field: str, value: str, told: str
) -> None:
    answer = send(owner, path, {field: value})
    assert answer.status_code == 422
    assert told in told_at(answer, field), answer.text


def test_the_choices_of_a_channel_are_what_may_ever_stand_there(owner: FlaskClient) -> None:
    for path, kind in ((FULLSCRIPT, "fullscript"), (AMAZON, "amazon_associates"), (NEW, "template")):
        text = owner.get(path).text
        for channel in Channel:
            default = POLICY[kind][channel]
            for name, allowed, usual in (
                ("link", links_of(kind, channel), default.link),
                ("discount", views_of(kind), default.discount),
            ):
                choice = text.partition(f'name="policy/{channel}/{name}"')[2].partition("</select>")[0]
                offered = {part.partition('"')[0] for part in choice.split('<option value="')[1:]}
                assert offered == {"", *map(str, allowed - {usual})}


def test_a_figure_told_by_permission_reaches_the_public_card_at_once(owner: FlaskClient, app: Flask) -> None:
    public = app.test_client()
    assert "10–15 %" not in public.get(DU_HUO).text
    with_everyone = {"audience": "public"}
    assert send(owner, "/console/discounts/fullscript-patients", dict(with_everyone)).status_code == 303
    assert "10–15 %" not in public.get(DU_HUO).text
    assert send(owner, FULLSCRIPT, LEAVE).status_code == 303
    card = public.get(DU_HUO).text
    assert "10–15 % off retail" in card
    assert "By written permission of 2 January 2026: Their letter allows it." in card
    preview = owner.get(FULLSCRIPT).text.partition('id="preview"')[2]
    assert "By written permission of 2 January 2026" in preview


def test_switching_off_takes_the_link_away_at_once_and_the_seed_leaves_it_off(owner: FlaskClient, app: Flask) -> None:
    public = app.test_client()
    assert "/go/" in public.get(DU_HUO).text
    assert send(owner, FULLSCRIPT, {"enabled": None, "disclosure": "I know them."}).status_code == 303
    assert "/go/" not in public.get(DU_HUO).text
    assert "The program is off" in owner.get(FULLSCRIPT).text
    plant()
    found = get_program("fullscript")
    assert (found.enabled, found.disclosure, found.edited_by) == (False, "I know them.", "Ana")
    assert "/go/" not in public.get(DU_HUO).text


def test_a_tag_of_a_placement_reaches_the_card(owner: FlaskClient, app: Flask) -> None:
    changes = {"placements/0/placement": "card", "placements/0/setting": "tag", "placements/0/value": "card-20"}
    assert send(owner, AMAZON, {"settings/0/value": "mine-20", "example": None, **changes}).status_code == 303
    card = app.test_client().get(ZHENG_GU).text
    assert "tag=card-20" in card
    assert form_of(owner.get(AMAZON))["placements/1/placement"] == ""
    assert send(owner, AMAZON, dict.fromkeys(changes, "")).status_code == 303
    assert "tag=mine-20" in app.test_client().get(ZHENG_GU).text


def test_another_marketplace_brings_its_host(owner: FlaskClient, app: Flask) -> None:
    assert send(owner, AMAZON, {"marketplace": "uk", "settings/0/value": "mine-21"}).status_code == 303
    assert MARKETPLACES["amazon_associates"]["uk"].host in app.test_client().get(ZHENG_GU).text


def test_a_rule_that_a_running_discount_would_break_is_told_at_the_top(owner: FlaskClient) -> None:
    answer = send(owner, FULLSCRIPT, {"takes_profit": None})
    assert answer.status_code == 422
    assert "The discount fullscript-patients would break a rule" in answer.text
    assert "takes_profit" not in form_of(answer)


def test_a_template_program_is_added_from_a_preset_and_outlives_the_seed(owner: FlaskClient) -> None:
    shown = form_of(owner.get(f"{NEW}?preset=awin"))
    answer = owner.post(NEW, data={**shown, "seller": "A Brand", "settings/0/value": "12", "settings/1/value": "34"})
    assert answer.location == "/console/programs/awin?done=saved"
    plant()
    db.session.expire_all()
    found = get_program("awin")
    assert (found.settings, found.edited_by) == ({"awinmid": "12", "awinaffid": "34"}, "Ana")
    assert "No published formula is sold through this program yet." in owner.get("/console/programs/awin").text
    assert send(owner, "/console/programs/awin", {"seller": "Another Brand"}).status_code == 303
    assert get_program("awin").seller == "Another Brand"


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"key": "new"}, "key", "choose another key"),
        ({"key": "fullscript"}, "key", "already; choose another key"),
        ({"key": "A Shop"}, "key", "Use small letters"),
        ({"key": ""}, "key", "Give the program a key"),
        ({"seller": ""}, "seller", "Write the seller"),
        ({"templates": ""}, "templates", "Write at least one template"),
        ({"templates": "https://shop.example.com/"}, "templates", "write a name, a space and the address"),
        ({"templates": "page https://a.example/\r\npage https://b.example/"}, "templates", "page stands twice"),
        ({"templates": "page http://shop.example.com/"}, "templates", "page: Begin with https://"),
        ({"templates": "Page https://shop.example.com/"}, "templates", "Page: Use small letters"),
        ({"templates": "page https://shop.example.com/{?email}"}, "templates", "page: email would carry"),
        ({"allowed_hosts": ""}, "allowed_hosts", "Name at least one host"),
        ({"allowed_hosts": "shop"}, "allowed_hosts", "Give a host name"),
        ({"allowed_hosts": "shop.example.com\nwww.amazon.com"}, "allowed_hosts", "belongs to programs of kind amazon"),
    ],
)
def test_what_cannot_be_added_is_told_at_its_field(
    owner: FlaskClient, changes: dict[str, str | None], field: str, told: str
) -> None:
    answer = send(owner, NEW, {**SHOP, **changes})
    assert answer.status_code == 422
    assert told in told_at(answer, field), answer.text
    shown = form_of(answer)
    expected = {name: value and value.replace("\r\n", "\n") for name, value in {**SHOP, **changes}.items()}
    assert {name: shown[name] for name in expected} == expected


def test_a_change_that_would_break_published_links_is_refused_with_the_list(
    owner: FlaskClient, app: Flask, tmp_path: Path
) -> None:
    assert send(owner, NEW, SHOP).status_code == 303
    plant(sold_through("a-shop", "page", tmp_path / "seed"))
    public = app.test_client()
    assert "at A Shop" in public.get(DU_HUO).text
    answer = send(owner, "/console/programs/a-shop", {"templates": "other https://shop.example.com/{?rcode}"})
    assert answer.status_code == 422
    told = told_at(answer, "templates")
    assert "Published links would break: du-huo-ji-sheng-tang-fullscript: The program has no template" in told
    assert form_of(answer)["templates"] == "other https://shop.example.com/{?rcode}"
    assert "at A Shop" in public.get(DU_HUO).text
    preview = owner.get("/console/programs/a-shop").text.partition('id="preview"')[2]
    assert "at A Shop" in preview
    assert f"{PUBLIC_URL}/go/" in preview


@pytest.mark.parametrize("typed", ["\0", "{", "https://[", "\u202e", "page https://shop.example.com/{"])
def test_whatever_is_typed_is_taken_or_refused(owner: FlaskClient, typed: str) -> None:
    for name in ("key", "seller", "disclosure", "templates", "allowed_hosts", "settings/0/name", "settings/0/value"):
        answer = owner.post(NEW, data={**SHOP, name: f"{SHOP.get(name, '')}\r\n{typed}"})
        assert answer.status_code in (303, 422), name
        if answer.status_code == 303:
            assert owner.get(answer.location).status_code == 200
            with transaction():
                db.session.delete(get_program(answer.location.rpartition("/")[2].partition("?")[0]))


def test_another_site_changes_nothing(owner: FlaskClient) -> None:
    for path in (FULLSCRIPT, NEW):
        values: dict[str, Any] = {**form_of(owner.get(path)), **SHOP}
        assert owner.post(path, data=values, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert get_program("fullscript").edited_by is None
