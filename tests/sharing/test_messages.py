import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from service.catalog.queries import get_published_formula
from service.referrals.disclosures import ELSEWHERE, INTEREST_OF_KIND, address_in
from service.referrals.policy import PROGRAM_KINDS
from service.referrals.queries import current_book
from service.sharing.messages import (
    LONGEST_SMS,
    USUAL_SMS,
    MessageNotWritable,
    Messages,
    TextMessage,
    compose_messages,
    mailto_href,
    sms_href,
)
from tests.referrals.books import book, discount, program
from tests.sharing.published import NOW, published
from tests.sharing.words import conditions_named

SLUGS = ["du-huo-ji-sheng-tang", "shao-yao-gan-cao-tang", "zheng-gu-shui"]
FIGURE = "10–15 % off retail, applied at checkout after you sign in"
SPOKEN = "10 to 15 percent off"
texts = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=60).map(
    lambda text: " ".join(text.split()) or "x"
)


def compose(kind: str, *, changes: dict[str, Any] | None = None, **of_program: Any) -> Messages:
    return compose_messages(published(kind, **(changes or {})), book=book(program(kind, **of_program)), now=NOW)


def told_in(messages: Messages) -> list[str]:
    """Each text that goes out."""
    return [sms_of(messages).text, f"{messages.email.subject}\n{messages.email.text}", messages.speech]


def sms_of(messages: Messages) -> TextMessage:
    assert messages.sms is not None, messages.sms_fault
    return messages.sms


@pytest.mark.parametrize("kind", PROGRAM_KINDS)
def test_every_text_has_the_disclosure_and_the_cautions_inside(kind: str) -> None:
    messages = compose(kind)
    assert messages.disclosures == (INTEREST_OF_KIND[kind], ELSEWHERE)
    for text in told_in(messages):
        assert text.count(INTEREST_OF_KIND[kind]) == 1
        assert "Read the cautions first, and ask me or your doctor before you use it." in text


@pytest.mark.parametrize(("kind", "is_told"), [("fullscript", True), ("amazon_associates", False), ("template", True)])
def test_a_discount_is_told_only_where_the_channel_lets_it(kind: str, is_told: bool) -> None:
    sms, email, speech = told_in(compose(kind, discounts=(discount(),)))
    assert (FIGURE.replace("–", "-") in sms, FIGURE in email, SPOKEN in speech) == (is_told,) * 3
    assert ("%" in sms + email + speech or "percent" in speech) is is_told


def test_a_discount_ends_with_the_messages_that_tell_it() -> None:
    ends_at = NOW.replace(month=12)
    messages = compose("fullscript", discounts=(discount(ends_at=ends_at),))
    assert messages.valid_until == ends_at


@pytest.mark.parametrize("kind", PROGRAM_KINDS)
def test_the_only_address_is_our_page_with_its_preset(kind: str) -> None:
    messages = compose(kind, changes={"short_name": "du-huo"})
    for text, medium in ((sms_of(messages).text, "sms"), (messages.email.text, "email")):
        (url,) = re.findall(r"\S+://\S+", text)
        parts = urlsplit(url)
        assert (parts.netloc, parts.path) == ("herbs.example.com", "/f/du-huo-tang")
        asked = dict(parse_qsl(parts.query))
        assert asked == {"utm_source": "practice", "utm_medium": medium, "utm_campaign": "du-huo-tang"}
    assert "://" not in messages.speech
    assert "herbs dot example dot com slash du huo." in messages.speech


def test_an_address_without_a_short_name_is_said_sign_by_sign() -> None:
    speech = compose("template").speech
    assert "herbs dot example dot com slash f slash du dash huo dash tang." in speech


def test_a_formula_that_is_sold_nowhere_now_has_nothing_to_disclose() -> None:
    messages = compose("fullscript", enabled=False, discounts=(discount(),))
    assert messages.disclosures == ()
    assert "%" not in "".join(told_in(messages))


@pytest.mark.parametrize("slug", SLUGS)
def test_no_text_names_what_the_formula_is_for(app: Flask, slug: str) -> None:
    messages = compose_messages(get_published_formula(slug), book=current_book(), now=NOW)
    for text in told_in(messages):
        assert conditions_named(text, slug) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_an_sms_of_the_seed_is_plain_and_fits(app: Flask, slug: str) -> None:
    text = sms_of(compose_messages(get_published_formula(slug), book=current_book(), now=NOW)).text
    assert text.isascii()
    assert len(text) <= USUAL_SMS


@given(pinyin=texts, english=texts, seller=texts)
def test_links_hold_exactly_their_text_and_no_recipient(pinyin: str, english: str, seller: str) -> None:
    changes = {"title": {"pinyin": pinyin, "english": english}}
    try:
        messages = compose("fullscript", changes=changes, seller=seller, discounts=(discount(),))
    except MessageNotWritable as refusal:
        assert any(map(address_in, (pinyin, english, seller)))
        assert "addresses" in refusal.detail
        return
    sms, mail = sms_of(messages), messages.email
    assert pinyin in mail.text
    assert len(sms.text) <= LONGEST_SMS
    assert INTEREST_OF_KIND["fullscript"] in sms.text
    assert parse_back(sms.href, "sms:?&") == {"body": sms.text}
    assert parse_back(mail.href, "mailto:?") == {
        "subject": mail.subject,
        "body": mail.text.replace("\n", "\r\n"),
    }


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8", exclude_characters="\r")))
def test_any_text_comes_back_from_its_link(subject: str, text: str) -> None:
    assert parse_back(sms_href(text), "sms:?&") == {"body": text}
    found = parse_back(mailto_href(subject, text), "mailto:?")
    assert found == {"subject": subject, "body": text.replace("\n", "\r\n")}


