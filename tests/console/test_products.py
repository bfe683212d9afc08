"""What the owner does with products, and what the public then sees."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.referrals.queries import find_listing
from tests.conftest import SignInAs
from tests.console.sent import form_of, send, told_at
from tests.referrals.seeds import plant, sold_through
from tests.referrals.shop import PRODUCT, open_shop

DU_HUO = "du-huo-ji-sheng-tang"
LIST, ONE = "/console/products", f"/console/products/{PRODUCT}"
SHOP: dict[str, str | None] = {"ways/0/choice": "shop product", "ways/0/needs": "du-huo"}
PRICE: dict[str, str | None] = {
    "retail_price/amount": "40.00",
    "retail_price/currency": "USD",
    "retail_price/as_of": "2026-11-01",
}


@pytest.fixture
def owner(sign_in_as: SignInAs) -> FlaskClient:
    open_shop()
    return sign_in_as("owner")


def offers(client: FlaskClient, channel: str, **headers: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/formulas/{DU_HUO}/offers?channel={channel}", headers=headers)
    body: dict[str, Any] = answer.json  # type: ignore[assignment]  # a mapping
    found: list[dict[str, Any]] = body["offers"]
    return found


@pytest.mark.parametrize("role", ["practitioner", "staff"])
def test_products_are_the_owners_alone(sign_in_as: SignInAs, role: str) -> None:
    client = sign_in_as(role)
    for path in (LIST, ONE):
        assert client.get(path).status_code == 403
    for path in (ONE, f"{ONE}/unlist"):
        assert client.post(path, data=SHOP).status_code == 403
    assert find_listing(PRODUCT) is None
    assert LIST not in client.get("/console/").text


def test_another_site_changes_no_product(owner: FlaskClient) -> None:
    for path in (ONE, f"{ONE}/unlist"):
        assert owner.post(path, data=SHOP, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert find_listing(PRODUCT) is None


def test_every_published_product_is_listed_with_where_it_is_bought(owner: FlaskClient) -> None:
    text = owner.get(LIST).text
    assert text.count("<td>its formula</td>") == 4
    assert ONE in text
    assert owner.get(f"{LIST}/none").status_code == 404
    assert owner.post(f"{LIST}/none", data=SHOP).status_code == 404
    assert owner.post(f"{LIST}/none/unlist").status_code == 404


def test_a_form_that_is_sent_as_it_is_changes_nothing(owner: FlaskClient) -> None:
    before = form_of(owner.get(ONE))
    assert before["ways/0/choice"] == "fullscript welcome"
    assert send(owner, ONE, {}).location == f"{ONE}?done=saved"
    assert form_of(owner.get(ONE)) == before
    assert find_listing(PRODUCT) is None


def test_another_way_to_buy_reaches_every_surface_at_once_and_outlives_the_seed(owner: FlaskClient, app: Flask) -> None:
    public = app.test_client()
    assert "at Fullscript" in public.get(f"/cards/{DU_HUO}").text
    assert send(owner, ONE, SHOP).status_code == 303
    assert "at A Shop" in public.get(f"/cards/{DU_HUO}").text
    (offer,) = offers(public, "public_web")
    path = offer["url"].removeprefix("https://herbs.example.com")
    assert public.get(path).location == "https://shop.example.com/du-huo?rcode=A1"
    plant()
    assert "at A Shop" in public.get(f"/cards/{DU_HUO}").text
    shown = owner.get(ONE).text
    assert "Set here by Ana" in shown
    assert "<td>the owner, here</td>" in owner.get(LIST).text


def test_the_seed_still_changes_the_rest_where_the_links_were_set_here(
    owner: FlaskClient, practitioner: dict[str, str], tmp_path: Path
) -> None:
    assert send(owner, ONE, SHOP).status_code == 303
    folder = sold_through("fullscript", "welcome", tmp_path / "seed")
    file = folder / "formulas" / f"{DU_HUO}.yaml"
    text = file.read_text(encoding="utf-8").replace("      variables: {path: du-huo}\n", "")
    file.write_text(text.replace("category:", "category: a new category #", 1), encoding="utf-8")
    plant(folder)
    found: Any = owner.get(f"/api/v1/formulas/{DU_HUO}?view=practitioner", headers=practitioner).json
    assert found["category"] == "a new category"
    assert offers(owner, "public_web")[0]["seller"] == "A Shop"


def test_a_way_that_stands_in_is_set_without_a_file(owner: FlaskClient) -> None:
    changes: dict[str, str | None] = {"ways/1/choice": "shop product", "ways/1/needs": "du-huo"}
    assert send(owner, ONE, changes).status_code == 303
    assert offers(owner, "public_web")[0]["seller"] == "Fullscript"
    assert send(owner, "/console/programs/fullscript", {"enabled": None}).status_code == 303
    assert offers(owner, "public_web")[0]["seller"] == "A Shop"


def test_a_retail_price_is_told_in_private_and_never_in_public(
    owner: FlaskClient, practitioner: dict[str, str]
) -> None:
    assert send(owner, ONE, PRICE).status_code == 303
    (told,) = offers(owner, "console", **practitioner)
    assert (told["price"]["retail"], told["price"]["as_of"]) == ("40.00", "2026-11-01")
    assert (told["price"]["lowest"], told["price"]["highest"]) == ("34.00", "36.00")
    assert offers(owner, "public_web")[0]["price"] is None
    for path in (f"/f/{DU_HUO}", f"/cards/{DU_HUO}", "/feed.json"):
        assert "40.00" not in owner.get(path).text


def test_a_product_is_sold_as_its_formula_says_again(owner: FlaskClient) -> None:
    assert send(owner, ONE, SHOP).status_code == 303
    assert owner.post(f"{ONE}/unlist").location == f"{ONE}?done=saved"
    assert find_listing(PRODUCT) is None
    assert offers(owner, "public_web")[0]["seller"] == "Fullscript"
    assert owner.post(f"{ONE}/unlist").status_code == 303


def test_saving_the_same_twice_publishes_once(owner: FlaskClient) -> None:
    assert send(owner, ONE, SHOP).status_code == 303
    revision = owner.get(f"/api/v1/formulas/{DU_HUO}").json["revision"]  # type: ignore[index]  # a mapping
    assert send(owner, ONE, {}).status_code == 303
    assert owner.get(f"/api/v1/formulas/{DU_HUO}").json["revision"] == revision  # type: ignore[index]  # as above


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"ways/0/choice": ""}, "ways/0/choice", "Choose at least one way"),
        ({"ways/1/needs": "something"}, "ways/1/choice", "Choose what this address is of"),
        ({"ways/0/needs": "more"}, "ways/0/needs", "needs nothing more"),
        ({"ways/1/choice": "shop product"}, "ways/1/needs", "Write item, on one line."),
        ({"ways/1/choice": "fullscript pasted"}, "ways/1/needs", "Paste the address"),
        (
            {"ways/1/choice": "fullscript pasted", "ways/1/needs": "https://evil.example.com/x"},
            "ways/1/needs",
            "is not a host of this program",
        ),
        (
            {"ways/1/choice": "amazon pasted", "ways/1/needs": "https://www.amazon.com/dp/B000000000"},
            "ways/1/needs",
            "does not carry our tag",
        ),
        (
            {"ways/2/choice": "amazon product", "ways/2/needs": "b0"},
            "ways/2/needs",
            "is no ASIN",
        ),
        (
            {"ways/1/choice": "shop product", "ways/1/needs": "ana@example.com"},
            "ways/1/needs",
            "holds an e-mail address",
        ),
        ({"retail_price/amount": "40", "retail_price/as_of": ""}, "retail_price/as_of", "Give the day you read it"),
        (
            {"retail_price/amount": "forty", "retail_price/as_of": "2026-11-01"},
            "retail_price/amount",
            "Write an amount",
        ),
    ],
)
def test_a_refused_way_is_told_at_its_field_and_nothing_is_changed(
    owner: FlaskClient, changes: dict[str, str | None], field: str, told: str
) -> None:
    answer = send(owner, ONE, changes)
    assert answer.status_code == 422
    assert told in told_at(answer, field), answer.text
    shown = form_of(answer)
    assert {name: shown[name] for name in changes} == changes
    assert find_listing(PRODUCT) is None


def test_a_choice_that_was_never_offered_is_refused_at_its_field(owner: FlaskClient) -> None:
    for choice, field in (("gone pasted", "choice"), ("fullscript gone", "needs")):
        answer = send(owner, ONE, {"ways/0/choice": choice})
        assert answer.status_code == 422
        assert told_at(answer, f"ways/0/{field}"), answer.text
    assert find_listing(PRODUCT) is None
