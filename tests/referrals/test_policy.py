"""Every program on every channel: what may and what may not be emitted."""

import json
from datetime import UTC, datetime

import pytest

from service.referrals.disclosures import AMAZON_STATEMENT, FDA_STATEMENT, INTEREST, PAID_LINK
from service.referrals.offers import offers_for
from service.referrals.policy import POLICY, PROGRAM_KINDS, Channel, DiscountView, LinkForm, cell_for
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
    assert offer.disclosure == (AMAZON_STATEMENT if kind == "amazon_associates" else INTEREST)
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


def test_only_a_template_program_sets_cells_of_its_own() -> None:
    loosened = {"message": {"link": "direct"}, "public_web": {"discount": "figure"}}
    for kind in ("fullscript", "amazon_associates"):
        for channel in Channel:
            assert cell_for(kind, channel, loosened) == POLICY[kind][channel]
    own = cell_for("template", Channel.MESSAGE, loosened)
    assert (own.link, own.discount) == (LinkForm.DIRECT, FIGURE)


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
    assert found.offers[0].disclosure == f"{AMAZON_STATEMENT} I know the seller."


def test_a_link_that_cannot_be_made_takes_its_offer_away_and_not_the_page() -> None:
    broken = program("fullscript", templates={})
    for channel in Channel:
        found = offers_for(formula("fullscript"), channel, book=book(broken), now=NOW)
        assert (found.offers, found.unavailable) == ((), ("a-product",))


def test_a_drug_never_gets_the_supplement_sentence() -> None:
    drug = formula("amazon_associates", regulatory_class="otc_drug")
    found = offers_for(drug, Channel.PUBLIC_WEB, book=book(program("amazon_associates")), now=NOW)
    assert found.statements == ()
