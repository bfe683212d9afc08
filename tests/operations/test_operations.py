import socket
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from service.config import SettingsError
from service.extensions import db, transaction
from service.operations.doctor import examine, refuse_examples
from service.operations.migrations import migrate_database
from service.operations.server import announce, check_address
from service.referrals.queries import current_book
from tests.conftest import SignInAs, make_app, settings_for


def test_a_seeded_service_is_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "alive"}
    assert client.get("/readyz").json == {"status": "ready"}


def test_a_service_that_is_not_migrated_is_alive_but_not_ready(tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path}/empty.sqlite3")
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert "not migrated" in answer.json["reason"]
    with app.app_context():
        db.engine.dispose()


def test_a_service_whose_database_does_not_answer_is_not_ready(unused_port: int) -> None:
    client = make_app(f"postgresql://nobody@127.0.0.1:{unused_port}/nothing").test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert "does not answer" in answer.json["reason"]


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def test_what_is_in_memory_is_served_while_the_database_is_down(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    card = client.get("/cards/zheng-gu-shui").data
    version = app.extensions["catalog_version"]
    broken = make_app("postgresql://nobody@127.0.0.1:1/nothing")
    with broken.app_context():
        monkeypatch.setattr(version, "_engine", db.engine)
    version.forget()
    assert client.get("/cards/zheng-gu-shui").data == card


def test_migrating_twice_is_migrating_once(app: Flask) -> None:
    migrate_database()
    assert app.test_client().get("/readyz").status_code == 200


def test_a_taken_port_is_told_in_one_sentence() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(SettingsError, match=r"PORT: 127\.0\.0\.1:\d+ cannot be used: .*\. Set another PORT\."):
            check_address("127.0.0.1", holder.getsockname()[1])


def test_the_greeting_names_what_to_open_and_what_is_still_an_example(app: Flask) -> None:
    settings = settings_for("sqlite:////nowhere", PORT="8123")
    told = "\n".join(announce(settings, current_book()))
    for part in ("http://127.0.0.1:8123/", "/feed.json", "/api/", "/f/zheng-gu-shui", "account of amazon"):
        assert part in told


def test_the_greeting_tells_the_one_time_link_when_there_is_one(app: Flask) -> None:
    settings = settings_for("sqlite:////nowhere")
    link = f"{settings.public_url}/console/enter/abc"
    assert any(link in line for line in announce(settings, current_book(), console_link=link))
    assert not any("/console/enter/" in line for line in announce(settings, current_book()))


def test_production_refuses_the_example_accounts(app: Flask) -> None:
    production = settings_for(
        "sqlite:////nowhere", FORMULARY_ENV="production", SECRET_KEY="x" * 32, PUBLIC_URL="https://herbs.example.com"
    )
    with pytest.raises(SettingsError, match="amazon, fullscript are still examples"):
        refuse_examples(production, current_book())
    refuse_examples(settings_for("sqlite:////nowhere"), current_book())


def test_the_doctor_says_what_is_unreviewed_withheld_and_an_example(app: Flask) -> None:
    found = [finding.text for finding in examine(settings_for("sqlite:////nowhere"))]
    assert any("not yet reviewed" in text for text in found)
    assert any("red-flag guideline" in text for text in found)
    assert "The account of amazon is still an example." in found
    assert not any(finding.is_wrong for finding in examine(settings_for("sqlite:////nowhere")))


def test_the_doctor_says_when_nobody_can_sign_in(app: Flask, sign_in_as: SignInAs) -> None:
    told = "Nobody can sign in to the console yet; run `formulary console-link`."
    settings = settings_for("sqlite:////nowhere")
    assert told in [finding.text for finding in examine(settings)]
    sign_in_as()
    assert told not in [finding.text for finding in examine(settings)]


def test_the_doctor_finds_an_empty_catalog_wrong(app: Flask) -> None:
    with transaction():
        db.session.execute(text("DELETE FROM publications"))
    assert examine(settings_for("sqlite:////nowhere"))[0].is_wrong