def parse_back(href: str, start: str) -> dict[str, str]:
    """The fields of a link as a phone reads them: a plus is a plus (RFC 6068, 5)."""
    assert href.startswith(start)
    assert re.fullmatch(r"[A-Za-z0-9:?&=%._~-]+", href), href
    fields = [field.partition("=") for field in href.removeprefix(start).split("&")]
    return {name: unquote(value, errors="strict") for name, _, value in fields}


@pytest.mark.parametrize("control", ["\n", "\r\n", "\x00", "\u2028", "\u202e"])
def test_a_name_with_a_line_break_is_refused_with_advice(control: str) -> None:
    with pytest.raises(MessageNotWritable, match="Take line breaks and control characters out"):
        compose("template", changes={"title": {"pinyin": f"Du{control}Huo"}})


def test_a_disclosure_with_an_address_of_its_own_is_refused() -> None:
    with pytest.raises(MessageNotWritable, match="Take addresses out"):
        compose("template", disclosure="Terms at https://shop.example.com/terms.")


@pytest.mark.parametrize(
    "words",
    [
        "More at amzn.to/3xYz.",
        "Ask amazon.com.",
        "Ask at us.fullscript.com.As always.",
        "See shop.example/x.",
        "www.x.org",
    ],
)
@pytest.mark.parametrize("place", ["disclosure", "seller", "pinyin"])
def test_what_a_phone_makes_a_link_of_is_refused_in_every_text_of_the_owners(words: str, place: str) -> None:
    with pytest.raises(MessageNotWritable, match="Take addresses out"):
        changes: dict[str, Any] = {"changes": {"title": {place: words}}} if place == "pinyin" else {place: words}
        compose("template", discounts=(discount(),), **changes)


def test_a_second_copy_of_a_link_of_ours_is_refused_too() -> None:
    with pytest.raises(MessageNotWritable, match="Take addresses out"):
        compose("template", disclosure="https://herbs.example.com/f/du-huo-tang")


def test_where_two_programs_sell_each_sentence_stands_once_and_the_freedom_last() -> None:
    formula = published("fullscript")
    offered = json.loads(formula.offered)
    (first,) = offered["products"]
    offered["products"] = [first, {**first, "slug": "b", "program": "amazon-associates"}, {**first, "slug": "c"}]
    programs = book(
        program("fullscript", disclosure="They are kind."),
        program(
            "amazon_associates", disclosure="Ships slowly.", policy={"message": {"link": "direct", "permission": LEAVE}}
        ),
    )
    messages = compose_messages(replace(formula, offered=json.dumps(offered)), book=programs, now=NOW)
    assert messages.disclosures == (
        INTEREST_OF_KIND["fullscript"],
        "They are kind.",
        INTEREST_OF_KIND["amazon_associates"],
        "Ships slowly.",
        "By written permission of 2 January 2026: Their letter 88.",
        ELSEWHERE,
    )
    assert [messages.email.text.count(text) for text in messages.disclosures] == [1] * 6
    for text in (sms_of(messages).text, messages.speech):
        assert text.count(ELSEWHERE) == 1


def test_what_an_sms_cannot_hold_is_left_out_in_order_and_never_the_disclosure() -> None:
    long, short, shorter = (
        sms_of(compose("fullscript", discounts=(discount(),), disclosure="x" * length)).text for length in (60, 90, 140)
    )
    assert "%" in long
    assert "Licorice Decoction" not in long
    assert "%" not in short
    assert "Licorice Decoction" in short
    assert "Licorice Decoction" not in shorter
    for text in (long, short, shorter):
        assert INTEREST_OF_KIND["fullscript"] in text
        assert len(text) <= USUAL_SMS
    without = compose("fullscript", disclosure="x" * 400)
    assert without.sms is None
    assert "shorten the program's own disclosure" in str(without.sms_fault)
    assert INTEREST_OF_KIND["fullscript"] in without.email.text


LEAVE = {"note": "Their letter 88.", "given_on": "2026-01-02"}


def test_a_vendors_own_link_is_sent_by_permission_alone_with_its_label_and_the_note() -> None:
    policy = {"message": {"link": "direct", "permission": LEAVE}}
    messages = compose("amazon_associates", policy=policy)
    for text in (sms_of(messages).text, messages.email.text):
        assert re.search(r"at Amazon \(paid link\) https://www\.amazon\.com/\S+", text)
        assert "By written permission of 2 January 2026: Their letter 88." in text
        assert "https://herbs.example.com/f/du-huo-tang" in text
    assert "amazon.com" not in messages.speech
    without = compose("amazon_associates", policy={"message": {"link": "direct"}})
    assert "amazon.com" not in "".join(told_in(without))


def test_an_sms_that_cannot_hold_a_vendors_link_and_its_permission_holds_neither() -> None:
    policy = {"message": {"link": "direct", "permission": {**LEAVE, "note": "n" * 300}}}
    messages = compose("amazon_associates", policy=policy)
    assert "amazon.com" not in sms_of(messages).text
    assert "permission" not in sms_of(messages).text
    assert "amazon.com" in messages.email.text
    assert "n" * 300 in messages.email.text
