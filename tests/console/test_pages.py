import re
from typing import Any

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.accounts.actions import make_one_time_link
from service.accounts.attempts import FREE_ATTEMPTS
from service.extensions import db, transaction
from tests.conftest import WORDS, SignInAs, make_app, with_token

OTHER_WORDS = "candle orchard eleven tide"


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return with_token(app, None)


@pytest.fixture
def link(app: Flask) -> str:
    with transaction():
        return f"/console/enter/{make_one_time_link(name='Ana')}"


def sign_in(browser: FlaskClient, **changes: str) -> TestResponse:
    return browser.post("/console/sign-in", data={"name": "Ana", "passphrase": WORDS, **changes})


def elements(answer: TestResponse, tag: str) -> list[dict[str, str]]:
    tree: Any = html5lib.parse(answer.text, namespaceHTMLElements=False)
    return [dict(found.attrib) for found in tree.iter(tag)]


def test_a_link_is_looked_at_any_number_of_times_and_used_once(browser: FlaskClient, link: str) -> None:
    for _ in range(3):
        assert "Choose a passphrase, Ana" in browser.get(link).text
        assert browser.head(link).status_code == 200
    entered = browser.post(link, data={"name": "Ana", "passphrase": WORDS, "again": WORDS})
    assert (entered.status_code, entered.location) == (303, "/console/?done=passphrase")
    assert "Your passphrase is set." in browser.get(entered.location).text
    for answer in (browser.get(link), browser.post(link, data={"passphrase": WORDS, "again": WORDS})):
        assert answer.status_code == 410
        assert "formulary console-link" in answer.text


@pytest.mark.parametrize(
    ("passphrase", "again", "field", "told"),
    [
        ("too short", "too short", "passphrase", "at least 12"),
        (WORDS, OTHER_WORDS, "again", "not the same"),
        (WORDS, "", "again", "Type it once more."),
        ("", "", "passphrase", "Choose a passphrase"),
        ("password1234", "password1234", "passphrase", "first a stranger"),
    ],
)
def test_a_passphrase_that_will_not_do_is_told_at_its_field(
    browser: FlaskClient, link: str, passphrase: str, again: str, field: str, told: str
) -> None:
    answer = browser.post(link, data={"passphrase": passphrase, "again": again})
    assert answer.status_code == 422
    assert told in answer.text
    fields = {found["name"]: found for found in elements(answer, "input")}
    assert fields[field]["aria-invalid"] == "true"
    assert f"{field}-error" in fields[field]["aria-describedby"].split()
    assert f'id="{field}-error"' in answer.text
    assert f'href="#field-{field}"' in answer.text
    assert "value" not in fields["passphrase"]
    assert "<title>Error: " in answer.text
    assert browser.get(link).status_code == 200


def test_signing_in_leads_to_where_one_was_going(browser: FlaskClient, sign_in_as: SignInAs) -> None:
    sign_in_as()
    asked = browser.get("/console/account")
    form = browser.get(asked.location)
    hidden = next(found for found in elements(form, "input") if found["name"] == "next")
    entered = sign_in(browser, next=hidden["value"])
    assert (entered.status_code, entered.location) == (303, "/console/account")
    assert browser.get(entered.location).status_code == 200
    assert browser.get("/console/sign-in").location == "/console/"


def test_signing_in_leads_to_no_other_site(browser: FlaskClient, sign_in_as: SignInAs) -> None:
    sign_in_as()
    for wanted in ("https://evil.example/", "//evil.example", "/console/..//evil.example", "/console/\\evil", "/f/x"):
        assert sign_in(browser, next=wanted).location == "/console/"


