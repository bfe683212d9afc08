"""The shapes of programs, discounts and the practice in seed files, and of offers in the API."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validate, validates_schema
from uritemplate import URITemplate

from service.referrals.policy import (
    CHANNEL_LETTERS,
    DISCOUNT_AUDIENCES,
    DISCOUNT_WAYS,
    PROGRAM_KINDS,
    Channel,
    DiscountView,
    LinkForm,
    kind_of_host,
)
from service.shared.fields import (
    Document,
    Text,
    choice,
    identifier,
    prose,
    refuse_repeats,
    rows,
)

HOST = validate.Regexp(r"\A[a-z0-9-]+(\.[a-z0-9-]+)+\Z", error="Give a host name like us.fullscript.com.")
# What each kind of program's account is known by: the setting, its form, and an example of it.
ACCOUNT_FORMS: Mapping[str, tuple[str, re.Pattern[str], str]] = {
    "amazon_associates": ("tag", re.compile(r"[a-z0-9][a-z0-9-]{0,60}-20"), "practice-20"),
    "fullscript": ("dispensary", re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"), "my-practice"),
}


def fault_of_account(kind: str, settings: Mapping[str, str]) -> tuple[str, str] | None:
    """The setting at fault in a program's account and what to write, or None. Amazon tags are those of the US."""
    if kind not in ACCOUNT_FORMS:
        return None
    setting, form, example = ACCOUNT_FORMS[kind]
    if form.fullmatch(settings.get(setting, "")):
        return None
    return setting, f"Write a {setting} like {example}."


class CellIn(Document):
    link = choice([str(form) for form in LinkForm])
    discount = choice([str(view) for view in DiscountView])


class ProgramIn(Document):
    key = identifier(required=True)
    kind = choice(PROGRAM_KINDS, required=True)
    seller = prose(required=True)
    templates = fields.Dict(keys=identifier(), values=prose(), required=True)
    allowed_hosts = fields.List(Text(validate=HOST), required=True, validate=validate.Length(min=1))
    policy = fields.Dict(keys=choice([str(channel) for channel in Channel]), values=fields.Nested(CellIn))
    disclosure = prose()
    enabled = fields.Boolean(load_default=True)

    @validates_schema(skip_on_field_errors=True)
    def check_policy(self, data: Mapping[str, Any], **_: Any) -> None:
        if data.get("policy") and data["kind"] != "template":
            raise ValidationError("Only a template program sets its own policy.", "policy")
        for channel, cell in data.get("policy", {}).items():
            if cell.get("link") == LinkForm.GO and channel not in CHANNEL_LETTERS:
                raise ValidationError({"policy": {channel: ["This channel has no redirect; link it to the page."]}})

    @validates_schema(skip_on_field_errors=True)
    def check_hosts(self, data: Mapping[str, Any], **_: Any) -> None:
        for position, host in enumerate(data["allowed_hosts"]):
            kind = kind_of_host(host)
            if kind != data["kind"]:
                raise ValidationError({"allowed_hosts": {position: [f"{host} belongs to programs of kind {kind}."]}})

    @validates_schema(skip_on_field_errors=True)
    def check_templates(self, data: Mapping[str, Any], **_: Any) -> None:
        for name, template in data["templates"].items():
            host = urlsplit(URITemplate(template).expand({})).hostname
            if not template.startswith("https://") or host not in data["allowed_hosts"]:
                raise ValidationError({"templates": {name: ["Begin with https:// and a host of allowed_hosts."]}})


class AccountIn(Document):
    example = fields.Boolean(load_default=False)
    settings = fields.Dict(keys=prose(), values=prose(), required=True)


class DiscountIn(Document):
    key = identifier(required=True)
    program = identifier(required=True)
    product = identifier()
    percent_min = fields.Integer(strict=True, required=True, validate=validate.Range(1, 100))
    percent_max = fields.Integer(strict=True, required=True, validate=validate.Range(1, 100))
    basis = choice(["retail"], required=True)
    how = choice(DISCOUNT_WAYS, required=True)
    code = prose()
    audience = choice(DISCOUNT_AUDIENCES, required=True)
    terms = prose()
    starts_at = fields.AwareDateTime(format="iso")
    ends_at = fields.AwareDateTime(format="iso")

    @validates_schema(skip_on_field_errors=True)
    def check_sense(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["percent_min"] > data["percent_max"]:
            raise ValidationError("percent_min is more than percent_max.", "percent_min")
        if (data["how"] == "code") != ("code" in data):
            raise ValidationError("A code goes with how: code, and only with it.", "code")
        if "starts_at" in data and "ends_at" in data and data["starts_at"] >= data["ends_at"]:
            raise ValidationError("The end is not after the start.", "ends_at")


class PracticeIn(Document):
    name = prose(required=True)
    place = prose(required=True)
    site = fields.URL(schemes={"https"}, required=True)
    accounts = fields.Dict(keys=identifier(), values=fields.Nested(AccountIn), required=True)
    discounts = rows(DiscountIn)

    @validates_schema(skip_on_field_errors=True)
    def check_no_repeats(self, data: Mapping[str, Any], **_: Any) -> None:
        refuse_repeats(data, "discounts", ("key",))
