"""Every program on every channel: what may and what may not be emitted."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from service.referrals.disclosures import AMAZON_STATEMENT, ELSEWHERE, FDA_STATEMENT, INTEREST, PAID_LINK
from service.referrals.offers import offers_for
from service.referrals.policy import (
    CHANNEL_LETTERS,
    POLICY,
    PROGRAM_KINDS,
    Channel,
    DiscountView,
    LinkForm,
    cell_for,
    is_looser,
)
from tests.referrals.books import PUBLIC_URL, book, discount, formula, program

NOW = datetime(2026, 6, 1, tzinfo=UTC)
GO, DIRECT, PAGE, QR, SPOKEN = LinkForm.GO, LinkForm.DIRECT, LinkForm.PAGE, LinkForm.QR, LinkForm.SPOKEN
NONE, NEUTRAL, FIGURE = DiscountView.NONE, DiscountView.NEUTRAL, DiscountView.FIGURE

# The table of the design, written out a second time: a changed cell must be changed here too.
TABLE = {
    ("fullscript", "public_web"): (GO, NEUTRAL),
    ("fullscript", "feed"): (PAGE, NONE),
    ("fullscript", "console"): (GO, FIGURE),
    ("fullscript", "message"): (PAGE, FIGURE),
    ("fullscript", "print"): (QR, NONE),
    ("fullscript", "speech"): (SPOKEN, FIGURE),
    ("amazon_associates", "public_web"): (DIRECT, NONE),
    ("amazon_associates", "feed"): (PAGE, NONE),
    ("amazon_associates", "console"): (PAGE, NONE),
    ("amazon_associates", "message"): (PAGE, NONE),
    ("amazon_associates", "print"): (QR, NONE),
    ("amazon_associates", "speech"): (PAGE, NONE),
    ("template", "public_web"): (GO, FIGURE),
    ("template", "feed"): (PAGE, FIGURE),
    ("template", "console"): (GO, FIGURE),
    ("template", "message"): (PAGE, FIGURE),
    ("template", "print"): (QR, NONE),
    ("template", "speech"): (PAGE, FIGURE),
}


def test_the_table_has_a_cell_for_every_program_and_channel() -> None:
    assert set(TABLE) == {(kind, str(channel)) for kind in PROGRAM_KINDS for channel in Channel}
    assert set(POLICY) == set(PROGRAM_KINDS)


@pytest.mark.parametrize(("kind", "channel"), TABLE)
def test_an_offer_is_what_its_cell_allows(kind: str, channel: str) -> None:
    link, view = TABLE[kind, channel]
    found = offers_for(
        formula(kind),
        Channel(channel),
        book=book(program(kind, discounts=(discount(audience="public"),))),
        now=NOW,
    )
    (offer,) = found.offers
    text = json.dumps(found.as_json(), ensure_ascii=False)
    assert offer.link is link
    vendor = "amazon.com" if kind == "amazon_associates" else "fullscript.com" if kind == "fullscript" else "shop."
    assert (vendor in text) is (link is DIRECT)
    assert ("/go/" in offer.url) is (link is GO)
    if link in (PAGE, QR, SPOKEN):
        assert offer.url == f"{PUBLIC_URL}/f/a-formula"
    assert ("15" in text) is (view is FIGURE)
    if view is NONE:
        assert offer.discount is None
    assert offer.disclosure == f"{AMAZON_STATEMENT if kind == 'amazon_associates' else INTEREST} {ELSEWHERE}"
    assert found.statements == (FDA_STATEMENT,)
    assert offer.rel == "sponsored nofollow noopener"


@pytest.mark.parametrize("channel", list(Channel))
def test_amazon_is_never_behind_a_redirect_and_never_shows_a_discount(channel: Channel) -> None:
    shown = offers_for(
        formula("amazon_associates"),
        channel,
        book=book(program("amazon_associates", discounts=(discount(audience="public", how="automatic"),))),
        now=NOW,
    )
    (offer,) = shown.offers
    assert "/go/" not in offer.url
    assert offer.discount is None
    assert (offer.paid_link_label == PAID_LINK) is (channel is Channel.PUBLIC_WEB)
    if channel is not Channel.PUBLIC_WEB:
        assert "amazon.com" not in offer.url


@pytest.mark.parametrize("channel", [Channel.PUBLIC_WEB, Channel.FEED])
@pytest.mark.parametrize("kind", PROGRAM_KINDS)
def test_a_discount_for_patients_has_no_figure_in_public(kind: str, channel: Channel) -> None:
    found = offers_for(formula(kind), channel, book=book(program(kind, discounts=(discount(),))), now=NOW)
    text = json.dumps(found.as_json(), ensure_ascii=False)
    assert "15" not in text
    assert "%" not in text


LEAVE = {"note": "Their letter allows it.", "given_on": "2026-01-02"}


@pytest.mark.parametrize("kind", PROGRAM_KINDS)
@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("link", list(LinkForm))
@pytest.mark.parametrize("view", list(DiscountView))
def test_no_cell_is_looser_than_the_default_without_a_permission(
    kind: str, channel: Channel, link: LinkForm, view: DiscountView
) -> None:
    own: dict[str, Any] = {"link": str(link), "discount": str(view)}
    default = POLICY[kind][channel]
    plain, permitted = (cell_for(kind, channel, {channel: {**own, **more}}) for more in ({}, {"permission": LEAVE}))
    assert not is_looser(plain, default)
    assert plain.permission is None
    assert (permitted.permission is not None) is is_looser(permitted, default)
    if kind == "amazon_associates":
        assert permitted.link is not GO
        assert permitted.discount is NONE
    if channel in (Channel.PRINT, Channel.SPEECH):
        assert permitted.link in (PAGE, QR, SPOKEN)
    if permitted.link is GO:
        assert channel in CHANNEL_LETTERS


def test_a_permission_shows_wherever_the_looser_rule_is_used() -> None:
    loosened = {"public_web": {"discount": "figure", "permission": LEAVE}}
    found = program("fullscript", policy=loosened, discounts=(discount(audience="public"),))
    shown = offers_for(formula("fullscript"), Channel.PUBLIC_WEB, book=book(found), now=NOW)
    (offer,) = shown.offers
    assert offer.discount is not None
    assert offer.discount.text.startswith("10–15 % off retail")
    assert offer.permission == "By written permission of 2 January 2026: Their letter allows it."
    assert [told.text for told in shown.disclosures if told.kind == "permission"] == [offer.permission]
    elsewhere = offers_for(formula("fullscript"), Channel.CONSOLE, book=book(found), now=NOW)
    assert elsewhere.offers[0].permission is None


def test_an_amazon_link_in_a_message_needs_a_permission() -> None:
    for policy, url in (
        ({"message": {"link": "direct"}}, f"{PUBLIC_URL}/f/a-formula"),
        ({"message": {"link": "direct", "permission": LEAVE}}, "https://www.amazon.com/s?k=liniment&tag=a-practice-20"),
    ):
        found = book(program("amazon_associates", policy=policy))
        (offer,) = offers_for(formula("amazon_associates"), Channel.MESSAGE, book=found, now=NOW).offers
        assert offer.url == url


def test_a_stricter_cell_needs_no_permission() -> None:
    assert cell_for("fullscript", Channel.PUBLIC_WEB, {"public_web": {"discount": "none"}}).discount is NONE
    assert cell_for("amazon_associates", Channel.PUBLIC_WEB, {"public_web": {"link": "page"}}).link is PAGE


def test_a_program_switched_off_offers_nothing_and_says_which_product() -> None:
    found = offers_for(formula("template"), Channel.PUBLIC_WEB, book=book(program("template", enabled=False)), now=NOW)
    assert (found.offers, found.unavailable) == ((), ("a-product",))


def test_the_fda_sentence_stays_with_the_claim_though_nothing_is_for_sale() -> None:
    found = offers_for(
        formula("fullscript"), Channel.PUBLIC_WEB, book=book(program("fullscript", enabled=False)), now=NOW
    )
    assert (found.offers, found.statements) == ((), (FDA_STATEMENT,))


def test_a_disclosure_of_the_owners_is_added_and_replaces_nothing() -> None:
    found = offers_for(
        formula("amazon_associates"),
        Channel.PUBLIC_WEB,
        book=book(program("amazon_associates", disclosure="I know the seller.")),
        now=NOW,
    )
    assert found.offers[0].disclosure == f"{AMAZON_STATEMENT} I know the seller. {ELSEWHERE}"


def test_a_link_that_cannot_be_made_takes_its_offer_away_and_not_the_page() -> None:
    broken = program("fullscript", templates={})
    for channel in Channel:
        found = offers_for(formula("fullscript"), channel, book=book(broken), now=NOW)
        assert (found.offers, found.unavailable) == ((), ("a-product",))


def test_a_drug_never_gets_the_supplement_sentence() -> None:
    drug = formula("amazon_associates", regulatory_class="otc_drug")
    found = offers_for(drug, Channel.PUBLIC_WEB, book=book(program("amazon_associates")), now=NOW)
    assert found.statements == ()
