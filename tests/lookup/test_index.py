import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.lookup.index import Index
from service.lookup.keys import keys_of

NAMES = {
    ("formula", "shao-yao-gan-cao-tang"): [
        ("hans", "芍药甘草汤"),
        ("pinyin", "Sháo Yào Gān Cǎo Tāng"),
        ("english", "Peony and Licorice Decoction"),
    ],
    ("formula", "du-huo-ji-sheng-tang"): [("hans", "独活寄生汤"), ("pinyin", "Dú Huó Jì Shēng Tāng")],
    ("herb", "du-huo"): [("hans", "独活"), ("pinyin", "Dú Huó"), ("latin", "Angelicae Pubescentis Radix")],
    ("herb", "gan-cao"): [("hans", "甘草"), ("pinyin", "Gān Cǎo"), ("english", "licorice")],
}


def make_index() -> Index:
    rows = []
    for (kind, slug), names in NAMES.items():
        listed = [{"text": text, "script": script, "preferred": True} for script, text in names]
        rows.append((kind, slug, json.dumps({"title": {}}), json.dumps({"names": listed, "keys": keys_of(listed)})))
    return Index(rows)


INDEX = make_index()


def found(query: str, **options: str) -> list[tuple[str, str]]:
    return [(match.entry.slug, match.match_class) for match in INDEX.find(query, **options)]  # type: ignore[arg-type]  # only kind is passed


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("芍药甘草汤", "shao-yao-gan-cao-tang"),
        ("芍藥甘草湯", "shao-yao-gan-cao-tang"),
        ("芍薬甘草湯", "shao-yao-gan-cao-tang"),
        ("Sháo Yào Gān Cǎo Tāng", "shao-yao-gan-cao-tang"),
        ("shao yao gan cao tang", "shao-yao-gan-cao-tang"),
        ("shaoyaogancaotang", "shao-yao-gan-cao-tang"),
        ("SHAO4YAO4", "shao-yao-gan-cao-tang"),
        ("peony and licorice decoction", "shao-yao-gan-cao-tang"),
        ("duhuoji", "du-huo-ji-sheng-tang"),
    ],
)
def test_every_spelling_finds_the_formula_first(query: str, slug: str) -> None:
    assert found(query)[0][0] == slug


def test_a_whole_name_stands_before_the_start_of_a_longer_one() -> None:
    assert found("du huo") == [("du-huo", "exact"), ("du-huo-ji-sheng-tang", "prefix")]


def test_a_whole_name_stands_before_a_word_inside_another() -> None:
    assert found("licorice") == [("gan-cao", "exact"), ("shao-yao-gan-cao-tang", "word")]


def test_a_longer_formula_is_not_offered_as_a_shorter_one() -> None:
    assert found("芍药甘草附子汤") == []


def test_nothing_is_found_for_nothing() -> None:
    assert found("") == found("!!") == found("xyzzy") == []


def test_kind_narrows_the_answer() -> None:
    assert found("du huo", kind="herb") == [("du-huo", "exact")]


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("sháo yào", "Sháo Yào Gān Cǎo Tāng", "Sháo Yào"),
        ("shaoyaoga", "Sháo Yào Gān Cǎo Tāng", "Sháo Yào Gā"),
        ("licorice dec", "Peony and Licorice Decoction", "Licorice Dec"),
        ("獨活", "独活", "独活"),
    ],
)
def test_spans_mark_what_matched_on_the_text_as_shown(query: str, text: str, marked: str) -> None:
    match = next(match for match in INDEX.find(query) if match.text == text)
    ((start, end),) = match.spans
    assert match.text[start:end] == marked


def test_hanzi_without_a_recorded_reading_are_found_by_a_generated_one() -> None:
    keys = keys_of([{"text": "戊己汤", "script": "hans"}])
    assert ("wujitang", 0) in keys


def test_a_recorded_reading_is_not_joined_by_a_generated_one() -> None:
    keys = keys_of([{"text": "川芎", "script": "hans", "preferred": True}, {"text": "Chuān Xiōng", "script": "pinyin"}])
    assert {key for key, _ in keys} == {"川芎", "chuanxiong"}


@given(st.text(max_size=20))
def test_any_query_is_answered_and_spans_lie_inside_the_text(query: str) -> None:
    for match in INDEX.find(query):
        for start, end in match.spans:
            assert 0 <= start < end <= len(match.text)


@given(st.sampled_from([text for names in NAMES.values() for _, text in names]), st.data())
def test_every_prefix_of_a_name_finds_its_holder(text: str, data: st.DataObject) -> None:
    length = data.draw(st.integers(1, len(text)))
    assert any(match.text == text or text in str(match.entry.names) for match in INDEX.find(text[:length]))
