"""A dead way to buy yields to the owner's substitute on every surface, and nothing is silently dropped."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from service.catalog.actions import raise_catalog_version
from service.extensions import db, transaction
from service.referrals.health import check_links
from service.referrals.models import Program
from service.referrals.queries import current_book
from tests.partners.web import Web, status
from tests.referrals.shop import DU_HUO, OWN_URL, PRODUCT, SEARCH, SHOP, SHOP_URL, offer, open_shop

OWN = "/welcome/example-dispensary"


@pytest.fixture(autouse=True)
def dispensary_then_shop(app: Flask, web: Web) -> None:
    web.routes |= {OWN: status(200), "/du-huo": status(200)}
    open_shop()
    offer(SHOP)


def check_twice(web: Web) -> None:
    for _ in range(2):
        check_links(web.prober(), product=PRODUCT)


def location(app: Flask) -> str:
    (offered,) = offers(app)["offers"]
    path = offered["url"].removeprefix("https://herbs.example.com")
    return str(app.test_client().get(path).headers.get("Location"))


def offers(app: Flask) -> dict[str, Any]:
    body: dict[str, Any] = app.test_client().get(f"/api/v1/formulas/{DU_HUO}/offers").json  # type: ignore[assignment]  # a mapping
    return body


def card(app: Flask) -> str:
    return app.test_client().get(f"/cards/{DU_HUO}").get_data(as_text=True)


def kill(web: Web, *paths: str) -> None:
    web.routes |= {path: status(404) for path in paths}
    check_twice(web)


def test_the_first_way_is_offered_while_it_lives(app: Flask, web: Web) -> None:
    check_links(web.prober(), product=PRODUCT)
    assert location(app) == OWN_URL
    assert "at Fullscript" in card(app)


def test_a_dead_first_way_yields_to_the_substitute_on_every_surface(app: Flask, web: Web) -> None:
    assert "at Fullscript" in card(app)
    kill(web, OWN)
    shown = card(app)
    assert "at A Shop" in shown
    assert "at Fullscript" not in shown
    assert "dispensary" not in shown
    assert offers(app)["offers"][0]["product_name"] == "Du Huo Ji Sheng Tang"
    assert "I may earn from what you buy" in shown
    assert location(app) == SHOP_URL
    assert offers(app)["flagged"] == []


@pytest.mark.parametrize("code", [500, 503])
def test_a_fault_that_may_be_ours_puts_no_substitute_in_the_place(app: Flask, web: Web, code: int) -> None:
    web.routes |= {OWN: status(code), "/du-huo": status(200)}
    check_twice(web)
    assert location(app) == OWN_URL
    assert "at Fullscript" in card(app)


def test_a_way_that_lives_again_is_offered_again(app: Flask, web: Web) -> None:
    kill(web, OWN)
    web.routes[OWN] = status(200)
    check_links(web.prober(), product=PRODUCT)
    assert location(app) == OWN_URL


def test_where_all_are_dead_the_first_is_offered_and_flagged(app: Flask, web: Web) -> None:
    kill(web, OWN, "/du-huo")
    assert current_book().dead == {(PRODUCT, 0), (PRODUCT, 1)}
    assert "at Fullscript" in card(app)
    assert location(app) == OWN_URL
    assert offers(app)["flagged"] == [PRODUCT]
    assert offers(app)["unavailable"] == []


def test_a_program_that_is_off_yields_too(app: Flask) -> None:
    with transaction():
        db.session.execute(update(Program).where(Program.key == "fullscript").values(enabled=False))
        raise_catalog_version()
    assert "at A Shop" in card(app)
    assert location(app) == SHOP_URL


def test_substitutes_stand_in_in_the_owners_order(app: Flask, web: Web) -> None:
    offer(SEARCH, SHOP)
    kill(web, OWN)
    shown = card(app)
    assert "https://www.amazon.com/s?k=Du%20Huo&amp;tag=example-20" in shown
    assert "(paid link)" in shown
    assert "As an Amazon Associate I earn from qualifying purchases." in shown


def test_an_old_redirect_never_leads_to_amazon_but_to_the_page_that_links_there(app: Flask, web: Web) -> None:
    path = offers(app)["offers"][0]["url"].removeprefix("https://herbs.example.com")
    offer(SEARCH)
    kill(web, OWN)
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"https://herbs.example.com/f/{DU_HUO}")
