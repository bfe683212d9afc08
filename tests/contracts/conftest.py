"""The catalog that the contracts on channels walk: real, in a database of its own, the book put in place by each."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from service.accounts.actions import create_api_key, make_one_time_link, set_passphrase
from service.accounts.models import SignIn
from service.catalog.actions import save_formula
from service.catalog.queries import get_formula
from service.catalog.schemas import FormulaIn
from service.extensions import db, transaction
from service.operations.migrations import migrate_database
from service.publishing.actions import publish_formula, read_surroundings
from service.referrals.actions import seed_program
from service.referrals.queries import current_book
from service.seeding.actions import seed_catalog
from tests.conftest import PUBLIC_URL, SEED, make_app
from tests.contracts.combinations import MOMENTS
from tests.contracts.expectations import FORMULAS, PRICED, PROP_65, RETAIL, SUBSTITUTED, WARNED
from tests.contracts.surfaces import Walker


@pytest.fixture(scope="session")
def walker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walker]:
    """The seeded catalog, with retail prices, substitutes, and a program of its own for each formula."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('walk')}/walk.sqlite3")
    with app.app_context():
        migrate_database()
        with transaction():
            seed_catalog(SEED, public_url=PUBLIC_URL, tell=lambda _: None)
        with transaction():
            for key in ("second", "shop"):
                seed_program(
                    {
                        "key": key,
                        "kind": "template",
                        "seller": "A Shop",
                        "templates": {"welcome": "https://shop.example.com/{?rcode}"},
                        "allowed_hosts": ["shop.example.com"],
                        "enabled": True,
                    },
                    {"settings": {"rcode": "A1"}, "example": False},
                )
        with transaction():
            for formula in FORMULAS:
                _publish(formula.slug, formula.program)
            key = create_api_key(name="the walk", scopes=["read:practitioner"], days=None)
            token = set_passphrase(
                token=make_one_time_link(name="The walk", role="owner"), passphrase="river lamp sixteen walnut"
            )
            # The walk goes through weeks; nobody is idle in it.
            after = MOMENTS[-1][1] + timedelta(days=1)
            db.session.execute(update(SignIn).values(last_seen_at=after, expires_at=after))
        db.session.remove()
    yield Walker(app, {"Authorization": f"Bearer {key}"}, token, FORMULAS)
    with app.app_context():
        db.engine.dispose()


def _publish(slug: str, program: str) -> None:
    document = FormulaIn().dump(get_formula(slug))
    for product in document["products"]:
        product["program"] = program
        if product["slug"] in PRICED:
            product["retail_price"] = {"amount": RETAIL, "currency": "USD", "as_of": "2026-11-20"}
        if product["slug"] in WARNED:
            product["prop_65"] = PROP_65
        if product["slug"] in SUBSTITUTED:
            product["substitutes"] = [{"program": "shop", "destination": {"template": "welcome"}}]
    save_formula(FormulaIn().load(document))
    publish_formula(slug, by="the walk", reason="x", around=read_surroundings(), book=current_book())
