"""The fields every input shape is made of, strict where YAML and JSON are lenient."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import (
    RAISE,
    Schema,
    ValidationError,
    fields,
    post_dump,
    validate,
    validates_schema,
)

SLUG = validate.Regexp(
    r"\A[a-z0-9]+(-[a-z0-9]+)*\Z",
    error="Use small letters, digits and single hyphens, like du-huo.",
)
TRIMMED = validate.Regexp(r"\A\S(.*\S)?\Z", error="Trim the spaces around it.")


class Text(fields.String):
    """Text as text: a YAML `no`, `on` or bare date arrives as something else, and says so."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError(f"Read as {value!r} ({type(value).__name__}); put it in quotes to make it text.")
        return super()._deserialize(value, attr, data, **kwargs)


def prose(longest: int = 2000, **options: Any) -> Text:
    return Text(validate=[validate.Length(min=1, max=longest), TRIMMED], **options)


def identifier(**options: Any) -> Text:
    return Text(validate=[validate.Length(max=80), SLUG], **options)


def choice(values: Iterable[str], **options: Any) -> Text:
    return Text(validate=validate.OneOf(tuple(values)), **options)


def amount(**options: Any) -> fields.Float:
    return fields.Float(validate=validate.Range(min=0, min_inclusive=False), allow_nan=False, **options)


def decimal_text(**options: Any) -> Text:
    """An amount of money kept as text, so that it stays as exact as it was written."""
    return Text(
        validate=validate.Regexp(r"\A(?!0+(\.0+)?\Z)[0-9]{1,7}(\.[0-9]{2})?\Z", error="Write an amount as 29.90."),
        **options,
    )


def iso_day(**options: Any) -> Text:
    """A day kept as text, for parts of a document that stay JSON in the database."""
    return Text(validate=_is_day, **options)


def _is_day(text: str) -> None:
    try:
        is_day = date.fromisoformat(text).isoformat() == text
    except ValueError:
        is_day = False
    if not is_day:
        raise ValidationError("Write a day that exists as 2026-11-21.")


def past_day(**options: Any) -> Text:
    """A day kept as text that is not yet to come."""
    return Text(validate=_is_past, **options)


def _is_past(text: str) -> None:
    _is_day(text)
    if date.fromisoformat(text) > datetime.now(UTC).date():
        raise ValidationError("This day is yet to come.")


def rows(schema: type[Schema]) -> fields.List[Any]:
    return fields.List(fields.Nested(schema))


class Document(Schema):
    """Unknown keys are an error, and nothing empty is written."""

    class Meta:
        unknown = RAISE

    @post_dump
    def leave_out_the_empty(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {
            key: value
            for key, value in data.items()
            if value is not None and value is not False and value not in ([], {})
        }


class Ranged(Document):
    """Checks every `x_min` against its `x_max`."""

    @validates_schema(skip_on_field_errors=True)
    def check_ranges(self, data: Mapping[str, Any], **_: Any) -> None:
        for low in [key for key in self.fields if key.endswith("_min")]:
            high = low.replace("_min", "_max")
            if (low in data) != (high in data):
                raise ValidationError(f"Give {low} and {high} together.", low)
            if low in data and data[low] > data[high]:
                raise ValidationError(f"{low} {data[low]} is more than {high} {data[high]}.", low)


def refuse_repeats(data: Mapping[str, Any], field: str, keys: tuple[str, ...]) -> None:
    """Raise ValidationError at the second row that has the same keys as an earlier one."""
    seen: Counter[tuple[Any, ...]] = Counter()
    for position, row in enumerate(data.get(field, [])):
        identity = tuple(row[key] for key in keys)
        seen[identity] += 1
        if seen[identity] > 1:
            raise ValidationError({field: {position: [f"Stands twice: {' '.join(map(str, identity))}."]}})
