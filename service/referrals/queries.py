"""Reads of programs and discounts: this app's book, as current as its catalog version."""

from dataclasses import fields

from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from service.catalog.version import PerVersion, VersionWatch
from service.extensions import db
from service.referrals.book import Book, KnownDiscount, KnownPractice, KnownProgram
from service.referrals.models import Practice, Program


def keep_book(app: Flask, version: VersionWatch, public_url: str) -> None:
    """Give the app its book; it is read on first use and after each change of the catalog."""
    app.extensions["referral_book"] = PerVersion(version, lambda: read_book(public_url))


def current_book() -> Book:
    held: PerVersion[Book] = current_app.extensions["referral_book"]
    return held()


def read_book(public_url: str) -> Book:
    """The book as the database has it now, in three SELECTs."""
    practice = db.session.get(Practice, 1)
    programs = db.session.scalars(select(Program).options(selectinload(Program.discounts)).order_by(Program.key))
    return Book(
        practice=KnownPractice(practice.name, practice.place, practice.site)
        if practice
        else KnownPractice("This practice", "", ""),
        programs={program.key: _known_program(program) for program in programs},
        public_url=public_url,
    )


def _known_program(program: Program) -> KnownProgram:
    return KnownProgram(
        key=program.key,
        kind=program.kind,
        seller=program.seller,
        templates=program.templates,
        allowed_hosts=tuple(program.allowed_hosts),
        settings=program.settings,
        is_example=program.is_example,
        policy=program.policy,
        disclosure=program.disclosure,
        enabled=program.enabled,
        discounts=tuple(
            KnownDiscount(**{field.name: getattr(discount, field.name) for field in fields(KnownDiscount)})
            for discount in program.discounts
        ),
    )
