import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.accounts.actions import revoke_api_key
from service.extensions import transaction

DU_HUO = "/api/v1/formulas/du-huo-ji-sheng-tang"


def test_the_list_holds_the_three_products_in_the_order_of_their_slugs(client: FlaskClient) -> None:
    items = client.get("/api/v1/formulas").json["items"]  # type: ignore[index]  # a list body
    assert [item["slug"] for item in items] == [
        "du-huo-ji-sheng-tang",
        "shao-yao-gan-cao-tang",
        "zheng-gu-shui",
    ]


def test_pages_by_cursor_give_every_herb_once(client: FlaskClient) -> None:
    slugs: list[str] = []
    path = "/api/v1/herbs?limit=10"
    while path:
        answer = client.get(path)
        assert answer.json is not None
        slugs += [item["slug"] for item in answer.json["items"]]
        cursor = answer.json["next_cursor"]
        path = f"/api/v1/herbs?limit=10&cursor={cursor}" if cursor else ""
        assert ("Link" in answer.headers) == bool(cursor)
    assert len(slugs) == 26
    assert slugs == sorted(set(slugs))


def test_a_formula_is_told_with_its_cautions_worst_first(client: FlaskClient) -> None:
    body = client.get(DU_HUO).json
    assert body is not None
    order = ["contraindicated", "major", "moderate", "minor", "unknown"]
    grades = [order.index(caution["grade"]) for caution in body["cautions"]]
    assert grades == sorted(grades)
    assert body["title"] == {
        "hanzi": "独活寄生汤",
        "pinyin": "Dú Huó Jì Shēng Tāng",
        "english": "Angelica Pubescens and Taxillus Decoction",
    }


def test_every_source_a_body_names_is_in_it(client: FlaskClient) -> None:
    for path in (DU_HUO, "/api/v1/formulas/zheng-gu-shui", "/api/v1/herbs/gan-cao"):
        body = client.get(path).json
        assert body is not None
        named = {key for row in body["cautions"] for key in row["sources"]}
        assert named
        assert named <= set(body["sources"])


def test_the_public_body_holds_nothing_meant_for_practitioners(client: FlaskClient) -> None:
    body = client.get(DU_HUO).json
    assert body is not None
    assert not {"evidence", "combinations", "notes", "doses"} & set(body)
    text = json.dumps(body, ensure_ascii=False).lower()
    for word in ("osteoarthritis", "sciatica", '"jun"', "zuo_shi", "grams_min", '"role"'):
        assert word not in text


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/formulas/no-such", 404, "formula-not-found"),
        ("/api/v1/herbs/no-such", 404, "herb-not-found"),
        ("/api/v1/no-such", 404, "not-found"),
        (f"{DU_HUO}?view=practitioner", 401, "unauthorized"),
    ],
)
def test_errors_are_problem_documents(client: FlaskClient, path: str, status: int, code: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json is not None
    assert (answer.json["status"], answer.json["type"]) == (status, f"/problems/{code}")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/query/limit"),
        ("limit=x", "/query/limit"),
        ("limit=201", "/query/limit"),
        ("cursor=!!", "/query/cursor"),
        ("page=2", "/query/page"),
    ],
)
def test_a_bad_query_value_is_422_with_a_pointer(client: FlaskClient, query: str, pointer: str) -> None:
    answer = client.get(f"/api/v1/formulas?{query}")
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["pointer"] == pointer
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_key_opens_the_practitioners_view_and_it_is_kept_by_no_shared_cache(
    app: Flask, practitioner: dict[str, str]
) -> None:
    answer = app.test_client().get(f"{DU_HUO}?view=practitioner", headers=practitioner)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.json is not None
    assert {"evidence", "combinations", "notes", "doses"} <= set(answer.json)
    roles = {row["herb"]: row.get("role") for row in answer.json["ingredients"]}
    assert roles["du-huo"] == "jun"
    again = app.test_client().get(
        f"{DU_HUO}?view=practitioner", headers={**practitioner, "If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


def test_a_revoked_key_opens_nothing(app: Flask, practitioner: dict[str, str]) -> None:
    with transaction():
        revoke_api_key("a practice")
    answer = app.test_client().get(f"{DU_HUO}?view=practitioner", headers=practitioner)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
