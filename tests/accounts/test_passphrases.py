import unicodedata

import pytest
from argon2 import extract_parameters
from hypothesis import given, settings
from hypothesis import strategies as st

from service.accounts.passphrases import (
    HASH_OF_NOBODY,
    HASHER,
    LONGEST,
    OBVIOUS,
    SHORTEST,
    check_passphrase,
    hash_passphrase,
    needs_rehash,
    verify_passphrase,
)
from service.shared.errors import BadInput
from tests.conftest import WORDS


@pytest.mark.parametrize(
    ("passphrase", "told"),
    [
        ("elevenchars", "at least 12"),
        ("", "at least 12"),
        ("x" * (LONGEST + 1), "at most 200"),
        ("abababababab", "repeats"),
        ("            ", "repeats"),
        ("password1234", "first a stranger"),
        ("Pass-word-PASS-word", "first a stranger"),
        ("123456789012", "first a stranger"),
        ("correct horse battery staple", "first a stranger"),
        ("Ana-Lucia Reyes", "first a stranger"),
        ("ana lucia reyes 1987", "first a stranger"),
    ],
)
def test_a_passphrase_that_is_easy_to_guess_is_refused(passphrase: str, told: str) -> None:
    with pytest.raises(BadInput, match=told) as refusal:
        check_passphrase(passphrase, "Ana Lucia Reyes")
    assert refusal.value.pointer == "/passphrase"


@pytest.mark.parametrize(
    "passphrase",
    [WORDS, "ana lucia reyes keeps walnuts", "独活寄生汤芍药甘草汤正骨水", "J7#kq!x9Zp2w", " spaces at both ends "],
)
def test_a_passphrase_that_is_not_is_taken(passphrase: str) -> None:
    check_passphrase(passphrase, "Ana Lucia Reyes")


def test_no_obvious_passphrase_escapes_by_its_length() -> None:
    for obvious in OBVIOUS:
        for padded in (obvious, obvious * 3, f"{obvious}123", f"!{obvious}!"):
            with pytest.raises(BadInput):
                check_passphrase(padded, "Ana")


def test_only_the_passphrase_itself_is_right() -> None:
    kept = hash_passphrase(WORDS)
    assert WORDS not in kept
    assert verify_passphrase(WORDS, kept)
    assert not verify_passphrase(WORDS.upper(), kept)
    assert not verify_passphrase(f"{WORDS} ", kept)
    assert not verify_passphrase(WORDS, "no hash at all")
    assert hash_passphrase(WORDS) != kept


@settings(deadline=None, max_examples=20)  # each hashes on purpose slowly
@given(st.text(min_size=SHORTEST, max_size=40).filter(lambda text: unicodedata.is_normalized("NFC", text)))
def test_a_keyboard_that_composes_accents_otherwise_types_the_same(passphrase: str) -> None:
    kept = hash_passphrase(passphrase)
    assert verify_passphrase(unicodedata.normalize("NFD", passphrase), kept)


def test_where_no_passphrase_is_kept_none_is_right_and_the_same_work_is_done() -> None:
    assert not verify_passphrase(WORDS, None)
    assert extract_parameters(HASH_OF_NOBODY) == extract_parameters(hash_passphrase(WORDS))


def test_a_hash_of_other_parameters_is_made_anew() -> None:
    assert not needs_rehash(hash_passphrase(WORDS))
    assert needs_rehash(HASHER.__class__(time_cost=1, memory_cost=8, parallelism=1).hash(WORDS))
