"""Nothing about a patient in a link: what a template, an account or a product's link may not carry."""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlsplit

# Parameters in which networks hand a value of ours back to us.
SUB_ID: Final = re.compile(
    r"(click_?ref|sub_?id|sub|sid|shared_?id|aff_?sub|afftrack|ascsubtag|aff_?click_?id|uid|epi|pubref)_?\d*|u\d+",
    re.IGNORECASE,
)
# Names that say what they would hold; `name` alone, and as a part: first_name, patientId, customer-email.
_PERSONAL: Final = re.compile(
    r"(^|[_\-.]|(?<=[a-z])(?=[A-Z]))(e?mail|phone|tel|mobile|(first|last|full|sur|user)?_?name|patient\w*|client(_?id)?|"
    r"customer\w*|dob|birth\w*|ssn|mrn|diagnos\w*|condition)($|[_\-.]|(?<=[a-z])(?=[A-Z]))",
    re.IGNORECASE,
)
_EMAIL: Final = re.compile(r"[^\s@/]+@[^\s@/]+\.[a-z]{2,}", re.IGNORECASE)
_PHONE: Final = re.compile(r"\+?\(?\d[\d\s().+-]{5,}\d")
_DAY: Final = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|(19|20)\d{6}|\d{4}(19|20)\d{2}")
_NAME: Final = re.compile(r"[^\W\d_]+[\s+][^\W\d_]+")


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
    """The first reason of `patient_shaped` in a URL's query or fragment, or None."""
    parts = urlsplit(url)
    for text in (parts.query, parts.fragment):
        for name, value in parse_qsl(text, keep_blank_values=True):
            reason = patient_shaped(name, value)
            if reason:
                return reason
    return None
