"""Where each kind of program sells, and what an account there looks like."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from service.referrals.sub_ids import patient_shaped


@dataclass(frozen=True, slots=True)
class Marketplace:
    """One country's site of a program: its only host, the ending of its tags, its cap on discounts in percent."""

    host: str
    tag_ending: str = ""
    discount_cap: int = 100


# Amazon Associates Central: a tracking ID ends in -20, -21 or -22 by the country of its store.
# Fullscript's patient discounts end at 35 % in the US and 25 % in Canada.
MARKETPLACES: Final[Mapping[str, Mapping[str, Marketplace]]] = {
    "amazon_associates": {
        "us": Marketplace("www.amazon.com", "-20"),
        "ca": Marketplace("www.amazon.ca", "-20"),
        "uk": Marketplace("www.amazon.co.uk", "-21"),
        "de": Marketplace("www.amazon.de", "-21"),
        "fr": Marketplace("www.amazon.fr", "-21"),
        "it": Marketplace("www.amazon.it", "-21"),
        "es": Marketplace("www.amazon.es", "-21"),
        "jp": Marketplace("www.amazon.co.jp", "-22"),
        "au": Marketplace("www.amazon.com.au", "-22"),
    },
    "fullscript": {
        "us": Marketplace("us.fullscript.com", discount_cap=35),
        "ca": Marketplace("ca.fullscript.com", discount_cap=25),
    },
    "template": {},
}
DEFAULT_MARKETPLACE: Final = "us"
# The hosts whose rules a kind stands for: no other kind may lead there. Amazon's shorteners hide a link: nobody has
# them.
_HOSTS_OF_KIND: Final[Mapping[str, re.Pattern[str]]] = {
    "fullscript": re.compile(r"(.+\.)?fullscript\.(com|io|ca)"),
    "amazon_associates": re.compile(
        r"(.+\.)?(amazon\.[a-z]{2,3}(\.[a-z]{2})?|amzn\.[a-z]+|a\.co|amazon-adsystem\.com)|.+\.amazon"
    ),
}
# Where the dispensary takes no profit, Fullscript gives its patients this much, in percent.
DISCOUNT_WITHOUT_PROFIT: Final = 10
TAG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,60}-2[012]")
_ORIGIN: Final = re.compile(r"\Ahttps://[^/{?#]*")
# The one setting without which a kind's account is none.
ACCOUNT_SETTING: Final[Mapping[str, str]] = {"amazon_associates": "tag", "fullscript": "dispensary"}
DISPENSARY: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@lru_cache(maxsize=1024)
def kind_of_host(host: str) -> str:
    """The kind of program whose rules hold for a host; `template` where no rules are known."""
    name = host.lower().rstrip(".")
    return next((kind for kind, form in _HOSTS_OF_KIND.items() if form.fullmatch(name)), "template")


def marketplace_of(kind: str, name: str | None) -> Marketplace | None:
    """The marketplace a program sells in; None for a template program, which has none."""
    return MARKETPLACES[kind].get(name or DEFAULT_MARKETPLACE)


def templates_at(place: Marketplace, templates: Mapping[str, str]) -> dict[str, str]:
    """The same templates with the marketplace's host in them."""
    return {name: _ORIGIN.sub(f"https://{place.host}", text) for name, text in templates.items()}


def fault_of_account(kind: str, marketplace: str | None, settings: Mapping[str, str]) -> tuple[str, str] | None:
    """The setting at fault in a program's account and what to write, or None."""
    if "placement" in settings:
        return "placement", "Take it out: {placement} is always where a link stands."
    for name, value in settings.items():
        reason = patient_shaped(name, value)
        if reason:
            return name, reason
    place = marketplace_of(kind, marketplace)
    if kind == "amazon_associates" and place is not None:
        tag = settings.get("tag", "")
        if not TAG.fullmatch(tag) or not tag.endswith(place.tag_ending):
            return (
                "tag",
                f"Write a tag like practice{place.tag_ending}; tags for {place.host} end in {place.tag_ending}.",
            )
    if kind == "fullscript" and not DISPENSARY.fullmatch(settings.get("dispensary", "")):
        return "dispensary", "Write a dispensary like my-practice, as it stands after /welcome/ in its address."
    return None


def fault_of_discount(
    kind: str, marketplace: str | None, takes_profit: bool, discount: Mapping[str, Any]
) -> tuple[str, str] | None:
    """The field of a discount that its program does not allow and why, or None. Amazon lets nobody announce one."""
    if kind == "amazon_associates":
        return "program", "Amazon's prices and discounts are not ours to tell; leave the discount out."
    place = marketplace_of(kind, marketplace)
    return _fault_at_fullscript(place, takes_profit, discount) if place is not None else None


def _fault_at_fullscript(place: Marketplace, takes_profit: bool, discount: Mapping[str, Any]) -> tuple[str, str] | None:
    """Its discount is a percentage, the dispensary's, capped, and fixed where the dispensary takes no profit."""
    low, high = discount.get("percent_min"), discount.get("percent_max")
    if discount.get("product"):
        return "product", "A Fullscript discount belongs to the dispensary, never to a product."
    if low is None or high is None or discount.get("amount") is not None:
        return "amount", "A Fullscript discount is a percentage of retail: give percent_min and percent_max."
    if max(low, high) > place.discount_cap:
        return "percent_max", f"Fullscript allows at most {place.discount_cap} % at {place.host}."
    if not takes_profit and (low, high) != (DISCOUNT_WITHOUT_PROFIT, DISCOUNT_WITHOUT_PROFIT):
        return "percent_max", f"A dispensary that takes no profit gives exactly {DISCOUNT_WITHOUT_PROFIT} %."
    return None
