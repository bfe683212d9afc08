"""/go: our redirect, for the programs and channels whose policy has one."""

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from service.referrals.queries import current_book
from service.referrals.redirects import find_destination

go = Blueprint("go", __name__)


@go.get("/go/<code>")
def follow(code: str) -> Response:
    return redirect(find_destination(code, current_book()), 302)
