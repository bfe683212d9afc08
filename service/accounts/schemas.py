"""The shapes of what people type when they sign in. A passphrase is taken as typed, spaces and all."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validate, validates_schema

from service.accounts.passphrases import LONGEST
from service.shared.fields import Document, Text


def typed(sentence: str, longest: int) -> Text:
    return Text(
        required=True,
        validate=validate.Length(min=1, max=longest, error=sentence),
        error_messages={"required": sentence},
    )


class SignInIn(Document):
    name = typed("Type your name, in at most 80 characters.", 80)
    passphrase = typed("Type your passphrase.", LONGEST)
    next = Text()


class PassphraseIn(Document):
    """A new passphrase, typed twice since nobody sees it."""

    name = Text()
    passphrase = typed(f"Choose a passphrase of at most {LONGEST} characters.", LONGEST)
    again = typed("Type it once more.", LONGEST)

    @validates_schema(skip_on_field_errors=True)
    def check_same(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["passphrase"] != data["again"]:
            raise ValidationError("The two are not the same.", "again")


class PassphraseChangeIn(PassphraseIn):
    current = typed("Type the passphrase you have now.", LONGEST)
