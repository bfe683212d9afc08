import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.catalog.actions import save_formula
from service.catalog.queries import get_formula
from service.catalog.schemas import FormulaIn
from service.extensions import transaction
from service.publishing.actions import publish_formula, read_surroundings
from service.referrals.queries import current_book


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("独活寄生汤", "du-huo-ji-sheng-tang"),
        ("獨活寄生湯", "du-huo-ji-sheng-tang"),
        ("duhuojishengtang", "du-huo-ji-sheng-tang"),
        ("Shakuyaku-kanzo-to", "shao-yao-gan-cao-tang"),
        ("zheng gu shui", "zheng-gu-shui"),
        ("bone-setting", "zheng-gu-shui"),
        ("Glycyrrhizae", "gan-cao"),
        ("SYGCT", "shao-yao-gan-cao-tang"),
    ],
)
def test_a_name_in_any_script_finds_its_holder_first(client: FlaskClient, query: str, slug: str) -> None:
    body = client.get("/api/v1/search", query_string={"q": query}).json
    assert body is not None
    assert body["results"][0]["slug"] == slug


def test_a_result_tells_what_matched_and_the_key_caution(client: FlaskClient) -> None:
    body = client.get("/api/v1/search?q=shaoyao").json
    assert body is not None
    result = body["results"][0]
    assert result["match"] == {
        "class": "prefix",
        "field": "pinyin",
        "text": "Sháo Yào Gān Cǎo Tāng",
        "spans": [[0, 8]],
    }
    assert "licorice" in result["caution"]["text"]


@pytest.mark.parametrize("name", ["去杖汤", "qu zhang tang"])
def test_a_name_of_low_confidence_is_not_public(client: FlaskClient, name: str) -> None:
    body = client.get("/api/v1/search", query_string={"q": name}).json
    assert body is not None
    assert body["results"] == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({}, "/query/q"),
        ({"q": ""}, "/query/q"),
        ({"q": "x" * 101}, "/query/q"),
        ({"q": "a\x00b"}, "/query/q"),
        ({"q": "a\nb"}, "/query/q"),
        ({"q": "a", "kind": "tea"}, "/query/kind"),
        ({"q": "a", "limit": "51"}, "/query/limit"),
    ],
)
def test_a_bad_query_is_422(client: FlaskClient, query: dict[str, str], pointer: str) -> None:
    answer = client.get("/api/v1/search", query_string=query)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["pointer"].startswith(pointer)


def test_a_new_name_is_found_by_the_next_query(app: Flask) -> None:
    client = app.test_client()
    body = client.get("/api/v1/search?q=newly").json
    assert body is not None
    assert body["results"] == []
    document = FormulaIn().dump(get_formula("zheng-gu-shui"))
    document["names"].append({"text": "Newly Named", "script": "english", "confidence": "H", "sources": ["WIKI_ZGS"]})
    with transaction():
        save_formula(FormulaIn().load(document))
        publish_formula("zheng-gu-shui", by="x", reason="x", around=read_surroundings(), book=current_book())
    body = client.get("/api/v1/search?q=newly").json
    assert body is not None
    assert [result["slug"] for result in body["results"]] == ["zheng-gu-shui"]
