"""A fault in a seed names its file, line and field."""

from pathlib import Path

import pytest

from service.catalog.schemas import FormulaIn, SourceIn
from service.seeding.files import SeedError, load_document, load_rows, read_seed_file

FORMULA = """\
slug: test-tang
kind: internal_formula
category: a class
route: oral
names:
  - text: 试汤
    script: hans
    confidence: H
ingredients:
  - herb: gan-cao
    grams_min: 3
    grams_max: 6
    dose_basis: a textbook
    confidence: M
    sources: [CHP_LF]
"""


def faults_of(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "test-tang.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SeedError) as refusal:
        load_document(read_seed_file(path), FormulaIn())
    return [fault.removeprefix(f"{path}, ") for fault in refusal.value.faults]


@pytest.mark.parametrize(
    ("find", "replace", "says"),
    [
        ("grams_min: 3", "grams_min: 9", "line 11: ingredients[0].grams_min: grams_min 9.0 is more than grams_max 6.0"),
        ("category: a class", "category: no", "line 3: category: Read as False (bool); put it in quotes"),
        ("category: a class", "colour: red", "line 3: colour: Unknown field"),
        ("script: hans", "script: runes", "line 7: names[0].script: Must be one of"),
        ("sources: [CHP_LF]", "sources: []", "line 15: ingredients[0].sources: Name at least one source"),
        ("confidence: M", "confidence: U", "line 14: ingredients[0].confidence: Must be one of"),
        ("herb: gan-cao", "herb: 12", "line 10: ingredients[0].herb: Read as 12 (int)"),
    ],
)
def test_a_bad_value_is_named_by_line_and_field(tmp_path: Path, find: str, replace: str, says: str) -> None:
    assert any(says in fault for fault in faults_of(tmp_path, FORMULA.replace(find, replace)))


def test_a_duplicate_name_is_named_by_its_line(tmp_path: Path) -> None:
    twice = FORMULA.replace("ingredients:", "  - text: 试汤\n    script: hans\n    confidence: M\ningredients:")
    assert faults_of(tmp_path, twice) == ["line 9: names[1]: Stands twice: hans 试汤."]


def test_a_missing_field_is_named_where_its_row_begins(tmp_path: Path) -> None:
    assert faults_of(tmp_path, FORMULA.replace("    script: hans\n", "")) == [
        "line 6: names[0].script: Missing data for required field."
    ]


def test_all_faults_of_a_file_are_told_together(tmp_path: Path) -> None:
    text = FORMULA.replace("category: a class", "category: no").replace("confidence: M", "confidence: U")
    assert len(faults_of(tmp_path, text)) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("slug: a\nslug: b\n", "line 2: slug stands twice"),
        ("slug: [a\n", "line 2: not valid YAML"),
        ("", "the file is empty"),
        ("a: !!python/object:os.system x\n", "not valid YAML"),
    ],
)
def test_a_broken_file_is_told_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(SeedError, match=says):
        read_seed_file(path)


def test_dates_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "dates.yaml"
    path.write_text("day: 2026-11-21\n")
    assert read_seed_file(path).data == {"day": "2026-11-21"}


def test_a_list_file_must_begin_with_its_list(tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text("- key: A\n")
    with pytest.raises(SeedError, match="begin with `sources:`"):
        load_rows(read_seed_file(path), "sources", SourceIn())
