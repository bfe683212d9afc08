"""Promises of the whole app: guards, zones, query counts, caching."""

import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from service.accounts.guards import everyone
from service.catalog.codes import product_code
from service.extensions import db
from tests.conftest import SignInAs

DU_HUO, SHAO_YAO, ZHENG_GU = "du-huo-ji-sheng-tang", "shao-yao-gan-cao-tang", "zheng-gu-shui"
PUBLIC_READS = [
    "/",
    f"/f/{DU_HUO}",
    "/du-huo",
    f"/f/{DU_HUO}/qr.svg",
    f"/f/{DU_HUO}/qr.png",
    f"/f/{DU_HUO}/qr.png?size=large",
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
        "qr_codes",
        "go",
        "hits",
        "reference",
        "operations",
        "formulas",
        "herbs",
        "offers",
        "search",
        "feeds",
        "oembed",
        "console_entry",
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
    for layer in ("published_bytes", "redirect_layer"):
        app.extensions[layer].forget()


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/", 1),
        (f"/f/{DU_HUO}", 1),
        ("/du-huo", 1),
        (f"/f/{DU_HUO}/qr.svg", 1),
        (f"/f/{DU_HUO}/qr.png", 1),
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


def console_writes(app: Flask) -> list[str]:
    """Every address of the console that takes a form."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/console/")]
    return [re.sub(r"<[^>]+>", "x", rule.rule) for rule in rules if (rule.methods or set()) & {"POST", "PUT", "DELETE"}]


def test_no_write_of_the_console_is_taken_from_another_site(app: Flask, sign_in_as: SignInAs) -> None:
    client = sign_in_as()
    addresses = console_writes(app)
    assert len(addresses) >= 4
    for address in addresses:
        for site in ("cross-site", "same-site"):
            assert client.post(address, headers={"Sec-Fetch-Site": site}).status_code == 403, address
    assert client.get("/console/").status_code == 200


def test_the_console_is_kept_nowhere_and_framed_by_nobody(app: Flask, sign_in_as: SignInAs) -> None:
    client, stranger = sign_in_as(), app.test_client()
    addresses = [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/console/")]
    for address in [*(re.sub(r"<[^>]+>", "x", address) for address in addresses), "/console/nothing"]:
        for answer in (client.get(address), stranger.get(address), client.post(address), client.head(address)):
            headers = answer.headers
            assert headers["Cache-Control"] == "no-store", address
            assert headers["Content-Security-Policy"].endswith("frame-ancestors 'none'"), address
            assert "script-src 'self';" in headers["Content-Security-Policy"]
            assert headers["X-Robots-Tag"] == "noindex, nofollow"
            assert headers["Referrer-Policy"] == "same-origin"
            assert "ETag" not in headers
            assert "Access-Control-Allow-Origin" not in headers
        client = sign_in_as()  # some addresses sign out
    assert [path for path, _ in app.extensions["published_bytes"]._entries if path.startswith("/console")] == []


def test_the_sheet_of_the_console_is_the_one_its_policy_admits(client: FlaskClient) -> None:
    for address in ("/console/sign-in", "/console/nothing", "/console/enter/x"):
        answer = client.get(address)
        sheet = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        digest = b64encode(sha256(sheet[0].encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
