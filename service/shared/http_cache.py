"""Named cache presets, and the one way to answer with a published body."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from flask import Response, request

from service.shared.published import MARK, Mark

PRIVATE: Final = "private, no-cache"
NO_STORE: Final = "no-store"


def published(
    body: str,
    mimetype: str,
    *,
    known_arguments: Collection[str] = (),
    last_modified: datetime | None = None,
    valid_until: datetime | None = None,
) -> Response:
    """A public answer that the layer in front of Flask finishes: ETag, 304, HEAD, gzip, caching, memory.

    It is kept in memory only when its query holds nothing but `known_arguments`, and no longer than
    `valid_until` (UTC).
    """
    finished = body.encode()
    response = Response(finished, mimetype=mimetype)
    if last_modified is not None:
        response.last_modified = last_modified
    is_known = set(request.args) <= set(known_arguments) and all(
        len(values) == 1 for values in request.args.listvalues()
    )
    request.environ[MARK] = Mark(finished, is_known, valid_until.timestamp() if valid_until else None)
    return response


def private(body: str, mimetype: str) -> Response:
    """An answer for one key holder: revalidated each time, kept by no shared cache."""
    response = Response(body, mimetype=mimetype)
    response.headers["Cache-Control"] = PRIVATE
    response.headers["Vary"] = "Authorization"
    response.add_etag()
    response.make_conditional(request)
    return response
