"""What is read without Flask is what Flask would have answered."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from service.accounts.guards import require_scope
from service.app import public_kinds
from service.extensions import db, transaction

PATHS = ["/api/v1/formulas/zheng-gu-shui", "/api/v1/herbs/gan-cao"]


@pytest.mark.parametrize("path", PATHS)
def test_a_direct_read_has_the_body_and_headers_of_the_view(client: FlaskClient, path: str) -> None:
    direct, viewed = client.get(path), client.get(f"{path}?view=public")
    assert direct.data == viewed.data
    assert sorted(direct.headers) == sorted(viewed.headers)


@pytest.mark.parametrize("path", PATHS)
def test_a_direct_read_never_reaches_a_view(app: Flask, path: str) -> None:
    app.view_functions["formulas.get_formula"] = app.view_functions["herbs.get_herb"] = _fail
    assert app.test_client().get(path).status_code == 200


def _fail(**_arguments: object) -> str:
    raise AssertionError("Flask was asked")


@pytest.mark.parametrize("path", ["/api/v1/formulas/no-such", "/api/v1/formulas/", "/api/v1/formulas/a/b"])
def test_what_is_not_found_is_left_to_flask(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_failing_read_is_left_to_flask(app: Flask) -> None:
    with transaction():
        db.session.execute(text("ALTER TABLE publications RENAME TO away"))
    app.testing = False
    answer = app.test_client().get(PATHS[0])
    assert answer.status_code in (500, 503)
    assert answer.mimetype == "application/problem+json"


def test_a_folder_whose_guard_is_not_everyone_is_not_read_directly(app: Flask) -> None:
    assert public_kinds(app) == {"/api/v1/formulas": "formula", "/api/v1/herbs": "herb"}
    app.extensions["guards"]["herbs"] = lambda: require_scope("read:practitioner")
    assert public_kinds(app) == {"/api/v1/formulas": "formula"}
