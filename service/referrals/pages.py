"""/go: our redirect, for the programs and channels whose policy has one."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from service.referrals.queries import current_book
from service.referrals.redirects import FOLLOWED, find_destination, link_of

go = Blueprint("go", __name__)


@go.get("/go/<code>")
@go.get("/go/<code>/<placement>")
def follow(code: str, placement: str = "") -> Response:
    """To the vendor, from wherever the link stands; a placement nobody knows breaks no link."""
    book = current_book()
    found = find_destination(code, placement, book)
    answer = redirect(found.url, 302)
    request.environ[FOLLOWED] = link_of(found.product, found.channel, placement, book)
    return answer
