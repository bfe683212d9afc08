"""From the console to a new treatment plan at Fullscript."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.partners.fullscript import PLAN_LINK, Fullscript
from tests.partners.conftest import kept_account, set_up
from tests.partners.fake_fullscript import PLAN_URL, FakeFullscript, Fault
from tests.partners.test_pages import PUBLIC, signed_in

PLAN = "/console/fullscript/plan"
BUTTON = "Open a new treatment plan in Fullscript"


@pytest.fixture
def browser(partnered: Flask, connected: Fullscript) -> FlaskClient:
    return signed_in(partnered, "practitioner")


def ask(browser: FlaskClient, **options: Any) -> TestResponse:
    return browser.post(PLAN, base_url=PUBLIC, **options)


def share(browser: FlaskClient) -> TestResponse:
    return browser.get("/console/share", base_url=PUBLIC)


def test_the_button_leads_to_a_link_asked_for_anew_each_time(browser: FlaskClient, fake: FakeFullscript) -> None:
    page = share(browser)
    assert BUTTON in page.text
    assert "never send its address to a patient" in page.text
    assert fake.count(PLAN_LINK) == 0
    for times in (1, 2):
        answer = ask(browser)
        assert (answer.status_code, answer.location) == (303, PLAN_URL)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert fake.count(PLAN_LINK) == times


def test_the_pages_policy_lets_its_form_lead_to_fullscript_and_nowhere_else(browser: FlaskClient) -> None:
    def forms(path: str) -> str:
        policy = browser.get(path, base_url=PUBLIC).headers["Content-Security-Policy"]
        return next(part for part in policy.split("; ") if part.startswith("form-action"))

    assert forms("/console/share") == "form-action 'self' https://*.fullscript.com https://*.fullscript.io"
    assert forms("/console/") == "form-action 'self'"


def test_a_link_to_another_host_is_never_followed(browser: FlaskClient, fake: FakeFullscript) -> None:
    for url in ("https://fullscript.com.evil.example/", "http://us.fullscript.com/", "javascript:alert(1)"):
        fake.plan_url = url
        answer = ask(browser)
        assert answer.status_code == 502
        assert "Location" not in answer.headers
        assert url not in answer.text


@pytest.mark.parametrize(
    ("faults", "status", "told"),
    [
        ([Fault(403)], 403, "Fullscript has not granted this to the application"),
        ([Fault(429, {"Retry-After": "0"})] * 3, 503, "Try again in 0 seconds."),
        ([Fault(500)] * 3, 502, "Fullscript answered with status 500."),
        ([Fault(half=True)], 502, "Fullscript did not answer, or not to the end."),
    ],
)
def test_what_goes_wrong_is_told_on_a_page_of_the_console(
    browser: FlaskClient, fake: FakeFullscript, faults: list[Fault], status: int, told: str
) -> None:
    fake.faults[PLAN_LINK] = list(faults)
    answer = ask(browser)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert told in answer.text
    assert 'href="/console/"' in answer.text


def test_an_access_that_was_ended_takes_the_button_away(browser: FlaskClient, fake: FakeFullscript) -> None:
    fake.revoke_everything()
    answer = ask(browser)
    assert answer.status_code == 409
    assert "has to be connected again" in answer.text
    assert kept_account().refused_at is not None
    assert BUTTON not in share(browser).text


def test_there_is_no_button_before_fullscript_is_connected(partnered: Flask) -> None:
    browser = signed_in(partnered)
    assert BUTTON not in share(browser).text
    assert ask(browser).status_code == 409


def test_there_is_no_button_where_another_fullscript_is_connected(
    partnered: Flask, fake: FakeFullscript, connected: Fullscript
) -> None:
    with set_up(partnered, fake, FULLSCRIPT_REGION="ca") as elsewhere:
        assert BUTTON not in share(signed_in(elsewhere)).text


def test_staff_open_no_plan(partnered: Flask, connected: Fullscript, fake: FakeFullscript) -> None:
    staff = signed_in(partnered, "staff")
    assert BUTTON not in share(staff).text
    assert ask(staff).status_code == 403
    assert fake.count(PLAN_LINK) == 0


def test_another_site_opens_no_plan(browser: FlaskClient, fake: FakeFullscript) -> None:
    assert ask(browser, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.get(PLAN, base_url=PUBLIC).status_code == 405
    assert fake.count(PLAN_LINK) == 0


def test_without_settings_there_is_no_such_address(client: FlaskClient) -> None:
    assert client.post(PLAN).status_code == 404
