"""Connecting, as a browser does it: out to Fullscript, and back with a state that serves once."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.accounts.actions import make_one_time_link, set_passphrase
from service.extensions import transaction
from service.partners.application import CALLBACK_PATH, CONNECT_PATH, WEBHOOK_PATH
from service.partners.connection import current_fullscript
from service.partners.queries import find_account
from tests.conftest import WORDS, SignInAs, with_token
from tests.partners.conftest import kept_account, set_up
from tests.partners.fake_fullscript import CLIENT_ID, REDIRECT_URI, FakeFullscript, Fault

PUBLIC = "https://herbs.example.com"


def signed_in(app: Flask, role: str = "owner") -> FlaskClient:
    """A browser on our own pages whose person has this role."""
    with transaction():
        token = set_passphrase(token=make_one_time_link(name="Ana", role=role), passphrase=WORDS)
    client = with_token(app, None)
    client.set_cookie("__Host-formulary", token, domain="herbs.example.com")
    return client


@pytest.fixture
def browser(partnered: Flask) -> FlaskClient:
    return signed_in(partnered)


def way_out(begun: TestResponse) -> str:
    """Where the page's one button leads."""
    assert (begun.status_code, "Location" in begun.headers) == (200, False)
    (address,) = re.findall(r'<a class="button" href="([^"]+)"', begun.text)
    return unescape(address)


