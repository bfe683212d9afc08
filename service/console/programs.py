"""The owner's pages of programs: what stands, the form that changes it, and what each channel shows of it now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from service.accounts.guards import current_person
from service.catalog.queries import list_offered
from service.console.forms import REFUSALS, Form, refuse_stale
from service.console.frame import done, render_page
from service.console.moments import MomentView, view_moment
from service.console.program_form import filled_from, filled_from_preset, read_program, refuse, rows_of
from service.console.words import CHANNEL_WORDS, KIND_WORDS, LINK_WORDS, VIEW_WORDS
from service.extensions import transaction
from service.referrals.actions import change_program, create_program
from service.referrals.book import KnownProgram
from service.referrals.destinations import ways_of
from service.referrals.discounts import in_words
from service.referrals.marketplaces import ACCOUNT_SETTING, MARKETPLACES, fault_of_discount
from service.referrals.models import Edited, Program
from service.referrals.offers import Offer, OfferedFormula, offers_for
from service.referrals.policy import (
    POLICY,
    Cell,
    Channel,
    DiscountView,
    LinkForm,
    cell_for,
    is_looser,
    links_of,
    views_of,
)
from service.referrals.presets import PRESETS, preset_of
from service.referrals.queries import current_book, get_program, known_program, list_programs
from service.shared.errors import BadInput

NEW = "new"

programs = Blueprint("console_programs", __name__, url_prefix="/console/programs", template_folder="templates")

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class EditView:
    """Who edited something here last, and when."""

    by: str
    at: MomentView


@dataclass(frozen=True, slots=True)
class LoosenedView:
    """A channel on which a written permission lets more be shown than usual."""

    channel: str
    link: str
    discount: str
    permission: str


@dataclass(frozen=True, slots=True)
class ProgramView:
    """A program as it stands."""

    key: str
    kind: str
    seller: str
    enabled: bool
    is_example: bool
    account: Sequence[tuple[str, str]]
    placements: Sequence[str]
    marketplace: str | None
    discounts: Sequence[str]
    loosened: Sequence[LoosenedView]
    templates: Sequence[tuple[str, str]]
    allowed_hosts: Sequence[str]
    edit: EditView | None


@dataclass(frozen=True, slots=True)
class ChannelView:
    """What may be chosen on a channel."""

    path: str
    title: str
    default: str
    links: Options
    discounts: Options


@dataclass(frozen=True, slots=True)
class PreviewView:
    """What a channel shows of the program's products of a formula; without an offer, nothing."""

    channel: str
    link: str
    offers: Sequence[Offer]


@programs.get("")
def list_all() -> Response:
    now = datetime.now(UTC)
    return render_page("console/programs.html", programs=[view_program(program, now) for program in list_programs()])


@programs.get("/new")
def new() -> Response:
    return _new(Form(filled_from_preset(preset_of(request.args.get("preset", "")))))


@programs.post("/new")
def new_sent() -> Response:
    form = Form.sent_in_print()
    try:
        data, account = read_program(form, program=None)
        if data["key"] == NEW:
            raise BadInput("This word is an address of the console; choose another key.", pointer="/key")
        with transaction():
            create_program(data, account, by=current_person().name)
    except REFUSALS as fault:
        return _new(refuse(form.refused(fault), "template"))
    return done(f"/console/programs/{data['key']}", "saved")


@programs.get("/<key>")
def one(key: str) -> Response:
    program = get_program(key)
    return _one(program, Form(filled_from(program)))


@programs.post("/<key>")
def one_sent(key: str) -> Response:
    form, program = Form.sent_in_print(), get_program(key)
    try:
        refuse_stale(form, program)
        data, account = read_program(form, program=program)
        with transaction():
            change_program(data, account, by=current_person().name)
    except REFUSALS as fault:
        program = get_program(key)
        return _one(program, refuse(form.refused(fault), program.kind))
    return done(f"/console/programs/{key}", "saved")


def _new(form: Form) -> Response:
    return render_page("console/program.html", program=None, presets=PRESETS, **_of_form(form, "template"))


def _one(program: Program, form: Form) -> Response:
    return render_page(
        "console/program.html",
        program=view_program(program, datetime.now(UTC)),
        preview=_preview(known_program(program)),
        **_of_form(form, program.kind),
    )


