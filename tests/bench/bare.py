"""What the service is measured against: a Flask app with nothing in it but one view.

`app` is a Flask view that hands out ready JSON text, and `plain` the same bytes from a bare WSGI
function: the most that anything can reach behind this server. The size of the body comes from
BENCH_BODY_BYTES.
"""

import json
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from flask import Flask, Response, redirect
from werkzeug.wrappers import Response as BaseResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BODY_BYTES: Final = "BENCH_BODY_BYTES"
PATH: Final = "/formula"
REDIRECT_PATH: Final = "/redirect"
DESTINATION: Final = "https://us.fullscript.com/welcome/example-dispensary"


def body_of(size: int) -> bytes:
    """A JSON body of exactly `size` bytes."""
    frame = len(json.dumps({"text": ""}))
    return json.dumps({"text": "x" * (size - frame)}).encode()


def make_bare(size: int) -> Flask:
    """A Flask app as its tutorial makes one: one view with a ready text, and one that redirects."""
    bare = Flask("bare")
    body = body_of(size)

    @bare.get(PATH)
    def formula() -> Response:
        return Response(body, mimetype="application/json")

    @bare.get(REDIRECT_PATH)
    def follow() -> BaseResponse:
        return redirect(DESTINATION, 302)

    return bare


app = make_bare(int(os.environ.get(BODY_BYTES, "10000")))
_BODY = body_of(int(os.environ.get(BODY_BYTES, "10000")))
_HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(_BODY)))]


def plain(_environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """The same bytes, without Flask."""
    start_response("200 OK", list(_HEADERS))
    return (_BODY,)
