"""The API's own description: OpenAPI 3.1, and the same as a page that needs no script."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, json, render_template

from service.shared.api import Api
from service.shared.http_cache import published

METHODS = ("get", "post", "put", "patch", "delete")

reference = Blueprint("reference", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class OperationView:
    """One method of one path, as the page shows it."""

    method: str
    path: str
    summary: str
    parameters: list[Mapping[str, Any]]
    responses: list[tuple[str, str, str]]


@reference.get("/api/v1/openapi.json")
def openapi() -> Response:
    return published(json.dumps(document(), indent=1), "application/json")


@reference.get("/api/")
def page() -> Response:
    described = document()
    body = render_template(
        "reference.html",
        info=described["info"],
        operations=list(_operations(described)),
        schemas=sorted(described["components"]["schemas"].items()),
    )
    return published(body, "text/html")


def document() -> dict[str, Any]:
    """The OpenAPI document of this app."""
    api: Api = current_app.extensions["formulary_api"]
    described: dict[str, Any] = api.spec.to_dict()
    return described


def _operations(described: Mapping[str, Any]) -> Iterator[OperationView]:
    for path, methods in described["paths"].items():
        shared = methods.get("parameters", [])
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                yield OperationView(
                    method=method.upper(),
                    path=path,
                    summary=operation.get("summary", ""),
                    parameters=[*shared, *operation.get("parameters", [])],
                    responses=[
                        (status, *_describe(response, described)) for status, response in operation["responses"].items()
                    ],
                )


def _describe(response: Mapping[str, Any], described: Mapping[str, Any]) -> tuple[str, str]:
    """What an answer is, and the name of its shape."""
    if "$ref" in response:
        response = described["components"]["responses"][response["$ref"].rpartition("/")[2]]
    shapes = [content.get("schema", {}) for content in response.get("content", {}).values()]
    return response["description"], shapes[0].get("$ref", "").rpartition("/")[2] if shapes else ""
