"""API v1: a formula ready to be sent, printed or said."""

from datetime import UTC, datetime

from flask import Response, json
from marshmallow import Schema, fields

from service.catalog.queries import get_published_formula
from service.referrals.queries import current_book
from service.shared.api import Blueprint
from service.shared.http_cache import NO_STORE
from service.sharing.presenter import view_share

share = Blueprint("share", __name__, url_prefix="/api/v1/formulas", description="Messages, print and speech")


class QrOut(Schema):
    target = fields.URL(required=True, require_tld=False, metadata={"description": "What the code says."})
    svg = fields.URL(required=True, require_tld=False)
    png = fields.Dict(
        keys=fields.String(),
        values=fields.URL(require_tld=False),
        required=True,
        metadata={"description": "By size: small, medium, large."},
    )


class TextMessageOut(Schema):
    text = fields.String(required=True)
    href = fields.String(required=True, metadata={"description": "An sms: link without a recipient."})


class EmailOut(Schema):
    subject = fields.String(required=True)
    text = fields.String(required=True)
    href = fields.String(required=True, metadata={"description": "A mailto: link without a recipient."})


class ShareOut(Schema):
    """What a practitioner sends, prints or says; it names no condition."""

    slug = fields.String(required=True)
    title = fields.String(required=True)
    page_url = fields.URL(required=True, require_tld=False)
    short_url = fields.URL(required=True, require_tld=False, allow_none=True)
    spoken = fields.String(required=True, metadata={"description": "The address as it is said."})
    qr = fields.Nested(QrOut, required=True)
    sms = fields.Nested(
        TextMessageOut,
        required=True,
        allow_none=True,
        metadata={"description": "None where what it has to hold does not fit; `sms_fault` says what to shorten."},
    )
    sms_fault = fields.String(required=True, allow_none=True)
    email = fields.Nested(EmailOut, required=True)
    speech = fields.String(required=True, metadata={"description": "What to say on the phone."})
    disclosures = fields.List(
        fields.String(), required=True, metadata={"description": "They stand in each text already."}
    )
    valid_until = fields.DateTime(required=True, allow_none=True)


@share.get("/<slug>/share")
@share.response(200, ShareOut)
@share.alt_response(401)
@share.alt_response(403)
@share.alt_response(404)
@share.alt_response(409)
@share.alt_response(410)
def get_share(slug: str) -> Response:
    """A formula's addresses, QR codes and messages; needs a key with the scope read:practitioner."""
    view = view_share(get_published_formula(slug), book=current_book(), now=datetime.now(UTC))
    response = Response(json.dumps(view.as_json(), ensure_ascii=False), mimetype="application/json")
    response.headers["Cache-Control"] = NO_STORE
    return response
