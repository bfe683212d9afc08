"""The owner's pages of discounts: which hold, which is told where now, and the form that changes one or ends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from flask import Blueprint
from werkzeug.wrappers import Response

from service.accounts.guards import current_person
from service.catalog.terms import CURRENCIES
from service.console.discount_form import (
    AUDIENCES,
    LABELS,
    WAYS,
    filled_anew,
    filled_from,
    programs_with_discounts,
    read_discount,
    refuse,
    time_zones,
)
from service.console.forms import REFUSALS, Form, refuse_stale
from service.console.frame import done, render_page
from service.console.moments import MomentView, view_moment
from service.console.programs import EditView, view_edit
from service.console.words import AUDIENCE_WORDS, CHANNEL_WORDS
from service.extensions import transaction
from service.referrals.actions import change_discount, create_discount, end_discount
from service.referrals.book import KnownDiscount, KnownProgram
from service.referrals.discounts import OVERLAP_RULE, in_force, in_words, tell_discount
from service.referrals.marketplaces import fault_of_discount
from service.referrals.models import Discount, Program
from service.referrals.policy import Channel, cell_for
from service.referrals.queries import (
    find_last_time_zone,
    get_discount,
    known_program,
    list_products_by_program,
    list_programs,
)
from service.shared.errors import BadInput

NEW: Final = "new"
PAGE: Final = "/console/discounts"
# Neither the program nor who may be told is a thing to leave to chance.
CHOOSE: Final = ("", "Choose")

discounts = Blueprint("console_discounts", __name__, url_prefix=PAGE, template_folder="templates")


@dataclass(frozen=True, slots=True)
class DiscountLine:
    """A discount as it stands now; `tone` colours its state, `told_on` are the channels that tell its figure."""

    key: str
    words: str
    terms: str | None
    product: str | None
    audience: str
    state: str
    tone: str
    fault: str | None
    starts: MomentView | None
    ends: MomentView | None
    overlaps: Sequence[str]
    told_on: Sequence[str]
    edit: EditView | None

    @property
    def is_in_force(self) -> bool:
        return self.state == "In force"

    @property
    def can_be_ended(self) -> bool:
        return self.state in ("In force", "Not allowed")


@dataclass(frozen=True, slots=True)
class ProgramDiscounts:
    """The discounts of a program."""

    key: str
    seller: str
    enabled: bool
    discounts: Sequence[DiscountLine]

    @property
    def has_overlaps(self) -> bool:
        return any(discount.overlaps for discount in self.discounts)


@discounts.get("")
def list_all() -> Response:
    now, sold = datetime.now(UTC), list_products_by_program()
    found = [
        ProgramDiscounts(
            program.key, program.seller, program.enabled, view_discounts(program, _slugs(sold, program), now)
        )
        for program in list_programs()
        if program.discounts
    ]
    return render_page("console/discounts.html", programs=found, rule=OVERLAP_RULE)


@discounts.get("/new")
def new() -> Response:
    return _form(Form(filled_anew(find_last_time_zone())), None)


@discounts.post("/new")
def new_sent() -> Response:
    form = Form.sent_in_print()
    try:
        data = read_discount(form, discount=None)
        if data["key"] == NEW:
            raise BadInput("This word is an address of the console; choose another key.", pointer="/key")
        with transaction():
            create_discount(data, by=current_person().name)
    except REFUSALS as fault:
        return _form(refuse(form.refused(fault)), None)
    return done(PAGE, "saved")


@discounts.get("/<key>")
def one(key: str) -> Response:
    discount = get_discount(key)
    return _form(Form(filled_from(discount)), discount)


@discounts.post("/<key>")
def one_sent(key: str) -> Response:
    form, discount = Form.sent_in_print(), get_discount(key)
    try:
        refuse_stale(form, discount)
        data = read_discount(form, discount=discount)
        with transaction():
            change_discount(data, by=current_person().name)
    except REFUSALS as fault:
        return _form(refuse(form.refused(fault)), get_discount(key))
    return done(PAGE, "saved")


@discounts.post("/<key>/end")
def end_sent(key: str) -> Response:
    discount = get_discount(key)
    try:
        with transaction():
            end_discount(discount, by=current_person().name)
    except BadInput as fault:
        discount = get_discount(key)
        return _form(refuse(Form(filled_from(discount)).refused(fault)), discount)
    return done(PAGE, "ended")


def _form(form: Form, discount: Discount | None) -> Response:
    programs, sold = list_programs(), list_products_by_program()
    choices = programs_with_discounts(programs)
    products = [(seller, sold[key]) for key, seller in choices if key in sold]
    view = None
    if discount is not None:
        views = view_discounts(discount.program, _slugs(sold, discount.program), datetime.now(UTC))
        view = next(found for found in views if found.key == discount.key)
    return render_page(
        "console/discount.html",
        form=form,
        discount=view,
        labels=LABELS,
        programs=choices if discount else [CHOOSE, *choices],
        products=products,
        unsold=_unsold(form, products),
        ways=WAYS,
        audiences=AUDIENCES if discount else [CHOOSE, *AUDIENCES],
        currencies=[(currency, currency) for currency in CURRENCIES],
        zones=time_zones(form.text("time_zone")),
        rule=OVERLAP_RULE,
    )


def view_discounts(program: Program, products: Sequence[str], now: datetime) -> list[DiscountLine]:
    """The discounts of a program at a moment (UTC); `products` are the slugs of what is published of it."""
    known = known_program(program)
    told = _told_on(known, products, now)
    return [
        _view(row, discount, known, told.get(discount.key, []), now)
        for row, discount in zip(program.discounts, known.discounts, strict=True)
    ]


def _view(
    row: Discount, discount: KnownDiscount, program: KnownProgram, told_on: Sequence[str], now: datetime
) -> DiscountLine:
    fault = fault_of_discount(program.kind, program.marketplace, program.takes_profit, discount.as_rules_see_it())
    state, tone = _state(discount, now)
    if fault and state == "In force":
        state, tone = "Not allowed", "wrong"
    others = [other for other in program.discounts if other is not discount and _overlap(discount, other)]
    is_over = state == "Over"
    return DiscountLine(
        key=discount.key,
        words=in_words(discount, Channel.CONSOLE),
        terms=discount.terms,
        product=discount.product,
        audience=AUDIENCE_WORDS[discount.audience],
        state=state,
        tone=tone,
        fault=fault[1] if fault and not is_over else None,
        starts=view_moment(discount.starts_at, discount.time_zone) if discount.starts_at else None,
        ends=view_moment(discount.ends_at, discount.time_zone) if discount.ends_at else None,
        overlaps=[] if is_over else [other.key for other in others if _state(other, now)[0] != "Over"],
        told_on=told_on,
        edit=view_edit(row),
    )


def _state(discount: KnownDiscount, now: datetime) -> tuple[str, str]:
    """Its state in a word, and the tone of that."""
    if discount.is_active(now):
        return "In force", "good"
    return ("Over", "note") if discount.ends_at is not None and discount.ends_at <= now else ("Upcoming", "note")


def _overlap(one: KnownDiscount, other: KnownDiscount) -> bool:
    """Whether both hold at some moment for the same product."""
    if None not in (one.product, other.product) and one.product != other.product:
        return False
    return _starts_before_end(one, other) and _starts_before_end(other, one)


def _starts_before_end(one: KnownDiscount, other: KnownDiscount) -> bool:
    return one.starts_at is None or other.ends_at is None or one.starts_at < other.ends_at


def _told_on(program: KnownProgram, products: Sequence[str], now: datetime) -> dict[str, list[str]]:
    """By key of a discount, the channels that tell its figure now, of one product or another."""
    told: dict[str, list[str]] = {}
    if not program.enabled:
        return told
    for channel in Channel:
        cell = cell_for(program.kind, channel, program.policy)
        for product in products:
            found = tell_discount(in_force(program, product, now), cell, channel)
            if found is not None and found.metadata is not None:
                channels = told.setdefault(found.metadata["key"], [])
                channels += [CHANNEL_WORDS[channel]] * (CHANNEL_WORDS[channel] not in channels)
    return told


def _slugs(sold: dict[str, list[tuple[str, str]]], program: Program) -> list[str]:
    return [slug for slug, _ in sold.get(program.key, [])]


def _unsold(form: Form, products: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> str:
    """The product that was chosen, where it is none of those to choose from."""
    chosen = form.text("product")
    return "" if any(slug == chosen for _, of in products for slug, _ in of) else chosen
