"""The ways into the console, its home, and a person's own account."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, current_app, redirect, request
from werkzeug.wrappers import Response

from service.accounts.actions import (
    change_passphrase,
    set_passphrase,
    sign_in,
    sign_out,
    sign_out_everywhere,
)
from service.accounts.cookies import give_token, read_token, take_token
from service.accounts.guards import console_path, current_person, find_current_person, refuse_other_sites
from service.accounts.queries import count_sign_ins, get_one_time_link
from service.accounts.schemas import PassphraseChangeIn, PassphraseIn, SignInIn
from service.cards.presenter import TitleView, view_title
from service.catalog.queries import PublishedFormula, list_latest_formulas
from service.config import Settings
from service.console.forms import REFUSALS, Form
from service.console.frame import PRACTITIONERS, done, render_page
from service.extensions import transaction
from service.operations.doctor import examine
from service.partners.application import CONNECT_PATH
from service.partners.queries import awaits_connection

LATEST = 12

console_entry = Blueprint("console_entry", __name__, url_prefix="/console", template_folder="templates")
console = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")
# Its guard lets everyone in, since who signs in is not signed in yet; a form from another site is refused all the same.
console_entry.before_request(refuse_other_sites)


@dataclass(frozen=True, slots=True)
class LatestView:
    """A formula that was published lately."""

    slug: str
    title: TitleView
    revision: int
    published_at: datetime


@console_entry.get("/sign-in")
def sign_in_form() -> Response:
    wanted = console_path(request.args.get("next", ""))
    if find_current_person() is not None:
        return redirect(wanted, 303)
    return render_page("console/sign_in.html", form=Form({"next": wanted}))


@console_entry.post("/sign-in")
def sign_in_sent() -> Response:
    form = Form.sent()
    try:
        data = form.read(SignInIn)
        with transaction():
            token = sign_in(name=data["name"], passphrase=data["passphrase"], address=_address())
    except REFUSALS as fault:
        return render_page("console/sign_in.html", form=form.refused(fault))
    return give_token(redirect(console_path(data.get("next", "")), 303), token)


@console_entry.get("/enter/<token>")
def enter_form(token: str) -> Response:
    """Only shows the form: mail programs open links to look at them, and that must not use one up."""
    return render_page("console/enter.html", name=get_one_time_link(token).person.name)


@console_entry.post("/enter/<token>")
def enter_sent(token: str) -> Response:
    form, name = Form.sent(), get_one_time_link(token).person.name
    try:
        data = form.read(PassphraseIn)
        with transaction():
            session = set_passphrase(token=token, passphrase=data["passphrase"])
    except REFUSALS as fault:
        return render_page("console/enter.html", form=form.refused(fault), name=name)
    return give_token(done("/console/", "passphrase"), session)


@console.get("/")
def home() -> Response:
    latest = [_latest(row) for row in list_latest_formulas(limit=LATEST).rows]
    settings: Settings = current_app.config["FORMULARY"]
    role = current_person().role
    # How the service stands names what staff need not know: folders, accounts, what is withheld.
    findings = Counter(examine(settings) if role in PRACTITIONERS else [])
    return render_page(
        "console/home.html",
        findings=list(findings.items()),
        connect=CONNECT_PATH if role == "owner" and awaits_connection(settings) else None,
        latest=latest,
    )


@console.get("/account")
def account() -> Response:
    return _account(Form())


@console.post("/account")
def change_passphrase_sent() -> Response:
    form = Form.sent()
    try:
        data = form.read(PassphraseChangeIn)
        with transaction():
            change_passphrase(
                person=current_person(),
                current=data["current"],
                passphrase=data["passphrase"],
                address=_address(),
            )
    except REFUSALS as fault:
        return _account(form.refused(fault))
    return done("/console/account", "passphrase")


@console.post("/sign-out")
def sign_out_sent() -> Response:
    with transaction():
        sign_out(read_token() or "")
    return take_token(done("/console/sign-in", "signed-out"))


@console.post("/sign-out-everywhere")
def sign_out_everywhere_sent() -> Response:
    with transaction():
        sign_out_everywhere(current_person().id)
    return take_token(done("/console/sign-in", "signed-out-everywhere"))


def _account(form: Form) -> Response:
    return render_page("console/account.html", form=form, sign_ins=count_sign_ins(current_person().id))


def _address() -> str:
    return request.remote_addr or ""


def _latest(row: PublishedFormula) -> LatestView:
    title = json.loads(row.public)["title"]
    return LatestView(row.slug, view_title(row.slug, title), row.revision, row.published_at)