def go_to_fullscript(browser: FlaskClient) -> str:
    """Begin, let the person grant access, and return the address the browser is sent back to."""
    granted = requests.get(way_out(browser.get(CONNECT_PATH, base_url=PUBLIC)), allow_redirects=False, timeout=5)
    assert granted.status_code == 302
    back = urlsplit(granted.headers["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == REDIRECT_URI
    return f"{back.path}?{back.query}"


def test_a_connection_is_made_by_going_there_and_back(browser: FlaskClient, fake: FakeFullscript) -> None:
    back = go_to_fullscript(browser)
    answer = browser.get(back, base_url=PUBLIC)
    assert answer.status_code == 200
    assert "Fullscript US sandbox may now be asked" in answer.text
    assert "secret-" not in answer.text
    account = kept_account()
    assert (account.partner, account.region, account.sandbox) == ("fullscript", "us", True)
    assert current_fullscript().look_up_variant(next(iter(fake.variants))).msrp == "19.90"


def test_the_way_out_names_the_application_and_carries_a_state_in_a_guarded_cookie(
    browser: FlaskClient, fake: FakeFullscript
) -> None:
    begun = browser.get(CONNECT_PATH, base_url=PUBLIC)
    target = urlsplit(way_out(begun))
    query = parse_qs(target.query)
    assert way_out(begun).startswith(f"{fake.url}/api/oauth/authorize?")
    assert (query["client_id"], query["redirect_uri"]) == ([CLIENT_ID], [REDIRECT_URI])
    assert (query["response_type"], len(query["state"][0]) >= 43) == (["code"], True)
    assert set(query) == {"client_id", "redirect_uri", "response_type", "state"}
    cookie = begun.headers["Set-Cookie"]
    for attribute in ("HttpOnly", "Secure", "SameSite=Lax", f"Path={CALLBACK_PATH}", "Max-Age=600"):
        assert attribute in cookie
    assert begun.headers["Cache-Control"] == "no-store"


def test_two_beginnings_have_two_states(browser: FlaskClient) -> None:
    first, second = (way_out(browser.get(CONNECT_PATH, base_url=PUBLIC)) for _ in range(2))
    assert parse_qs(urlsplit(first).query)["state"] != parse_qs(urlsplit(second).query)["state"]


def test_a_state_serves_once(browser: FlaskClient, fake: FakeFullscript) -> None:
    back = go_to_fullscript(browser)
    assert browser.get(back, base_url=PUBLIC).status_code == 200
    asked = len(fake.requests)
    again = browser.get(back, base_url=PUBLIC)
    assert again.status_code == 400
    assert "did not begin here" in again.text
    assert len(fake.requests) == asked


def test_another_browser_cannot_end_what_this_one_began(
    partnered: Flask, browser: FlaskClient, fake: FakeFullscript
) -> None:
    back = go_to_fullscript(browser)
    stranger = signed_in(partnered)
    assert stranger.get(back, base_url=PUBLIC).status_code == 400
    assert find_account() is None


@pytest.mark.parametrize("state", ["", "guessed", "é", "x" * 5000])
def test_a_state_that_is_not_this_browsers_is_refused(browser: FlaskClient, fake: FakeFullscript, state: str) -> None:
    go_to_fullscript(browser)
    query = {"code": fake.issue_code(), "state": state}
    assert browser.get(CALLBACK_PATH, query_string=query, base_url=PUBLIC).status_code == 400
    assert find_account() is None


def test_a_way_back_after_ten_minutes_is_refused(browser: FlaskClient) -> None:
    back = go_to_fullscript(browser)
    cookie = browser.get_cookie("fullscript_state", domain="herbs.example.com", path=CALLBACK_PATH)
    assert cookie is not None
    later = datetime.now(UTC) + timedelta(minutes=11)
    with time_machine.travel(later):
        # A browser would have dropped it; one that kept it is refused all the same.
        browser.set_cookie("fullscript_state", cookie.value, domain="herbs.example.com", path=CALLBACK_PATH)
        answer = browser.get(back, base_url=PUBLIC)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("said", "shown"), [("access_denied", "access_denied"), ("<b>x</b>", "an error"), ("", "an error")]
)
def test_a_refusal_at_fullscript_is_told_plainly(browser: FlaskClient, said: str, shown: str) -> None:
    state = parse_qs(urlsplit(go_to_fullscript(browser)).query)["state"][0]
    answer = browser.get(CALLBACK_PATH, query_string={"error": said, "state": state}, base_url=PUBLIC)
    assert answer.status_code == 400
    assert f"Fullscript answered {shown}: no permission was given" in answer.text


def test_a_way_back_without_a_code_is_told(browser: FlaskClient) -> None:
    state = parse_qs(urlsplit(go_to_fullscript(browser)).query)["state"][0]
    answer = browser.get(CALLBACK_PATH, query_string={"state": state}, base_url=PUBLIC)
    assert (answer.status_code, "no authorization code" in answer.text) == (400, True)


def test_a_spent_code_is_told(browser: FlaskClient, fake: FakeFullscript) -> None:
    back = go_to_fullscript(browser)
    fake.codes.clear()
    answer = browser.get(back, base_url=PUBLIC)
    assert (answer.status_code, "spent, expired or revoked" in answer.text) == (502, True)
    assert find_account() is None


@pytest.mark.parametrize(
    "fault", [Fault(500), Fault(half=True), Fault(body=b'{"oauth": {"access_token": "secret-x"}}')]
)
def test_tokens_that_do_not_come_leave_nothing_behind(browser: FlaskClient, fake: FakeFullscript, fault: Fault) -> None:
    back = go_to_fullscript(browser)
    fake.faults["/api/oauth/token"] = [fault]
    answer = browser.get(back, base_url=PUBLIC)
    assert answer.status_code == 502
    assert "secret-" not in answer.text
    assert find_account() is None


def test_connecting_again_takes_the_place_of_the_first(browser: FlaskClient, fake: FakeFullscript) -> None:
    browser.get(go_to_fullscript(browser), base_url=PUBLIC)
    first = kept_account().access_token
    fake.revoke_everything()
    browser.get(go_to_fullscript(browser), base_url=PUBLIC)
    assert kept_account().access_token != first
    assert current_fullscript().read_discount().percent == 10


@pytest.mark.parametrize("path", [CONNECT_PATH, CALLBACK_PATH])
def test_only_the_owner_may_connect(partnered: Flask, fake: FakeFullscript, path: str) -> None:
    nobody = partnered.test_client().get(path)
    assert (nobody.status_code, urlsplit(nobody.headers["Location"]).path) == (303, "/console/sign-in")
    for role in ("practitioner", "staff"):
        assert signed_in(partnered, role).get(path, base_url=PUBLIC).status_code == 403
    assert fake.requests == []


def test_who_has_to_sign_in_first_comes_back_to_connect(partnered: Flask) -> None:
    signed_in(partnered)
    stranger = with_token(partnered, None)
    asked = stranger.get(CONNECT_PATH, base_url=PUBLIC)
    wanted = parse_qs(urlsplit(asked.headers["Location"]).query)["next"][0]
    sent = {"name": "Ana", "passphrase": WORDS, "next": wanted}
    back = stranger.post("/console/sign-in", data=sent, base_url=PUBLIC)
    assert (back.status_code, back.location) == (303, CONNECT_PATH)
    assert way_out(stranger.get(back.location, base_url=PUBLIC))


def test_the_owner_finds_the_way_to_connect_until_it_is_done(partnered: Flask, browser: FlaskClient) -> None:
    def is_shown(to: FlaskClient) -> bool:
        return f'href="{CONNECT_PATH}">Connect Fullscript</a>' in to.get("/console/", base_url=PUBLIC).text

    assert is_shown(browser)
    assert not is_shown(signed_in(partnered, "practitioner"))
    browser = signed_in(partnered)
    browser.get(go_to_fullscript(browser), base_url=PUBLIC)
    assert not is_shown(browser)
    with transaction():
        kept_account().refused_at = datetime.now(UTC)
    assert is_shown(browser)


def test_where_fullscript_is_not_set_up_nothing_leads_to_it(sign_in_as: SignInAs) -> None:
    assert CONNECT_PATH not in sign_in_as().get("/console/").text


def test_an_application_fullscript_does_not_know_is_told(partnered: Flask, fake: FakeFullscript) -> None:
    with set_up(partnered, fake, FULLSCRIPT_CLIENT_SECRET="not-the-secret-of-it") as app:
        browser = signed_in(app)
        answer = browser.get(go_to_fullscript(browser), base_url=PUBLIC)
    assert (answer.status_code, "Check FULLSCRIPT_CLIENT_ID" in answer.text) == (502, True)


@pytest.mark.parametrize("path", [CONNECT_PATH, CALLBACK_PATH, WEBHOOK_PATH])
def test_without_settings_nothing_of_it_is_there(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404
