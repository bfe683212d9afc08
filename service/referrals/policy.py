"""Channel policy: what each program allows on each channel, as data, in one place.

The rules behind the cells, as of 2026; the owner re-reads them before going live:
Fullscript's Acceptable Use Policy (no public display of discounts with its name), the Amazon
Associates Operating Agreement (no hidden, printed or private links), FTC 16 CFR 255.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Channel(StrEnum):
    """Where an offer is shown."""

    PUBLIC_WEB = "public_web"
    FEED = "feed"
    CONSOLE = "console"
    MESSAGE = "message"
    PRINT = "print"
    SPEECH = "speech"


# The channels that may link through /go, each with the letter that ends its codes.
CHANNEL_LETTERS: Final = {Channel.PUBLIC_WEB: "w", Channel.CONSOLE: "c"}
PUBLIC_CHANNELS: Final = frozenset({Channel.PUBLIC_WEB, Channel.FEED})


class LinkForm(StrEnum):
    """How a link is made."""

    DIRECT = "direct"  # the vendor's own URL
    GO = "go"  # our redirect
    PAGE = "page"  # our public page of the formula
    QR = "qr"  # a printed code that leads to our page
    SPOKEN = "spoken"  # the page's name, to be said


class DiscountView(StrEnum):
    """How much of a discount may be told."""

    NONE = "none"
    NEUTRAL = "neutral"  # that there is one, without a figure
    FIGURE = "figure"


PROGRAM_KINDS: Final = ("fullscript", "amazon_associates", "template")
# The hosts whose rules a kind stands for: no other kind may lead there.
HOSTS_OF_KIND: Final[Mapping[str, tuple[str, ...]]] = {
    "fullscript": ("fullscript.com",),
    "amazon_associates": ("amazon.com", "amzn.to", "a.co"),
}
# Fullscript's own cap on patient discounts in the US, percent of retail.
FULLSCRIPT_CAP: Final = 35
DISCOUNT_WAYS: Final = ("automatic", "sign_in", "code")
DISCOUNT_AUDIENCES: Final = ("public", "patients")


@dataclass(frozen=True, slots=True)
class Cell:
    """One program on one channel."""

    link: LinkForm
    discount: DiscountView


def _row(*cells: tuple[LinkForm, DiscountView]) -> Mapping[Channel, Cell]:
    return {channel: Cell(*cell) for channel, cell in zip(Channel, cells, strict=True)}


_NONE, _NEUTRAL, _FIGURE = DiscountView.NONE, DiscountView.NEUTRAL, DiscountView.FIGURE

POLICY: Final[Mapping[str, Mapping[Channel, Cell]]] = {
    # channels in order:    public web, feed, console, message, print, speech
    "fullscript": _row(
        (LinkForm.GO, _NEUTRAL),
        (LinkForm.PAGE, _NONE),
        (LinkForm.GO, _FIGURE),
        (LinkForm.PAGE, _FIGURE),
        (LinkForm.QR, _NONE),
        (LinkForm.SPOKEN, _FIGURE),
    ),
    "amazon_associates": _row(
        (LinkForm.DIRECT, _NONE),
        (LinkForm.PAGE, _NONE),
        (LinkForm.PAGE, _NONE),
        (LinkForm.PAGE, _NONE),
        (LinkForm.QR, _NONE),
        (LinkForm.PAGE, _NONE),
    ),
    "template": _row(
        (LinkForm.GO, _FIGURE),
        (LinkForm.PAGE, _FIGURE),
        (LinkForm.GO, _FIGURE),
        (LinkForm.PAGE, _FIGURE),
        (LinkForm.QR, _NONE),
        (LinkForm.PAGE, _FIGURE),
    ),
}


def cell_for(kind: str, channel: Channel, overrides: Mapping[str, Mapping[str, str]]) -> Cell:
    """The rule of a program kind on a channel; only a `template` program may set its own."""
    default = POLICY[kind][channel]
    if kind != "template" or channel not in overrides:
        return default
    own = overrides[channel]
    return Cell(
        LinkForm(own.get("link", default.link)),
        DiscountView(own.get("discount", default.discount)),
    )


def kind_of_host(host: str) -> str:
    """The kind of program whose rules hold for a host; `template` where no rules are known."""
    for kind, domains in HOSTS_OF_KIND.items():
        if any(host == domain or host.endswith(f".{domain}") for domain in domains):
            return kind
    return "template"
