"""Reads of programs and discounts: this app's book, as current as its catalog version."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from service.catalog.queries import list_offered, list_offered_of
from service.catalog.version import PerVersion, VersionWatch
from service.extensions import db
from service.referrals.book import Book, KnownDiscount, KnownPractice, KnownProgram
from service.referrals.destinations import ways_of
from service.referrals.links import Link, LinkHealth, Verdict, links_of
from service.referrals.models import Discount, LinkState, Listing, Practice, Program
from service.referrals.offers import OfferedFormula
from service.referrals.policy import PLACEMENTS
from service.referrals.schemas import ListingIn
from service.shared.errors import NotFound
from service.shared.paging import Page, page_of


class ProgramNotFound(NotFound):
    code = "program-not-found"
    title = "No such program"


class DiscountNotFound(NotFound):
    code = "discount-not-found"
    title = "No such discount"


def keep_book(app: Flask, version: VersionWatch, public_url: str) -> None:
    """Give the app its book; it is read on first use and after each change of the catalog."""
    app.extensions["referral_book"] = PerVersion(version, lambda: read_book(public_url))


def current_book() -> Book:
    held: PerVersion[Book] = current_app.extensions["referral_book"]
    return held()


def read_book(public_url: str) -> Book:
    """The book as the database has it now, in four SELECTs, and one more where a link is dead."""
    practice = db.session.get(Practice, 1)
    rows = list_programs()
    programs = {program.key: known_program(program) for program in rows}
    return Book(
        practice=KnownPractice(practice.name, practice.place, practice.site)
        if practice
        else KnownPractice("This practice", "", ""),
        programs=programs,
        public_url=public_url,
        dead=_dead_ways(programs),
        placements=PLACEMENTS.union(practice.placements if practice else (), *(row.placements for row in rows)),
    )


def _dead_ways(programs: Mapping[str, KnownProgram]) -> frozenset[tuple[str, int]]:
    """The ways to buy that are known to be dead; one whose URL has changed since is given its chance at once."""
    states = db.session.scalars(select(LinkState).where(LinkState.dead_at.is_not(None)))
    dead = {(state.product, state.position): state.url_digest for state in states}
    if not dead:
        return frozenset()
    offered = list_offered_of({product for product, _ in dead})
    links = (link for slug, text in offered for link in links_of(slug, text, programs))
    places = {(link.product, link.position): link.digest for link in links}
    return frozenset(place for place, digest in dead.items() if places.get(place) == digest)


def list_products() -> dict[str, Mapping[str, Any]]:
    """Every product of every published formula, by its slug."""
    found = (OfferedFormula.read(slug, offered) for slug, offered in list_offered())
    return {product["slug"]: product for formula in found for product in formula.products}


def list_link_health(book: Book) -> list[LinkHealth]:
    """Every link of every published formula with what checking has found of it, the flagged first."""
    states = {(state.product, state.position): state for state in db.session.scalars(select(LinkState))}
    found = [
        _health(link, states.get((link.product, link.position)))
        for slug, offered in list_offered()
        for link in links_of(slug, offered, book.programs)
    ]
    return sorted(found, key=lambda health: health.place)


def list_links(book: Book, *, after: str = "", limit: int) -> Page[LinkHealth]:
    """A page of `list_link_health`."""
    rows = [health for health in list_link_health(book) if health.place > after]
    return page_of(rows[: limit + 1], limit=limit, key=lambda health: health.place)


def _health(link: Link, state: LinkState | None) -> LinkHealth:
    if state is None or state.url_digest != link.digest:
        return LinkHealth(link)
    return LinkHealth(link, Verdict(state.verdict), state.failures, state.reason, state.checked_at, state.flagged_at)


def find_listing(product: str) -> Listing | None:
    return db.session.get(Listing, product)


def list_listings() -> dict[str, dict[str, Any]]:
    """What each listing says, by the slug of its product."""
    rows = db.session.scalars(select(Listing))
    return {row.product: ListingIn().dump(row) for row in rows}


def get_program(key: str, *, pointer: str | None = None) -> Program:
    """The working copy of a program. Raises ProgramNotFound."""
    program = find_program(key)
    if program is None:
        raise ProgramNotFound(f"There is no program {key!r}.", pointer=pointer)
    return program


def find_program(key: str) -> Program | None:
    return db.session.scalar(select(Program).filter_by(key=key))


def find_discount(key: str) -> Discount | None:
    return db.session.scalar(select(Discount).filter_by(key=key))


def get_discount(key: str) -> Discount:
    """The working copy of a discount. Raises DiscountNotFound."""
    discount = find_discount(key)
    if discount is None:
        raise DiscountNotFound(f"There is no discount {key!r}.")
    return discount


def find_last_time_zone() -> str | None:
    """The time zone (IANA) of the discount that was edited last, or added last where none was edited."""
    query = select(Discount.time_zone).where(Discount.time_zone.is_not(None))
    return db.session.scalar(query.order_by(Discount.edited_at.desc().nulls_last(), Discount.id.desc()).limit(1))


def list_program_keys() -> set[str]:
    return set(db.session.scalars(select(Program.key)))


def list_products_by_program() -> dict[str, list[tuple[str, str]]]:
    """Slug and name of the published products that each program sells, itself or as a substitute, in slug order."""
    found: dict[str, dict[str, str]] = {}
    for formula, offered in list_offered():
        for product in OfferedFormula.read(formula, offered).products:
            for way in ways_of(product):
                found.setdefault(way["program"], {})[product["slug"]] = product["name"]
    return {program: sorted(products.items()) for program, products in found.items()}


def list_programs() -> list[Program]:
    """Every program with its discounts, by key."""
    return list(db.session.scalars(select(Program).options(selectinload(Program.discounts)).order_by(Program.key)))


def known_program(program: Program) -> KnownProgram:
    """A program as offers see it."""
    return KnownProgram(
        key=program.key,
        kind=program.kind,
        seller=program.seller,
        templates=program.templates,
        allowed_hosts=tuple(program.allowed_hosts),
        settings=program.settings,
        placements=program.placements,
        marketplace=program.marketplace,
        takes_profit=program.takes_profit,
        is_example=program.is_example,
        policy=program.policy,
        disclosure=program.disclosure,
        enabled=program.enabled,
        discounts=tuple(
            KnownDiscount(**{field.name: getattr(discount, field.name) for field in fields(KnownDiscount)})
            for discount in program.discounts
        ),
    )
