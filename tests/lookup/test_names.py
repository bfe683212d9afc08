import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.lookup.names import fold, simplify

letters = st.text(st.characters(codec="utf-8"), max_size=40)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Dú Huó Jì Shēng Tāng", "du huo ji sheng tang"),
        ("du2 huo2 ji4 sheng1 tang1", "du huo ji sheng tang"),
        ("Ｄｕ　Ｈｕｏ", "du huo"),
        ("lǜ dòu", "lv dou"),
        ("lu:4 dou4", "lv dou"),
        ("lv dou", "lv dou"),
        ("獨活寄生湯", "独活寄生汤"),
        ("芍薬甘草湯", "芍药甘草汤"),
        ("Sheng's — Tang!", "shengs tang"),
        ("dokkatsu-kisei-to", "dokkatsu kisei to"),
        ("  a  b  ", "a b"),
        ("TJ-68", "tj 68"),
        ("", ""),
        ("!?", ""),
    ],
)
def test_a_query_and_a_key_meet_in_one_form(text: str, folded: str) -> None:
    assert fold(text).text == folded


def test_homophones_stay_apart() -> None:
    assert fold("独活").text != fold("毒活").text
    assert fold("芍药甘草附子汤").text != fold("芍药甘草汤").text


@given(letters)
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == once


@given(letters)
def test_spaces_are_single_and_inside(text: str) -> None:
    folded = fold(text).text
    assert folded == folded.strip()
    assert "  " not in folded


@given(letters)
def test_each_character_remembers_where_it_stood(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.places)
    assert list(folded.places) == sorted(folded.places)
    assert all(0 <= place < len(text) for place in folded.places)
    assert " " not in folded.joined.text


@given(st.text("abcdefghijklmnopqrstuvwxyz áéíóúǎěǐǒǔāēīōū", min_size=1, max_size=30))
def test_the_normal_form_of_the_input_makes_no_difference(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)).text == fold(unicodedata.normalize("NFD", text)).text


def test_simplifying_never_makes_one_hanzi_two() -> None:
    assert all(len(simplify(hanzi)) == 1 for hanzi in "獨藥湯歸氣澤薬帰気沢乾薑")
