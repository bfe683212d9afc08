import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from service.catalog.actions import raise_catalog_version
from service.catalog.codes import ALPHABET, product_code
from service.extensions import db, transaction
from service.publishing.actions import withdraw_formula
from service.referrals.models import Program

CODE = product_code("du-huo-ji-sheng-tang-fullscript")


@pytest.mark.parametrize("letter", ["w", "c"])
def test_a_fullscript_code_leads_to_the_dispensary(client: FlaskClient, letter: str) -> None:
    answer = client.get(f"/go/{CODE}{letter}")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "https://us.fullscript.com/welcome/example-dispensary"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"].startswith("noindex")


def test_nothing_of_the_query_reaches_the_destination(client: FlaskClient) -> None:
    answer = client.get(f"/go/{CODE}w?next=https://evil.example&patient=jane")
    assert answer.headers["Location"] == "https://us.fullscript.com/welcome/example-dispensary"


@pytest.mark.parametrize("product", ["zheng-gu-shui-regular", "zheng-gu-shui-ultra"])
@pytest.mark.parametrize("letter", ["w", "c"])
def test_amazon_has_no_redirect(client: FlaskClient, product: str, letter: str) -> None:
    answer = client.get(f"/go/{product_code(product)}{letter}")
    assert answer.status_code == 404
    assert "Location" not in answer.headers
    assert "amazon.com" not in answer.text


@pytest.mark.parametrize("code", ["", "x", CODE, f"{CODE}x", f"{CODE}wc", "22222222w", f"{CODE}W"])
def test_any_other_code_is_a_404_page(client: FlaskClient, code: str) -> None:
    answer = client.get(f"/go/{code}")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(code=st.text(ALPHABET, max_size=10))
def test_no_code_leaves_the_list_of_hosts(client: FlaskClient, code: str) -> None:
    location = client.get(f"/go/{code}").headers.get("Location")
    assert location is None or location.startswith("https://us.fullscript.com/")


def test_a_withdrawn_formula_ends_its_links(app: Flask) -> None:
    with transaction():
        withdraw_formula("du-huo-ji-sheng-tang", by="x", reason="x")
    assert app.test_client().get(f"/go/{CODE}w").status_code == 410


def test_a_program_switched_off_ends_its_links(app: Flask) -> None:
    client = app.test_client()
    assert client.get(f"/go/{CODE}w").status_code == 302
    with transaction():
        db.session.execute(update(Program).where(Program.key == "fullscript").values(enabled=False))
        raise_catalog_version()
    assert client.get(f"/go/{CODE}w").status_code == 410
    card = client.get("/cards/du-huo-ji-sheng-tang").get_data(as_text=True)
    assert "/go/" not in card
    assert "Ask SIX Harmonies" in card


def test_a_host_taken_off_the_list_stops_the_redirect(app: Flask) -> None:
    with transaction():
        db.session.execute(update(Program).where(Program.key == "fullscript").values(allowed_hosts=["a.example"]))
        raise_catalog_version()
    assert app.test_client().get(f"/go/{CODE}w").status_code == 409


def test_what_is_refused_is_not_shown_to_visitors(app: Flask) -> None:
    with transaction():
        db.session.execute(update(Program).where(Program.key == "fullscript").values(allowed_hosts=["a.example"]))
        raise_catalog_version()
    assert "fullscript.com" not in app.test_client().get(f"/go/{CODE}w").text
