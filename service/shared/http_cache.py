"""Named cache presets, and the one way to answer with a published body."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl

from flask import Response, request

from service.shared.published import MARK, Mark, without_campaign

PRIVATE: Final = "private, no-cache"
NO_STORE: Final = "no-store"


def published(
    body: str | bytes,
    mimetype: str,
    *,
    known_arguments: Collection[str] = (),
    any_campaign: bool = False,
    keep: bool = True,
    last_modified: datetime | None = None,
    valid_until: datetime | None = None,
) -> Response:
    """A public answer that the layer in front of Flask finishes: ETag, 304, HEAD, gzip, caching, memory.

    It is kept in memory only when its query holds nothing but `known_arguments`, and no longer than
    `valid_until` (UTC). With `any_campaign` it is kept once, whatever campaign arguments (UTM) the
    address carries; without `keep` it is not kept, for an address that can be spelled in many ways.
    """
    finished = body.encode() if isinstance(body, str) else body
    response = Response(finished, mimetype=mimetype)
    if last_modified is not None:
        response.last_modified = last_modified
    query = request.query_string.decode("latin-1")
    asked = [name for name, _ in parse_qsl(without_campaign(query) if any_campaign else query, keep_blank_values=True)]
    is_known = set(asked) <= set(known_arguments) and len(set(asked)) == len(asked)
    until = valid_until.timestamp() if valid_until else None
    request.environ[MARK] = Mark(finished, keep and is_known, until, any_campaign)
    return response


def private(body: str, mimetype: str) -> Response:
    """An answer for one key holder: revalidated each time, kept by no shared cache."""
    response = Response(body, mimetype=mimetype)
    response.headers["Cache-Control"] = PRIVATE
    response.headers["Vary"] = "Authorization"
    response.add_etag()
    response.make_conditional(request)
    return response
