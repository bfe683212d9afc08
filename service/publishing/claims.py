"""Wording that makes a disease claim of what stands beside a supplement's link. It warns; a person decides.

21 CFR 101.93(g): a statement that a product diagnoses, mitigates, treats, cures or prevents a disease makes a drug of
a supplement. Practitioners write so among themselves, and such words find their way into what the public reads.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.referrals.book import KnownProgram
from service.referrals.destinations import ways_of
from service.referrals.offers import own_words

# What is said to be done about a disease.
_VERBS: Final = (
    r"cur(?:e|es|ed|ing|ative)",
    r"treat(?:s|ed|ing|ment|ments)?",
    r"heal(?:s|ed|ing)?",
    r"prevent(?:s|ed|ing|ion)?",
    r"diagnos(?:e|es|ed|ing|is)",
    r"mitigat(?:e|es|ed|ing|ion)",
    r"remed(?:y|ies)",
    r"therap(?:y|ies|eutic)",
)
# Names of diseases that the formulas of a practice like this are written about.
_DISEASES: Final = (
    r"arthrit(?:is|ic)",
    r"osteo(?:arthritis|porosis)",
    r"rheumat(?:ism|ic|oid)",
    r"sciatic\w*",
    r"lumbago",
    r"dis[ck]s? (?:herniations?|prolapses?|diseases?)|(?:herniated|slipped|prolapsed|bulging|ruptured) dis[ck]s?",
    r"(?:spinal )?stenosis",
    r"spondyl\w+",
    r"neuralgias?|neuropath(?:y|ies|ic)",
    r"fibromyalgia",
    r"gout",
    r"tendin(?:itis|opathy)|bursitis",
    r"migraines?",
    r"asthma|bronchitis|pneumonia|influenza|covid\S*",
    r"diabet(?:es|ic)",
    r"hypertension|high blood pressure",
    r"cancers?|tumou?rs?",
    r"depression|anxiety disorder|insomnia",
    r"endometriosis|dysmenorrh\w+",
    r"hepatitis|cirrhosis|nephritis|gastritis|colitis|ulcers?",
    r"epilepsy|seizures?|strokes?|parkinson\S*|alzheimer\S*|dementia",
    r"infections?|inflammations?|(?:anti[-\u2010\u2011 ]?)?inflammatory",
)
_CLAIM: Final = re.compile(rf"\b(?:{'|'.join((*_VERBS, *_DISEASES))})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claim:
    """A word of a public sentence that reads as a disease claim beside a supplement; `place` is whose it is."""

    place: str
    word: str
    sentence: str

    def __str__(self) -> str:
        return (
            f"{self.place}: {self.word!r} in {self.sentence!r} reads as a disease claim beside a supplement's link; "
            "say what it supports instead (21 CFR 101.93(g))."
        )


def claims_in(public: str, offered: str) -> list[Claim]:
    """The claims a formula's public body (JSON text) makes beside its offers (JSON text); none without a supplement."""
    body = json.loads(public)
    products = json.loads(offered)["products"]
    if not any(product["regulatory_class"] == "supplement" for product in products):
        return []
    return [claim for sentence in _sentences(body) for claim in _claims_of(body["slug"], sentence)]


def sellers_of_supplements(offered: str) -> set[str]:
    """The programs that sell a supplement of a formula's offers (JSON text), themselves or as a substitute."""
    return {
        way["program"]
        for product in json.loads(offered)["products"]
        if product["regulatory_class"] == "supplement"
        for way in ways_of(product)
    }


def claims_of_program(program: KnownProgram) -> list[Claim]:
    """The claims of a program's own disclosure, which stands by the button."""
    return list(_claims_of(f"the disclosure of {program.key}", own_words(program) or ""))


def _claims_of(place: str, sentence: str) -> Iterator[Claim]:
    return (Claim(place, found.group(), sentence) for found in _CLAIM.finditer(sentence))


def _sentences(body: Mapping[str, Any]) -> Iterator[str]:
    """What the public reads of its use: cautions name diseases to warn of them, so they are not among it."""
    yield from (row["text"] for row in body["indications"])
    yield from (name["text"] for name in body["names"] if name["lang"] == "en")
    yield from (product["name"] for product in body["products"])
