"""The sentences that stand beside links and claims. Their wording is the regulator's or the program's."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.referrals.marketplaces import kind_of_host

# Amazon Associates Operating Agreement: this sentence on the page, and a label at the link.
AMAZON_STATEMENT: Final = "As an Amazon Associate I earn from qualifying purchases."
PAID_LINK: Final = "(paid link)"

# 16 CFR 255.5: the interest, clear and beside the link.
INTEREST: Final = "I may earn from what you buy through this link."

# B&P 650 and plain fairness: nobody has to buy where the practice earns.
ELSEWHERE: Final = "You are free to buy elsewhere."

# 21 CFR 101.93(c), the wording for more than one statement.
FDA_STATEMENT: Final = (
    "These statements have not been evaluated by the Food and Drug Administration. "
    "This product is not intended to diagnose, treat, cure, or prevent any disease."
)

ASK_FIRST: Final = "Discuss with your practitioner or doctor before you use it."

INTEREST_OF_KIND: Final = {
    "fullscript": INTEREST,
    "amazon_associates": AMAZON_STATEMENT,
    "template": INTEREST,
}
# What must be said of something put on the skin: the subject of the caution that bears it out, and the label's phrase
# (21 CFR 201.66 and 16 CFR 1500.130), short enough for a message and naming no condition.
SKIN_WARNINGS: Final = {
    "external_use": (re.compile(r"use:swallowing"), "For external use only."),
    "flammable": (re.compile(r"use:open-flame"), "Flammable: keep away from fire and heat."),
    "age": (re.compile(r"population:under-(\d+)"), r"Not for children under \1 years."),
}
# Forms with an alcohol base; a plaster or a balm need not say that it burns.
_FLAMMABLE_FORM: Final = re.compile(r"\b(liniment|tincture|spray)s?\b", re.IGNORECASE)


# Programs that let nobody tell a discount, a price or a rating in words of their own.
SILENT_KINDS: Final = frozenset({"fullscript", "amazon_associates"})
_FIGURE: Final = re.compile(
    r"\d\s*(%|percent|per cent|off\b|stars?\b)|\bper ?cent\b|\bhalf[ -](price|off)\b|[$£€¥★⭐]|"
    r"\d\s*(dollars?|usd|cad|gbp|eur|euros?|pounds?|cents?)\b|\b(rated|stars?)\b",
    re.IGNORECASE,
)


_URL: Final = re.compile(r"\S*://\S*")
_HOST: Final = re.compile(r"(?:[\w-]+\.)+[^\W\d_][\w-]+")
_PATH: Final = re.compile(r"(?::\d+)?/\S*")


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One sentence, or the name of a box, that a surface must show: `where` says beside what, `product` of which."""

    kind: str
    where: str
    text: str
    product: str | None = None


def fault_of_own(kind: str, own: str) -> str | None:
    """Why the owner's own words may not stand beside a program's links, or None."""
    if kind in SILENT_KINDS and _FIGURE.search(own):
        return "This program lets nobody tell a price, a discount's figure or a rating in words of one's own."
    return None


def address_in(text: str) -> str | None:
    """The first address in a text that phones make a link of: with a scheme or a path, or the host of a vendor.

    It is sought without accents, as an SMS is written.
    """
    letters = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    if url := _URL.search(plain):
        return url.group()
    for host in _HOST.finditer(plain):
        path = _PATH.match(plain, host.end())
        if path or host.group().startswith("www.") or _is_of_a_vendor(host.group()):
            return host.group() + (path.group() if path else "")
    return None


def _is_of_a_vendor(host: str) -> bool:
    """Whether it is a host with rules of its own, or one with the next sentence run on to it."""
    labels = host.split(".")
    return any(kind_of_host(".".join(labels[:end])) != "template" for end in range(2, len(labels) + 1))


def fault_of_words(text: str) -> str | None:
    """Why words of the owner's may not stand in a message, or None."""
    found = address_in(text)
    if found is None:
        return None
    return f"Take {found} out: phones make a link of it, and a message leads to our page alone."


def interest_line(kind: str, own: str | None) -> str:
    """What stands beside the button: the interest, what the owner adds to it, and that one may buy elsewhere."""
    return " ".join(part for part in (INTEREST_OF_KIND[kind], own, ELSEWHERE) if part)


def disclosures_of_formula(kind: str, warnings: Mapping[str, str]) -> list[Disclosure]:
    """What a formula itself asks for: the FDA sentence for what is swallowed, warnings for what is rubbed on."""
    if kind == "internal_formula":
        return [Disclosure("fda", "beside_claim", FDA_STATEMENT)]
    return [Disclosure(name, "with_formula", text) for name, text in warnings.items()]


def disclosures_of_product(product: Mapping[str, Any]) -> list[Disclosure]:
    """What a product asks for: its Drug Facts, and the warning California asks for."""
    found = []
    if product["regulatory_class"] == "otc_drug":
        found.append(Disclosure("drug_facts", "with_product", "Drug Facts", product["slug"]))
    if product.get("prop_65"):
        found.append(Disclosure("prop_65", "with_product", product["prop_65"], product["slug"]))
    return found


def skin_warnings_of(cautions: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """By kind, the phrase of each warning of SKIN_WARNINGS that one of these public cautions bears out."""
    cautions = list(cautions)
    bearing = {name: (_bearing(form, cautions), phrase) for name, (form, phrase) in SKIN_WARNINGS.items()}
    return {name: found[0][1].expand(phrase) for name, (found, phrase) in bearing.items() if found}


def sentences_of_warnings(cautions: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """By kind, the patients' sentences of the public cautions that bear a warning out: where one stands, it is said."""
    cautions = list(cautions)
    bearing = {name: _bearing(form, cautions) for name, (form, _) in SKIN_WARNINGS.items()}
    return {name: [caution["patient_text"] for caution, _ in found] for name, found in bearing.items() if found}


def _bearing(
    form: re.Pattern[str], cautions: Iterable[Mapping[str, Any]]
) -> list[tuple[Mapping[str, Any], re.Match[str]]]:
    """The cautions that bear a warning out; of several ages, those of the highest."""

    def age(match: re.Match[str]) -> list[int]:
        return [int(figure) for figure in match.groups()]

    found = [
        (caution, match)
        for caution in cautions
        for match in map(form.fullmatch, caution["subjects"])
        if match is not None
    ]
    highest = max((age(match) for _, match in found), default=[])
    return [(caution, match) for caution, match in found if age(match) == highest]


def missing_disclosures(kind: str, forms: Iterable[str], warnings: Mapping[str, str]) -> list[str]:
    """The warnings a formula in these forms, as people write them, has to carry and does not, in plain words."""
    if kind != "topical":
        return []
    wanted = {
        "external_use": "a public caution that it is for external use only",
        "age": "a public caution from which age on it may be used",
    }
    if any(map(_FLAMMABLE_FORM.search, forms)):
        wanted["flammable"] = "a public caution that it is flammable"
    return [text for name, text in wanted.items() if name not in warnings]
