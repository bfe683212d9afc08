"""The OpenAPI document is valid, complete, and true of what the service answers."""

from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

DU_HUO = "/api/v1/formulas/du-huo-ji-sheng-tang"


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/openapi.json").json  # type: ignore[assignment]  # a mapping
    return found


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_api_route_is_in_the_document(seeded: Flask, document: dict[str, Any]) -> None:
    routes = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in seeded.url_map.iter_rules()
        if rule.rule.startswith(("/api/v1/", "/feed.json", "/oembed"))
    }
    assert routes - set(document["paths"]) == {"/api/v1/openapi.json"}


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                assert operation["summary"], path
                assert "200" in operation["responses"]


def test_errors_are_described_as_problem_documents(document: dict[str, Any]) -> None:
    for response in document["components"]["responses"].values():
        if "content" in response:
            assert set(response["content"]) == {"application/problem+json"}


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/api/v1/formulas", "FormulaPageOut"),
        (DU_HUO, "FormulaOut"),
        ("/api/v1/formulas/zheng-gu-shui", "FormulaOut"),
        (f"{DU_HUO}/offers", "OfferSetOut"),
        ("/api/v1/formulas/zheng-gu-shui/offers?channel=feed", "OfferSetOut"),
        ("/api/v1/herbs", "HerbPageOut"),
        ("/api/v1/herbs/gan-cao", "HerbOut"),
        ("/api/v1/search?q=du huo", "SearchOut"),
        ("/api/v1/formulas/no-such", "ProblemOut"),
        ("/api/v1/formulas?limit=x", "ProblemOut"),
    ],
)
def test_an_answer_has_the_shape_the_document_gives(
    client: FlaskClient, document: dict[str, Any], path: str, shape: str
) -> None:
    body = client.get(path).json
    schemas = closed(document["components"]["schemas"])
    validator = Draft202012Validator({"$ref": f"#/components/schemas/{shape}", "components": {"schemas": schemas}})
    assert [error.message for error in validator.iter_errors(body)] == []


def closed(schemas: dict[str, Any]) -> dict[str, Any]:
    """The shapes with every field that is not described refused."""
    return {name: {**schema, "additionalProperties": False} for name, schema in schemas.items()}


def test_no_input_breaks_the_service_or_the_document(seeded: Flask) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", seeded)
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) >= 8
    for operation in operations:

        @settings(max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def probe(case: "schemathesis.Case[Any]") -> None:
            # A cursor that we did not make is well-formed, and rightly refused; oEmbed demands a 501.
            response = case.call_and_validate(
                headers={"Accept-Encoding": "identity"},
                excluded_checks=[positive_data_acceptance, not_a_server_error],
            )
            assert response.status_code < 500 or response.status_code == 501

        probe()
