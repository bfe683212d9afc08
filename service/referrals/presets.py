"""Starting values for a template program: what the common networks' links look like, as each documents them.

`{placement}` is filled with where a link stands; networks hand it back as a sub-id. HOST is for the owner to fill.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Preset:
    """A network's link as URI templates (RFC 6570), its hosts, and the settings its account has."""

    title: str
    key: str
    seller: str
    templates: Mapping[str, str]
    hosts: tuple[str, ...]
    settings: tuple[str, ...]
    note: str


PRESETS: Final = (
    Preset(
        "Own shop",
        "own-shop",
        "our own shop",
        {"page": "https://HOST/{+path}"},
        (),
        (),
        "Put your shop's host for HOST, and on the list of hosts. A product gives its path.",
    ),
    Preset(
        "Shop with a referral code (GoAffPro and the like)",
        "shop-with-code",
        "",
        {"page": "https://HOST/{+path}{?ref}"},
        (),
        ("ref",),
        "Put the shop's host for HOST, and on the list of hosts; ref is the code its affiliate app gave you. Where it "
        "writes another word than ref, change it in both places. A product gives the path of its page.",
    ),
    Preset(
        "Awin",
        "awin",
        "",
        {"link": "https://www.awin1.com/cread.php{?awinmid,awinaffid}&clickref={placement}{&ued}"},
        ("www.awin1.com",),
        ("awinmid", "awinaffid"),
        "One program for each advertiser: awinmid is the advertiser's number, awinaffid yours. A product gives ued, "
        "the advertiser's page.",
    ),
    Preset(
        "Impact",
        "impact",
        "",
        {"link": "https://HOST/c/{mpid}/{ad}/{campaign}?subId1={placement}{&u}"},
        (),
        ("mpid", "ad", "campaign"),
        "Put the tracking host of your own links for HOST, and on the list of hosts. A product gives u, the brand's "
        "page.",
    ),
    Preset(
        "iHerb",
        "iherb",
        "iHerb",
        {"page": "https://www.iherb.com/{+path}{?rcode}"},
        ("www.iherb.com",),
        ("rcode",),
        "rcode is your rewards code. A product gives the path of its page.",
    ),
)


def preset_of(key: str) -> Preset | None:
    return next((preset for preset in PRESETS if preset.key == key), None)
