import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.shared.errors import BadInput
from service.shared.paging import decode_cursor, encode_cursor, page_of


@given(st.text(min_size=1, max_size=60).filter(str.isprintable))
def test_a_cursor_names_the_key_it_was_made_from(key: str) -> None:
    assert decode_cursor(encode_cursor(key)) == key


@given(st.text(max_size=40))
def test_any_other_text_is_refused_or_is_a_cursor_of_ours(text: str) -> None:
    try:
        assert encode_cursor(decode_cursor(text)) == text
    except BadInput as refusal:
        assert refusal.pointer == "/query/cursor"


@given(st.lists(st.text("abcdef", min_size=1, max_size=4), unique=True), st.integers(1, 5))
def test_pages_followed_to_the_end_give_every_row_once(keys: list[str], limit: int) -> None:
    rows, after = sorted(keys), ""
    seen: list[str] = []
    while True:
        page = page_of([row for row in rows if row > after][: limit + 1], limit=limit, key=lambda row: row)
        assert len(page.rows) <= limit
        seen += page.rows
        if page.next_cursor is None:
            break
        after = decode_cursor(page.next_cursor)
    assert seen == rows


@given(st.lists(st.integers(0, 99), min_size=4, max_size=30, unique=True), st.integers(1, 3), st.integers(0, 99))
def test_a_row_added_meanwhile_neither_repeats_nor_hides_another(keys: list[int], limit: int, added: int) -> None:
    before = sorted(f"{key:02}" for key in keys)
    first = page_of(before[: limit + 1], limit=limit, key=lambda row: row)
    after = decode_cursor(first.next_cursor) if first.next_cursor else "zz"
    now = sorted({*before, f"{added:02}"})
    rest = [row for row in now if row > after]
    assert set(before) <= {*first.rows, *rest}
    assert not set(first.rows) & set(rest)


@pytest.mark.parametrize("cursor", ["", "!!", "ZHU=", "é", "AA"])
def test_a_forged_cursor_says_what_to_do(cursor: str) -> None:
    with pytest.raises(BadInput, match="start from the first page"):
        decode_cursor(cursor)
