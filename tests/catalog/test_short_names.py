import re

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from service.catalog.schemas import FormulaIn
from service.catalog.short_names import LONGEST, LONGEST_TYPED, RESERVED, SHORTEST, fold, is_typed_name

names = st.from_regex(r"\A[a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,2}\Z").filter(lambda name: len(fold(name)) >= SHORTEST)


def test_no_address_of_ours_can_be_taken_by_a_short_name(seeded: Flask) -> None:
    starts = {rule.rule.split("/")[1] for rule in seeded.url_map.iter_rules()}
    named = {start for start in starts if re.fullmatch(r"[a-z0-9-]{3,24}", start)}
    assert {"api", "cards", "healthz", "readyz", "static", "oembed"} <= named
    assert {fold(start) for start in named} <= RESERVED


def test_reserved_names_are_as_they_are_compared() -> None:
    assert all(fold(name) == name and is_typed_name(name) for name in RESERVED)


@given(names, st.data())
def test_a_name_is_one_with_every_spelling_of_what_is_heard(name: str, data: st.DataObject) -> None:
    spelled = "".join(
        data.draw(st.sampled_from([letter, letter.upper()])) + data.draw(st.sampled_from(["", "-", " ", "_"]))
        for letter in name.replace("-", "")
    )
    assert fold(spelled) == fold(name)
    assert is_typed_name(spelled) == (len(spelled) <= LONGEST_TYPED)


@pytest.mark.parametrize("text", ["", "ab", "a-b", "é-tang", "du.huo", "du/huo", "独活寄生", "a" * 41, "---"])
def test_what_cannot_be_a_short_name_is_not_looked_up(text: str) -> None:
    assert not is_typed_name(text)


@pytest.mark.parametrize("name", ["Du-Huo", "du huo", "-du", "du--huo", "ab", "a" * (LONGEST + 1), "独活"])
def test_a_short_name_of_another_form_is_refused_with_its_field(name: str) -> None:
    frame = {"slug": "a", "kind": "topical", "category": "c", "route": "external"}
    with pytest.raises(ValidationError) as refusal:
        FormulaIn().load({**frame, "short_name": name})
    assert list(refusal.value.messages) == ["short_name"]
