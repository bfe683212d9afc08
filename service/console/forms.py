"""A form as it was sent: what was typed, and, where it was refused, what is wrong with each field."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from flask import request
from marshmallow import Schema, ValidationError

from service.accounts.attempts import TooManyAttempts
from service.referrals.models import Edited
from service.shared.errors import BadInput

REFUSALS: Final = (BadInput, TooManyAttempts, ValidationError)
Refusal = BadInput | TooManyAttempts | ValidationError


@dataclass(frozen=True, slots=True)
class Form:
    """Values and errors by the name of their field; an error of the whole form has the name ""."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def sent(cls) -> "Form":
        """The form of this request."""
        return cls(request.form.to_dict())

    @classmethod
    def sent_in_print(cls) -> "Form":
        """The form of this request without what does not print, such as a paste may hold; not for secrets."""
        signs = {
            name: "".join(sign for sign in text if sign.isprintable() or sign in "\r\n\t")
            for name, text in request.form.items()
        }
        return cls(signs)

    def read(self, schema: type[Schema]) -> dict[str, Any]:
        """The values in a shape; what was left empty is absent. Raises ValidationError."""
        loaded: dict[str, Any] = schema().load({name: value for name, value in self.values.items() if value})
        return loaded

    def refused(self, fault: Refusal) -> "Form":
        """The same form, to be shown again with what is wrong; its page answers 422, or 429 where one has to wait."""
        if isinstance(fault, ValidationError):
            return replace(self, errors=dict(_flatten(fault.messages, "")), status=422)
        headers = {"Retry-After": str(fault.wait_seconds)} if isinstance(fault, TooManyAttempts) else {}
        errors = {(fault.pointer or "").removeprefix("/"): fault.detail}
        return replace(self, errors=errors, status=fault.status, headers=headers)

    def text(self, name: str) -> str:
        """One line as it was meant."""
        return plain(self.values.get(name, ""))

    def placed(self, place: Callable[[str, str], tuple[str, str]]) -> "Form":
        """The same form with each error where `place(path, sentence)` puts it, as (field, sentence)."""
        placed: dict[str, str] = {}
        for path, sentence in self.errors.items():
            name, told = place(path, sentence)
            placed[name] = f"{placed[name]} {told}" if name in placed else told
        return replace(self, errors=placed)


def seen_of(row: Edited | None) -> str:
    """What a form keeps of the row it was filled from, to tell whether somebody else changed it meanwhile."""
    return row.edited_at.isoformat() if row is not None and row.edited_at is not None else ""


def refuse_stale(form: Form, row: Edited | None) -> None:
    """Raises BadInput where the row was changed after the form was filled from it: neither change undoes the other."""
    if form.values.get("seen", "") != seen_of(row):
        by = row.edited_by if row is not None and row.edited_by else "Somebody"
        raise BadInput(f"{by} changed this after you opened it. Open it again and make your change there.")


def plain(text: str) -> str:
    """A line of text without the spaces around it and the double ones."""
    return " ".join(text.split())


def _flatten(messages: Any, name: str) -> Iterator[tuple[str, str]]:
    """Each field's path (its parts joined by a slash) with its sentences."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _flatten(inner, name if key == "_schema" else f"{name}/{key}".removeprefix("/"))
    else:
        yield name, " ".join(map(str, messages)) if isinstance(messages, list) else str(messages)
