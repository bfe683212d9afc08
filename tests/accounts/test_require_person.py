"""Who is let into a blueprint behind `require_person`, and from where."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urljoin, urlsplit

import pytest
import time_machine
from flask import Blueprint, Flask, Response
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from service.accounts.actions import disable_person
from service.accounts.guards import SEEN_EVERY, console_path, current_person, origin_of, require_person
from service.accounts.models import SignIn
from service.accounts.queries import IDLE_TIME_OUT
from service.app import mount
from service.extensions import db, transaction
from service.partners.application import CALLBACK_PATH, CONNECT_PATH
from service.shared.zones import console_zone
from tests.conftest import PUBLIC_URL, WORDS, SignInAs, with_token


@pytest.fixture
def office(app: Flask) -> Flask:
    """The app with a blueprint for owners and practitioners."""
    office = Blueprint("office", __name__, url_prefix="/console/office")

    @office.route("/", methods=["GET", "POST"])
    def who() -> Response:
        return Response(f"{current_person().name} {current_person().role}", mimetype="text/plain")

    mount(app, office, zone=console_zone(""), guard=require_person("owner", "practitioner"))
    return app


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("practitioner", 200), ("staff", 403)])
def test_a_person_is_let_in_by_role(office: Flask, sign_in_as: SignInAs, role: str, status: int) -> None:
    answer = sign_in_as(role).get("/console/office/")
    assert answer.status_code == status
    assert (answer.get_data(as_text=True) == f"Ana {role}") is (status == 200)


def test_a_role_that_is_none_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="no such role: king"):
        require_person("king")


@pytest.mark.parametrize("token", [None, "", "wrong", "é", "x" * 2000])
def test_a_stranger_is_led_to_the_sign_in_page_and_back(office: Flask, token: str | None) -> None:
    client = with_token(office, token)
    answer = client.get("/console/office/?page=2&done=saved")
    assert answer.status_code == 303
    assert answer.location == "/console/sign-in?next=" + quote("/console/office/?page=2&done=saved", safe="")
    assert client.post("/console/office/").location == "/console/sign-in?next=%2Fconsole%2F"


def test_a_script_of_a_stranger_is_answered_401(office: Flask) -> None:
    answer = office.test_client().get("/console/office/", headers={"Sec-Fetch-Dest": "empty"})
    assert answer.status_code == 401


def test_a_sign_in_ends_at_the_door_too(office: Flask, sign_in_as: SignInAs) -> None:
    client = sign_in_as()
    with time_machine.travel(datetime.now(UTC) + IDLE_TIME_OUT + timedelta(seconds=1)):
        assert client.get("/console/office/").status_code == 303
    assert client.get("/console/office/").status_code == 200
    with transaction():
        disable_person("Ana")
    assert client.get("/console/office/").status_code == 303


def test_being_here_puts_the_end_off_with_few_writes(office: Flask, sign_in_as: SignInAs) -> None:
    client = sign_in_as()

    def seen() -> datetime:
        db.session.expire_all()
        return db.session.scalars(select(SignIn.last_seen_at)).one()

    first = seen()
    client.get("/console/office/")
    assert seen() == first
    with time_machine.travel(first + SEEN_EVERY + timedelta(seconds=1)):
        client.get("/console/office/")
        assert seen() > first
    for hours in (7, 14, 21):
        with time_machine.travel(first + timedelta(hours=hours)):
            assert client.get("/console/office/").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC_URL}, 403),
        ({"Origin": PUBLIC_URL}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": f"{PUBLIC_URL}.evil.example"}, 403),
        ({"Origin": PUBLIC_URL.replace("https", "http")}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_a_write_has_to_come_from_our_own_pages(
    office: Flask, sign_in_as: SignInAs, headers: dict[str, str], status: int
) -> None:
    client = sign_in_as()
    del client.environ_base["HTTP_SEC_FETCH_SITE"]
    answer = client.post("/console/office/", headers=headers)
    assert answer.status_code == status
    assert client.get("/console/office/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Herbs.Example.com/shop", "https://herbs.example.com"),
        ("https://herbs.example.com:443", "https://herbs.example.com"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(url: str, origin: str) -> None:
    assert origin_of(url) == origin


PIECES = st.sampled_from(
    [
        "/console/",
        "//",
        "/",
        "\\",
        "..",
        "%2e%2e",
        "evil.example",
        "https:",
        "javascript:",
        "@",
        "?next=",
        "#",
        ":",
        "account",
        "\r\n",
        "\t",
        " ",
    ]
)


@given(st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=40))
def test_after_signing_in_nobody_is_led_away(wanted: str) -> None:
    base = "https://herbs.example.com"
    for tried in (wanted, f"/console/{wanted}"):
        path = console_path(tried)
        # Browsers take a backslash for a slash and drop tabs and line ends; neither may matter.
        for read in (path, path.replace("\\", "/"), "".join(path.split())):
            led = urlsplit(urljoin(base, read))
            assert (led.scheme, led.netloc) == ("https", "herbs.example.com")
            assert led.path.startswith("/console/")
            assert ".." not in led.path


@pytest.mark.parametrize(
    "path", ["/console/", "/console/clicks?from=2026-11-01&to=2026-11-30", "/console/a/b-c", CONNECT_PATH]
)
def test_a_page_of_the_console_is_come_back_to(path: str) -> None:
    assert console_path(path) == path


@pytest.mark.parametrize(
    "path",
    [f"{CONNECT_PATH}/", f"{CONNECT_PATH}?x=1", f"{CONNECT_PATH}\n", f"/{CONNECT_PATH}", CALLBACK_PATH, "/partners/"],
)
def test_of_fullscripts_pages_only_the_beginning_is_come_back_to(path: str) -> None:
    assert console_path(path) == "/console/"


def test_in_production_the_cookie_is_for_this_host_over_https_alone(app: Flask, sign_in_as: SignInAs) -> None:
    sign_in_as()
    cookie = sign_in_page_cookie(with_token(app, None))
    name, _, rest = cookie.partition("=")
    assert name == "__Host-formulary"
    attributes = set(rest.split("; ")[1:])
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={30 * 24 * 3600}"} <= attributes
    assert not [attribute for attribute in attributes if attribute.startswith("Domain")]


def sign_in_page_cookie(client: FlaskClient) -> str:
    answer = client.post("/console/sign-in", data={"name": "Ana", "passphrase": WORDS})
    assert answer.status_code == 303, answer.text
    return answer.headers["Set-Cookie"]
