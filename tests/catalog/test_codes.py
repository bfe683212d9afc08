from hypothesis import given
from hypothesis import strategies as st

from service.catalog.codes import ALPHABET, LENGTH, product_code


def test_the_alphabet_has_no_look_alikes() -> None:
    assert not set("01oil") & set(ALPHABET)
    assert not set("aeu") & set(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET)


@given(st.text(max_size=80))
def test_a_code_is_short_and_of_the_alphabet(slug: str) -> None:
    code = product_code(slug)
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)


def test_a_code_never_changes_since_links_with_it_are_printed() -> None:
    assert product_code("du-huo-ji-sheng-tang-fullscript") == "c7zhmqc2"


def test_ten_thousand_products_have_codes_of_their_own() -> None:
    assert len({product_code(f"formula-{number}") for number in range(10_000)}) == 10_000