def _of_form(form: Form, kind: str) -> dict[str, Any]:
    return {
        "form": form,
        "kind": kind,
        "channels": [view_channel(kind, channel) for channel in Channel],
        "settings": rows_of(form, "settings"),
        "placements": rows_of(form, "placements"),
        "places_of_links": sorted(current_book().placements),
        "needed": ACCOUNT_SETTING.get(kind),
        "marketplaces": [(name, f"{name}: {place.host}") for name, place in MARKETPLACES[kind].items()],
    }


def view_program(program: Program, now: datetime) -> ProgramView:
    """A program at a moment (UTC)."""
    known = known_program(program)
    return ProgramView(
        key=program.key,
        kind=KIND_WORDS[program.kind],
        seller=program.seller,
        enabled=program.enabled,
        is_example=program.is_example,
        account=list(program.settings.items()),
        placements=[
            f"{place}: {setting} {value}"
            for place, own in sorted(program.placements.items())
            for setting, value in own.items()
        ],
        marketplace=program.marketplace,
        discounts=_discounts_in_force(known, now),
        loosened=_loosened(known),
        templates=list(program.templates.items()),
        allowed_hosts=program.allowed_hosts,
        edit=view_edit(program),
    )


def view_edit(row: Edited) -> EditView | None:
    """None for what is as the seed wrote it."""
    if row.edited_by is None or row.edited_at is None:
        return None
    return EditView(row.edited_by, view_moment(row.edited_at))


def view_channel(kind: str, channel: Channel) -> ChannelView:
    """The choices of a channel: the default first, then what else may ever stand there."""
    default = POLICY[kind][channel]
    links = [form for form in LinkForm if form in links_of(kind, channel) - {default.link}]
    views = [view for view in DiscountView if view in views_of(kind) - {default.discount}]
    return ChannelView(
        path=f"policy/{channel}",
        title=CHANNEL_WORDS[channel],
        default=f"{LINK_WORDS[default.link]}; discount {VIEW_WORDS[default.discount]}",
        links=[
            ("", f"{LINK_WORDS[default.link]} (default)"),
            *((str(form), LINK_WORDS[form] + _leave(Cell(form, default.discount), default)) for form in links),
        ],
        discounts=[
            ("", f"{VIEW_WORDS[default.discount]} (default)"),
            *((str(view), VIEW_WORDS[view] + _leave(Cell(default.link, view), default)) for view in views),
        ],
    )


def _leave(wanted: Cell, default: Cell) -> str:
    return " (needs permission)" if is_looser(wanted, default) else ""


def _discounts_in_force(program: KnownProgram, now: datetime) -> list[str]:
    """Every discount that holds now and that the program allows, as the console tells it."""
    return [
        f"{in_words(discount, Channel.CONSOLE)}{f' ({discount.product} alone)' if discount.product else ''}"
        for discount in program.discounts
        if discount.is_active(now)
        and not fault_of_discount(program.kind, program.marketplace, program.takes_profit, discount.as_rules_see_it())
    ]


def _loosened(program: KnownProgram) -> list[LoosenedView]:
    cells = {channel: cell_for(program.kind, channel, program.policy) for channel in Channel}
    return [
        LoosenedView(CHANNEL_WORDS[channel], LINK_WORDS[cell.link], VIEW_WORDS[cell.discount], str(cell.permission))
        for channel, cell in cells.items()
        if cell.permission is not None
    ]


def _preview(program: KnownProgram) -> tuple[OfferedFormula, list[PreviewView]] | None:
    """The first published formula that is sold through the program, and what each channel shows of that; or None."""
    formulas = (OfferedFormula.read(slug, offered) for slug, offered in list_offered())
    formula = next((formula for formula in formulas if _is_sold_through(program.key, formula)), None)
    if formula is None:
        return None
    book, now = current_book(), datetime.now(UTC)
    shown = []
    for channel in Channel:
        offers = offers_for(formula, channel, book=book, now=now).offers
        cell = cell_for(program.kind, channel, program.policy)
        own = [offer for offer in offers if offer.program == program.key]
        shown.append(PreviewView(CHANNEL_WORDS[channel], LINK_WORDS[cell.link], own))
    return formula, shown


def _is_sold_through(program: str, formula: OfferedFormula) -> bool:
    return any(way["program"] == program for product in formula.products for way in ways_of(product))