def test_a_refused_sign_in_keeps_the_name_and_never_the_passphrase(browser: FlaskClient, sign_in_as: SignInAs) -> None:
    sign_in_as()
    answer = sign_in(browser, passphrase="walnut sixteen lamp river", next="/console/account")
    assert answer.status_code == 422
    assert "The name and the passphrase do not go together." in answer.text
    assert "walnut sixteen" not in answer.text
    values = {found["name"]: found.get("value") for found in elements(answer, "input")}
    assert values == {"next": "/console/account", "name": "Ana", "passphrase": None}
    assert "Set-Cookie" not in answer.headers


def test_what_was_typed_is_never_markup(browser: FlaskClient) -> None:
    answer = sign_in(browser, name='"><script>alert(1)</script>', next='"><b>')
    assert answer.status_code == 422
    assert elements(answer, "script") == []
    assert elements(answer, "b") == []


def test_guessing_is_answered_429_with_the_time_to_wait(browser: FlaskClient, sign_in_as: SignInAs) -> None:
    sign_in_as()
    for _ in range(FREE_ATTEMPTS):
        assert sign_in(browser, passphrase=OTHER_WORDS).status_code == 422
    answer = sign_in(browser)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 10
    assert "Too many attempts" in answer.text


def test_signing_out_ends_the_sign_in_itself(app: Flask, sign_in_as: SignInAs) -> None:
    client = sign_in_as()
    token = client.get_cookie("__Host-formulary")
    assert token is not None
    answer = client.post("/console/sign-out")
    assert (answer.status_code, answer.location) == (303, "/console/sign-in?done=signed-out")
    assert "__Host-formulary=;" in answer.headers["Set-Cookie"]
    assert "You are signed out." in client.get(answer.location).text
    assert with_token(app, token.value).get("/console/").status_code == 303


def test_signing_out_everywhere_ends_the_other_browser_too(browser: FlaskClient, sign_in_as: SignInAs) -> None:
    client = sign_in_as()
    sign_in(browser)
    assert "<dd>2 browsers</dd>" in browser.get("/console/account").text
    assert client.post("/console/sign-out-everywhere").location == "/console/sign-in?done=signed-out-everywhere"
    assert browser.get("/console/").status_code == 303


def test_changing_the_passphrase_signs_the_other_browser_out(browser: FlaskClient, sign_in_as: SignInAs) -> None:
    client = sign_in_as()
    sign_in(browser)
    change = {"current": WORDS, "passphrase": OTHER_WORDS, "again": OTHER_WORDS}
    assert client.post("/console/account", data={**change, "current": "wrong"}).status_code == 422
    answer = client.post("/console/account", data=change)
    assert answer.location == "/console/account?done=passphrase"
    assert client.get(answer.location).status_code == 200
    assert browser.get("/console/").status_code == 303
    assert sign_in(browser).status_code == 422
    assert sign_in(browser, passphrase=OTHER_WORDS).status_code == 303


def test_home_tells_what_is_published_and_how_the_service_stands(sign_in_as: SignInAs) -> None:
    told = sign_in_as().get("/console/").text
    assert told.count('<th scope="row">') == 3
    assert "正骨水" in told
    assert "3 formulas are published." in told
    assert "The account of amazon is still an example." in told
    assert "Nobody can sign in" not in told
    assert re.search(r"A row is withheld: .* \(\d times\)", told)


def test_an_error_of_the_console_is_a_page_of_it(sign_in_as: SignInAs) -> None:
    answer = sign_in_as().get("/console/no-such-page")
    assert answer.status_code == 404
    assert '<a class="skip"' in answer.text


def test_over_plain_http_the_cookie_has_a_plain_name(app: Flask) -> None:
    local = make_app(app.config["SQLALCHEMY_DATABASE_URI"], PUBLIC_URL="http://127.0.0.1:8000")
    with transaction():
        token = make_one_time_link(name="Ana")
    answer = with_token(local, None).post(f"/console/enter/{token}", data={"passphrase": WORDS, "again": WORDS})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("formulary=")
    assert "Secure" not in cookie
    assert "HttpOnly" in cookie
    with local.app_context():
        db.engine.dispose()
