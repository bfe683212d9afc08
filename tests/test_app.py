"""Promises of the whole app: guards, zones, query counts, caching."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from service.accounts.guards import everyone
from service.catalog.codes import product_code
from service.extensions import db
from service.shared.published import PublishedBytes

DU_HUO, SHAO_YAO, ZHENG_GU = "du-huo-ji-sheng-tang", "shao-yao-gan-cao-tang", "zheng-gu-shui"
PUBLIC_READS = [
    "/",
    f"/f/{DU_HUO}",
    f"/cards/{ZHENG_GU}",
    f"/cards/{ZHENG_GU}?theme=dark",
    "/feed.json",
    "/api/",
    "/api/v1/openapi.json",
    "/api/v1/formulas",
    f"/api/v1/formulas/{SHAO_YAO}",
    f"/api/v1/formulas/{SHAO_YAO}/offers",
    f"/api/v1/formulas/{SHAO_YAO}/offers?channel=feed",
    "/api/v1/herbs",
    "/api/v1/herbs/gan-cao",
    "/api/v1/search?q=licorice",
    f"/oembed?url=https://herbs.example.com/f/{DU_HUO}",
]


def test_every_route_belongs_to_a_guarded_blueprint(seeded: Flask) -> None:
    guards = seeded.extensions["guards"]
    for rule in seeded.url_map.iter_rules():
        blueprint = seeded.view_functions[rule.endpoint] and rule.endpoint.rpartition(".")[0]
        assert rule.endpoint == "static" or blueprint in guards, f"{rule} has no guard"


def test_the_guard_of_a_blueprint_runs_before_its_views(seeded: Flask) -> None:
    for name, guard in seeded.extensions["guards"].items():
        assert guard in seeded.before_request_funcs[name]


def test_what_is_public_is_declared_so(seeded: Flask) -> None:
    public = {name for name, guard in seeded.extensions["guards"].items() if guard is everyone}
    assert public == {
        "pages",
        "cards",
        "go",
        "reference",
        "operations",
        "formulas",
        "herbs",
        "offers",
        "search",
        "feeds",
        "oembed",
    }


@pytest.mark.parametrize("path", PUBLIC_READS)
def test_every_public_read_has_a_strong_etag_and_answers_304(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    etag = answer.headers["ETag"]
    assert etag.startswith('"')
    again = client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", PUBLIC_READS)
def test_every_public_read_may_be_served_stale_while_the_service_is_down(client: FlaskClient, path: str) -> None:
    control = client.get(path).headers["Cache-Control"]
    assert control.startswith("public, max-age=")
    assert "stale-if-error" in control


@pytest.mark.parametrize("path", PUBLIC_READS)
def test_every_answer_carries_its_zones_headers_and_no_cookie(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "Set-Cookie" not in headers


def test_only_cards_may_be_framed_by_other_sites(client: FlaskClient) -> None:
    def ancestors(path: str) -> str:
        return client.get(path).headers["Content-Security-Policy"].rpartition("frame-ancestors ")[2]

    assert ancestors(f"/cards/{DU_HUO}") == "*"
    assert ancestors("/cards/nothing-by-this-name") == "*"
    assert ancestors("/") == "'self'"
    assert ancestors(f"/f/{DU_HUO}") == "'self'"
    assert ancestors("/api/v1/formulas") == "'none'"


def test_data_is_readable_by_scripts_of_other_sites(client: FlaskClient) -> None:
    assert client.get("/feed.json").headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get("/").headers


@contextmanager
def counted_queries(app: Flask) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def forget_answers(app: Flask) -> None:
    layer = app.wsgi_app
    assert isinstance(layer, PublishedBytes)
    layer.forget()


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/", 1),
        (f"/f/{DU_HUO}", 1),
        (f"/cards/{DU_HUO}", 1),
        ("/feed.json", 1),
        ("/api/v1/formulas", 1),
        (f"/api/v1/formulas/{DU_HUO}", 1),
        (f"/api/v1/formulas/{DU_HUO}/offers", 1),
        ("/api/v1/herbs", 1),
        ("/api/v1/search?q=du", 0),
        (f"/go/{product_code(DU_HUO + '-fullscript')}w", 1),
    ],
)
def test_a_read_takes_one_select_at_most(seeded: Flask, client: FlaskClient, path: str, most: int) -> None:
    client.get(path)  # warms the book of programs and the index
    client.get("/api/v1/search?q=warm")
    forget_answers(seeded)
    with counted_queries(seeded) as statements:
        client.get(path)
    reads = [statement for statement in statements if "FROM catalog_state" not in statement]
    assert len(reads) <= most, reads


def test_a_hot_read_takes_no_select(seeded: Flask, client: FlaskClient) -> None:
    client.get(f"/cards/{DU_HUO}")
    with counted_queries(seeded) as statements:
        client.get(f"/cards/{DU_HUO}")
    assert [statement for statement in statements if "FROM catalog_state" not in statement] == []
