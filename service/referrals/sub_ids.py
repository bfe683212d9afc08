"""Nothing about a patient in a link: what a template, an account or a product's link may not carry."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

# Parameters in which networks hand a value of ours back to us.
SUB_ID: Final = re.compile(
    r"(click[_-]?ref|sub[_-]?id|sub|sid|shared[_-]?id|aff[_-]?sub|afftrack|ascsubtag|(aff[_-]?)?click[_-]?id|uid|tid|"
    r"epi|pubref|custom[_-]?id|aff[_-]?unique)[_-]?\d*(\[\])?|[us]\d+",
    re.IGNORECASE,
)
# Words that say what a parameter would hold: alone, or as a part of it: first_name, patientId, customer-email, phone1.
_PERSONAL: Final = re.compile(
    r"(?:^|[_\-.\[]|(?<=[a-z])(?=[A-Z]))"
    r"(?i:e?mail(?:_?address)?|(?:tele)?phone|tel|mobile|(?:first|last|full|sur|user)?_?name|patient\w*|client(?:_?id)?|"
    r"customer\w*|dob|date_?of_?birth|birth\w*|ssn|mrn|diagnos\w*|condition)\d*"
    r"(?:$|[_\-.\]]|(?<=[a-z])(?=[A-Z]))",
)
_EMAIL: Final = re.compile(r"[^\s@/]+@[^\s@/]+\.[a-z]{2,}", re.IGNORECASE)
_PHONE: Final = re.compile(r"\+?\(?\d[\d\s().+_-]{5,}\d")
_DAY: Final = re.compile(
    r"\d{1,4}[-/._]\d{1,2}[-/._]\d{1,4}|(19|20)\d{6}|\d{4}(19|20)\d{2}|[a-z]{3,9}\.? \d{1,2},? \d{4}", re.IGNORECASE
)
_NAME: Final = re.compile(r"[^\W\d_]+[\s+._]+[^\W\d_]+|[\u3400-\u9fff]{2,4}")
DEPTH: Final = 4


@lru_cache(maxsize=4096)
def patient_shaped(name: str, value: str) -> str | None:
    """Why a parameter may not stand in a link, or None.

    Any parameter is refused for a name that says it is about a person, or a value that is an e-mail address; a sub-id,
    which exists to tell clicks apart, also for a value shaped like a phone number, a date of birth or a person's name.
    """
    if _PERSONAL.search(name):
        return f"{name} would carry something about a person; links carry nothing about patients."
    if _EMAIL.search(value):
        return f"{name} holds an e-mail address; links carry nothing about patients."
    if SUB_ID.fullmatch(name) and any(shape.search(value) for shape in (_PHONE, _DAY, _NAME)):
        return f"{name} may hold a phone number, a date of birth or a name; use {{placement}} to tell links apart."
    return None


@lru_cache(maxsize=4096)
def fault_of_link(url: str) -> str | None:
    """The first reason of `patient_shaped` anywhere in a URL, or in a URL within it, or None."""
    if any(map(_EMAIL.search, re.split(r"[/?&=#]", decoded(url)))):
        return "It holds an e-mail address; links carry nothing about patients."
    for nested in (url, *urls_within(url)):
        parts = urlsplit(nested)
        for text in (parts.query, parts.fragment):
            for name, value in parse_qsl(text, keep_blank_values=True):
                reason = patient_shaped(name, value)
                if reason:
                    return reason
    return None


def loose_sub_id(url: str, placement: str) -> str | None:
    """The first sub-id of a URL that holds anything but where the link stands, or None."""
    parameters = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    return next((name for name, value in parameters if SUB_ID.fullmatch(name) and value != placement), None)


def decoded(url: str) -> str:
    """A URL without its percent signs, however often it was encoded."""
    for _ in range(DEPTH):
        plain = unquote(url)
        if plain == url:
            break
        url = plain
    return url


def urls_within(url: str, depth: int = DEPTH) -> Iterator[str]:
    """The URLs that a URL hands on in its parameters, and those within them."""
    parts = urlsplit(url)
    for text in (parts.query, parts.fragment):
        for _, value in parse_qsl(text, keep_blank_values=True):
            if "://" in value and depth:
                yield value
                yield from urls_within(value, depth - 1)
