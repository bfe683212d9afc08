"""flask-smorest, fitted to this house: strict queries, problem documents, no pages of its own."""

import http
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import RAISE, Schema, fields
from webargs.flaskparser import FlaskParser

View = TypeVar("View", bound=Callable[..., Any])


class ProblemDetailOut(Schema):
    pointer = fields.String(required=True, metadata={"description": "Which value: /query/limit, /slug."})
    detail = fields.String(required=True)


class ProblemOut(Schema):
    """A problem document (RFC 9457)."""

    type = fields.String(required=True, metadata={"description": "A stable address that names the kind."})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    errors = fields.List(fields.Nested(ProblemDetailOut))


class Query(Schema):
    """Arguments of a query; one that is not known is an error, so that a misspelling is seen."""

    class Meta:
        unknown = RAISE


class _Parser(FlaskParser):
    # None leaves unknown arguments to the schema, which raises.
    DEFAULT_UNKNOWN_BY_LOCATION = {
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": None,
    }


class Blueprint(SmorestBlueprint):
    """flask-smorest's, its decorators typed."""

    ARGUMENTS_PARSER = _Parser()

    def get(self, rule: str, **options: Any) -> Callable[[View], View]:
        return cast("Callable[[View], View]", super().get(rule, **options))

    def arguments(self, schema: type[Schema], **options: Any) -> Callable[[View], View]:
        return cast("Callable[[View], View]", super().arguments(schema, **options))

    def response(
        self, status_code: int, schema: type[Schema] | dict[str, str] | None = None, **options: Any
    ) -> Callable[[View], View]:
        return cast("Callable[[View], View]", super().response(status_code, schema, **options))

    def alt_response(self, status_code: int, **options: Any) -> Callable[[View], View]:
        return cast("Callable[[View], View]", super().alt_response(status_code, **options))


class Api(SmorestApi):
    """The OpenAPI document's maker; errors are answered by `shared.problems`."""

    def _register_error_handlers(self) -> None:
        """Leave errors to the app's own handlers."""

    def _register_responses(self) -> None:
        for status in http.HTTPStatus:
            self._register_problem(status.name, status.phrase)
        self._register_problem(self.DEFAULT_ERROR_RESPONSE_NAME, "A problem document")

    def _register_problem(self, name: str, description: str) -> None:
        content: dict[str, Any] = {"application/problem+json": {"schema": ProblemOut}}
        self.spec.components.response(name, {"description": description, "content": content}, lazy=True)
