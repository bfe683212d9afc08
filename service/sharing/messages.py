"""What the practitioner sends or says about a formula, ready to go, with the disclosure inside.

A message names the formula, never what it is for: it may be read by others on a locked screen. It
leads to our own page, holds no recipient, and tells a discount only as the channel's policy allows.
"""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlsplit

from service.catalog.queries import PublishedFormula
from service.referrals.addresses import Preset, page_address, short_address, with_utm
from service.referrals.book import Book
from service.referrals.disclosures import address_in
from service.referrals.offers import Offer, OfferedFormula, OfferSet, offers_for
from service.referrals.policy import Channel, LinkForm
from service.shared.errors import FormularyError
from service.sharing.names import ToldNames, names_to_tell

# Three messages of 160 signs; four of 153 (3GPP TS 23.040) for a vendor's own link with the permission for it, and
# where what has to be said takes more than three.
USUAL_SMS: Final = 480
LONGEST_SMS: Final = 612
SMS_FAULT: Final = (
    f"An SMS holds {LONGEST_SMS} characters, and what has to stand in this one takes more: "
    "shorten the program's own disclosure."
)
CAUTIONS_FIRST: Final = "Read the cautions first, and ask me or your doctor before you use it."
# What a phone's seven-bit alphabet lacks (3GPP TS 23.038), in signs it has.
_PLAIN_SIGNS: Final = str.maketrans(
    {"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "\xa0": " "}
)
_SPOKEN_SIGNS: Final = str.maketrans({".": " dot ", "-": " dash ", "/": " slash ", ":": " colon "})


class MessageNotWritable(FormularyError):
    code = "message-not-writable"
    title = "This message cannot be written"
    status = 409


@dataclass(frozen=True, slots=True)
class TextMessage:
    """An SMS and the link that opens it in the phone's own app."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail, its paragraphs parted by newlines, and the link that opens it."""

    subject: str
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Messages:
    """One formula for each private channel; `valid_until` (UTC) ends the discount told in them.

    `sms` is None where no text with all it has to hold fits, and `sms_fault` says what to shorten.
    """

    sms: TextMessage | None
    sms_fault: str | None
    email: Email
    speech: str
    disclosures: tuple[str, ...]
    valid_until: datetime | None


def compose_messages(formula: PublishedFormula, *, book: Book, now: datetime) -> Messages:
    """The messages about a published formula at a moment (UTC).

    Raises MessageNotWritable where a text of the owner's has control characters or an address of its own.
    """
    offered = OfferedFormula.read(formula.slug, formula.offered)
    names = names_to_tell(json.loads(formula.public))
    written = offers_for(offered, Channel.MESSAGE, book=book, now=now)
    spoken = offers_for(offered, Channel.SPEECH, book=book, now=now)
    page = page_address(formula.slug, book.public_url)

    def link(preset: Preset) -> str:
        return with_utm(page, preset, slug=formula.slug, public_url=book.public_url)

    sms = _sms(names, written, link(Preset.SMS), book.practice.name)
    return Messages(
        sms=sms,
        sms_fault=None if sms else SMS_FAULT,
        email=_email(names, written, link(Preset.EMAIL), book),
        speech=_speech(names, spoken, spoken_address(offered, book)),
        disclosures=tuple(_once([*_disclosures(written, _direct(written)), *_disclosures(spoken)])),
        valid_until=written.valid_until,
    )


def spoken_address(formula: OfferedFormula, book: Book) -> str:
    """The page's address as it is said: its short name, which needs no hyphens, else each sign by its word."""
    short = short_address(formula.short_name, book.public_url)
    if short is None:
        return _in_words(page_address(formula.slug, book.public_url))
    before, _, name = short.rpartition("/")
    return f"{_in_words(before)} slash {name.replace('-', ' ')}"


def _in_words(url: str) -> str:
    parts = urlsplit(url)
    return " ".join(f"{parts.netloc}{parts.path}".translate(_SPOKEN_SIGNS).split())


def sms_href(text: str) -> str:
    """An `sms:` link (RFC 5724) without a recipient, its text in the `body` field."""
    # iPhones look for the body after an ampersand; the empty field before it means nothing to others.
    return f"sms:?&body={quote(text, safe='')}"


def mailto_href(subject: str, text: str) -> str:
    """A `mailto:` link (RFC 6068) without a recipient; its line breaks are CRLF."""
    lines = text.replace("\n", "\r\n")
    return f"mailto:?subject={quote(subject, safe='')}&body={quote(lines, safe='')}"


def _sms(names: ToldNames, offers: OfferSet, link: str, practice: str) -> TextMessage | None:
    """The first text that fits; the name, our address, the cautions and the disclosures are in each, or None."""
    direct, prices = _direct(offers), _prices(offers)
    texts = (
        (longest, _sms_text(name, told, offers, link, practice, ways), ways)
        for ways, longest in ([(direct, LONGEST_SMS)] * bool(direct) + [([], USUAL_SMS), ([], LONGEST_SMS)])
        for name, told in ((names.full, prices), (names.pinyin, prices), (names.full, []), (names.pinyin, []))
    )
    for longest, text, ways in texts:
        if len(text) <= longest:
            return TextMessage(_checked(text, map(_plain, [link, *_urls(ways)])), sms_href(text))
    return None


def _sms_text(
    name: str, prices: Iterable[str], offers: OfferSet, link: str, practice: str, direct: Sequence[Offer]
) -> str:
    sentences = [
        f"{name}: I keep a page about it, with its cautions and where I get it. {link}",
        CAUTIONS_FIRST,
        *map(_way, direct),
        *prices,
        *_disclosures(offers, direct),
        practice,
    ]
    return _plain(" ".join(sentences))


def _email(names: ToldNames, offers: OfferSet, link: str, book: Book) -> Email:
    practice, direct = book.practice, _direct(offers)
    subject = _checked(f"{names.pinyin}: where to read about it")
    paragraphs = [
        "Hello,",
        f"I keep a page about {names.full}: what is in it, its cautions with their sources, and where I get it.",
        link,
        CAUTIONS_FIRST,
        "\n\n".join(map(_way, direct)),
        " ".join(_prices(offers)),
        " ".join(_disclosures(offers, direct)),
        ", ".join(part for part in (practice.name, practice.place) if part),
    ]
    _checked(" ".join(paragraphs).replace("\n\n", " "), [link, *_urls(direct)])
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    return Email(subject, text, mailto_href(subject, text))


def _speech(names: ToldNames, offers: OfferSet, address: str) -> str:
    return _checked(
        " ".join(
            [
                f"I keep a page about {names.full}, with its cautions and where I get it: {address}.",
                CAUTIONS_FIRST,
                *_prices(offers),
                *_disclosures(offers),
            ]
        )
    )


def _prices(offers: OfferSet) -> list[str]:
    """The discounts, as far as the channel lets them be told."""
    return _once(f"{offer.seller}: {offer.discount.text}." for offer in offers.offers if offer.discount)


def _direct(offers: OfferSet) -> list[Offer]:
    """The offers whose program gave written leave to send its own link."""
    return [offer for offer in offers.offers if offer.link is LinkForm.DIRECT]


def _way(offer: Offer) -> str:
    """A vendor's link with its label and what it is."""
    return " ".join(part for part in (offer.label, offer.paid_link_label, offer.url) if part)


def _urls(direct: Iterable[Offer]) -> list[str]:
    return [offer.url for offer in direct]


def _disclosures(offers: OfferSet, direct: Sequence[Offer] = ()) -> list[str]:
    """Warnings of what is put on the skin, then what stands beside each offer and what a looser rule rests on.

    Each sentence stands once, and last of all that one may buy elsewhere. A permission to send a vendor's link is told
    only beside that link.
    """
    permitted = {offer.product for offer in offers.offers if offer in direct or offer.link is LinkForm.PAGE}
    told = [
        disclosure
        for disclosure in offers.disclosures
        if disclosure.where in ("with_formula", "beside_button")
        and (disclosure.kind != "permission" or disclosure.product in permitted)
    ]
    return _once(disclosure.text for disclosure in sorted(told, key=lambda one: one.kind == "elsewhere"))


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _plain(text: str) -> str:
    """The text without tone marks and typographic signs, since one of them halves what an SMS holds."""
    letters = (unicodedata.normalize("NFD", letter) for letter in text.translate(_PLAIN_SIGNS))
    return "".join(parts[0] if parts[0].isascii() else unicodedata.normalize("NFC", parts) for parts in letters)


def _checked(text: str, addresses: Iterable[str] = ()) -> str:
    """The text itself, printable and with no address in it but those it was given. Raises MessageNotWritable."""
    if not text.isprintable():
        raise MessageNotWritable("Take line breaks and control characters out of its names and disclosures.")
    others = text
    for address in addresses:
        others = others.replace(address, " ", 1)
    if address_in(others):
        raise MessageNotWritable("Take addresses out of its names and disclosures: a message leads to our page alone.")
    return text
