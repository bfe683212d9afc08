"""The sentences that stand beside links and claims. Their wording is the regulator's or the program's."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

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
FLAMMABLE_FORMS: Final = frozenset({"liniment", "tincture", "spray"})


# Programs that let nobody tell a discount, a price or a rating in words of their own.
SILENT_KINDS: Final = frozenset({"fullscript", "amazon_associates"})
_FIGURE: Final = re.compile(
    r"\d\s*(%|percent|per cent|off\b|stars?\b)|\bper ?cent\b|\bhalf[ -](price|off)\b|[$£€¥★⭐]|"
    r"\d\s*(dollars?|usd|cad|gbp|eur|euros?|pounds?|cents?)\b|\b(rated|stars?)\b",
    re.IGNORECASE,
)


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
    subjects = [subject for caution in cautions for subject in caution["subjects"]]
    found = {}
    for name, (form, phrase) in SKIN_WARNINGS.items():
        match = next(filter(None, map(form.fullmatch, subjects)), None)
        if match:
            found[name] = match.expand(phrase)
    return found


def missing_disclosures(kind: str, forms: Iterable[str], warnings: Mapping[str, str]) -> list[str]:
    """The warnings a formula has to carry and does not, in plain words."""
    if kind != "topical":
        return []
    wanted = {
        "external_use": "a public caution that it is for external use only",
        "age": "a public caution from which age on it may be used",
    }
    if FLAMMABLE_FORMS & set(forms):
        wanted["flammable"] = "a public caution that it is flammable"
    return [text for name, text in wanted.items() if name not in warnings]
