"""RFC 9457 where data is asked for, HTML elsewhere; the text of an unknown exception is never shown."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import make_app


@pytest.fixture
def broken(tmp_path: Path) -> FlaskClient:
    app: Flask = make_app(f"sqlite:///{tmp_path}/empty.sqlite3", LOG_LEVEL="error")
    app.testing = False
    return app.test_client()


@pytest.mark.parametrize("path", ["/api/v1/formulas", "/feed.json", "/oembed?url=x", "/api/nothing"])
def test_data_answers_with_problem_documents(broken: FlaskClient, path: str) -> None:
    answer = broken.get(path)
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert set(answer.json) >= {"type", "title", "status"}
    assert answer.json["status"] == answer.status_code >= 400
    assert "no such table" not in answer.text


@pytest.mark.parametrize("path", ["/", "/f/x", "/cards/x", "/go/22222222w", "/nothing"])
def test_pages_answer_with_pages(broken: FlaskClient, path: str) -> None:
    answer = broken.get(path)
    assert answer.status_code >= 400
    assert answer.mimetype == "text/html"
    assert "no such table" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/v1/formulas"), ("DELETE", "/feed.json"), ("PUT", "/")])
def test_a_method_that_is_not_there_says_which_are(client: FlaskClient, method: str, path: str) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
