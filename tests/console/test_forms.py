import pytest
from flask import Flask
from marshmallow import ValidationError, fields

from service.accounts.attempts import TooManyAttempts
from service.console.forms import Form
from service.shared.errors import BadInput
from service.shared.fields import Document, prose


class ShapeIn(Document):
    name = prose(required=True)
    note = prose()
    links = fields.Dict(keys=prose(), values=prose())


def test_what_is_left_empty_is_absent(app: Flask) -> None:
    assert Form({"name": "Ana", "note": ""}).read(ShapeIn) == {"name": "Ana"}


def test_a_refused_form_keeps_its_values_and_names_each_field(app: Flask) -> None:
    form = Form({"name": " Ana", "other": "x"})
    with pytest.raises(ValidationError) as fault:
        form.read(ShapeIn)
    refused = form.refused(fault.value)
    assert refused.values == form.values
    assert set(refused.errors) == {"name", "other"}
    assert refused.status == 422


def test_a_fault_inside_a_field_is_told_by_its_path() -> None:
    fault = ValidationError({"links": {"shop": ["Begin with https://."]}, "_schema": ["Neither will do."]})
    assert Form().refused(fault).errors == {"links/shop": "Begin with https://.", "": "Neither will do."}
    assert Form().refused(ValidationError("Nothing will do.")).errors == {"": "Nothing will do."}


def test_a_rules_own_error_goes_to_the_field_it_points_at() -> None:
    assert Form().refused(BadInput("Too much.", pointer="/percent_max")).errors == {"percent_max": "Too much."}
    assert Form().refused(BadInput("Not so.")).errors == {"": "Not so."}


def test_one_that_has_to_wait_is_told_so_by_status_and_header() -> None:
    refused = Form().refused(TooManyAttempts(40))
    assert (refused.status, refused.headers) == (429, {"Retry-After": "40"})
