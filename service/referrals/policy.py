"""Channel policy: what each program allows on each channel, as data, in one place.

The rules behind the cells, as of 2026; the owner re-reads them before going live:
Fullscript's Acceptable Use Policy (no public display of discounts with its name), the Amazon
Associates Operating Agreement (no hidden, printed or private links), FTC 16 CFR 255.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final


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
# Where on a channel a link stands, so that clicks can be told apart; owners add names of their own.
PLACEMENTS: Final = frozenset({"card", "page", "console", "feed", "message"})
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
DISCOUNT_WAYS: Final = ("automatic", "sign_in", "code")
# Who may be told of a discount, and on which channels.
DISCOUNT_AUDIENCES: Final[Mapping[str, frozenset[Channel]]] = {
    "public": frozenset(Channel),
    "patients": frozenset(Channel) - PUBLIC_CHANNELS,
    "practitioner": frozenset({Channel.CONSOLE}),
}
# Where a price may be told at all, and then only one the owner entered with its date.
PRICE_CHANNELS: Final = frozenset({Channel.CONSOLE, Channel.MESSAGE, Channel.SPEECH})


@dataclass(frozen=True, slots=True)
class Permission:
    """A program's written leave for what its rules otherwise forbid: its wording, and the ISO day it was given.

    Raises ValueError without a wording or a day.
    """

    note: str
    given_on: str

    def __post_init__(self) -> None:
        date.fromisoformat(self.given_on)
        if not self.note.strip():
            raise ValueError("A permission has a wording.")

    def __str__(self) -> str:
        return f"By written permission of {date.fromisoformat(self.given_on):%-d %B %Y}: {self.note}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One program on one channel; `permission` stands on a cell that is looser than the default."""

    link: LinkForm
    discount: DiscountView
    permission: Permission | None = None


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


# What may be chosen at all, whoever permits it: Amazon has no redirect and no discount; paper and speech have no
# vendor's URL.
_LINKS_OF_KIND: Final[Mapping[str, frozenset[LinkForm]]] = {
    "fullscript": frozenset(LinkForm),
    "amazon_associates": frozenset(LinkForm) - {LinkForm.GO},
    "template": frozenset(LinkForm),
}
_VIEWS_OF_KIND: Final[Mapping[str, frozenset[DiscountView]]] = {
    "fullscript": frozenset(DiscountView),
    "amazon_associates": frozenset({DiscountView.NONE}),
    "template": frozenset(DiscountView),
}
_LINKS_OF_CHANNEL: Final[Mapping[Channel, frozenset[LinkForm]]] = {
    Channel.PUBLIC_WEB: frozenset({LinkForm.DIRECT, LinkForm.GO, LinkForm.PAGE}),
    Channel.FEED: frozenset({LinkForm.DIRECT, LinkForm.PAGE}),
    Channel.CONSOLE: frozenset({LinkForm.DIRECT, LinkForm.GO, LinkForm.PAGE}),
    Channel.MESSAGE: frozenset({LinkForm.DIRECT, LinkForm.PAGE}),
    Channel.PRINT: frozenset({LinkForm.QR, LinkForm.PAGE}),
    Channel.SPEECH: frozenset({LinkForm.SPOKEN, LinkForm.PAGE}),
}
LEAVES_OUR_SITE: Final = frozenset({LinkForm.DIRECT, LinkForm.GO})
_TOLD: Final = tuple(DiscountView)  # from the least to the most


def cell_for(kind: str, channel: Channel, overrides: Mapping[str, Mapping[str, Any]]) -> Cell:
    """The rule of a program kind on a channel: the owner's own where it may stand, else the default.

    It asks `fault_of_cell` once more, so that a row that got past its entry still emits nothing forbidden.
    """
    default = POLICY[kind][channel]
    own = overrides.get(channel)
    if own is None:
        return default
    try:
        wanted = wanted_cell(kind, channel, own)
    except (AttributeError, KeyError, TypeError, ValueError):  # a row that nobody can read loosens nothing
        return default
    return default if fault_of_cell(kind, channel, wanted) else wanted


def wanted_cell(kind: str, channel: Channel, own: Mapping[str, Any]) -> Cell:
    """The cell an owner asks for; what is left out is the default's."""
    default = POLICY[kind][channel]
    wanted = Cell(LinkForm(own.get("link", default.link)), DiscountView(own.get("discount", default.discount)))
    if not is_looser(wanted, default) or "permission" not in own:
        return wanted
    return replace(wanted, permission=Permission(own["permission"]["note"], own["permission"]["given_on"]))


def is_looser(wanted: Cell, default: Cell) -> bool:
    """Whether it sends people to the vendor, or tells of a discount, where the default does not."""
    return (wanted.link in LEAVES_OUR_SITE and default.link not in LEAVES_OUR_SITE) or (
        _TOLD.index(wanted.discount) > _TOLD.index(default.discount)
    )


def links_of(kind: str, channel: Channel) -> frozenset[LinkForm]:
    """The forms of a link that may ever be chosen there."""
    return _LINKS_OF_CHANNEL[channel] & _LINKS_OF_KIND[kind]


def views_of(kind: str) -> frozenset[DiscountView]:
    """How much of a discount a kind of program may ever tell."""
    return _VIEWS_OF_KIND[kind]


def fault_of_cell(kind: str, channel: Channel, cell: Cell) -> str | None:
    """Why a cell may not stand, in a sentence that says what to do; None where it may."""
    links = links_of(kind, channel)
    if cell.link not in links:
        return f"A {kind} link on {channel} is one of {', '.join(sorted(links))}."
    if cell.discount not in views_of(kind):
        return f"A {kind} program tells of no discount."
    if is_looser(cell, POLICY[kind][channel]) and cell.permission is None:
        return "This loosens the default: add the program's written permission, its wording and the day it was given."
    return None
