from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from service.accounts import passphrases
from service.accounts.actions import (
    LINK_LASTS,
    SIGN_IN_LASTS,
    change_passphrase,
    disable_person,
    key_of,
    make_one_time_link,
    note_seen,
    set_passphrase,
    sign_in,
    sign_out,
    sign_out_everywhere,
)
from service.accounts.attempts import FREE_ATTEMPTS, TooManyAttempts
from service.accounts.errors import LinkOver, SignInRefused
from service.accounts.models import OneTimeLink, Person, SignIn
from service.accounts.queries import (
    IDLE_TIME_OUT,
    SignedInPerson,
    can_anybody_sign_in,
    count_sign_ins,
    find_signed_in,
    get_one_time_link,
)
from service.extensions import db, transaction
from service.shared.errors import BadInput, NotFound
from tests.conftest import WORDS

OTHER_WORDS = "candle orchard eleven tide"
HERE = "192.0.2.7"


def link_for(name: str = "Ana", role: str | None = None) -> str:
    with transaction():
        return make_one_time_link(name=name, role=role)


def enter(name: str = "Ana", role: str | None = None) -> str:
    token = link_for(name, role)
    with transaction():
        return set_passphrase(token=token, passphrase=WORDS)


def come_in(name: str = "Ana", passphrase: str = WORDS, address: str = HERE) -> str:
    with transaction():
        return sign_in(name=name, passphrase=passphrase, address=address)


def person_of(token: str) -> SignedInPerson:
    found = find_signed_in(token)
    assert found is not None
    return found


def test_the_first_person_is_the_owner_and_a_role_has_to_be_told_for_others(app: Flask) -> None:
    assert person_of(enter()).role == "owner"
    with pytest.raises(BadInput, match="--role") as refusal:
        link_for("Ben")
    assert refusal.value.pointer == "/role"
    assert person_of(enter("Ben", "staff")).role == "staff"
    assert person_of(enter("Ben", "practitioner")).role == "practitioner"


@pytest.mark.parametrize(
    ("name", "role", "pointer"),
    [
        ("", None, "/name"),
        ("x" * 81, None, "/name"),
        ("a\x00b", None, "/name"),
        ("ﷺ" * 10, None, "/name"),
        ("A", "king", "/role"),
    ],
)
def test_a_person_that_cannot_be_made_says_why(app: Flask, name: str, role: str | None, pointer: str) -> None:
    with pytest.raises(BadInput) as refusal:
        link_for(name, role)
    assert refusal.value.pointer == pointer
    assert db.session.scalar(select(func.count(Person.id))) == 0


def test_a_name_is_one_however_it_is_spelled(app: Flask) -> None:
    enter("Ana  Lucía")
    for spelling in ("ana lucía", " ANA LUCÍA ", "Ana Lucía"):
        assert person_of(come_in(spelling)).name == "Ana  Lucía"
    assert key_of("ANA\u3000Ｌｕｃíａ") == "ana lucía"


def test_a_link_is_good_once(app: Flask) -> None:
    token = link_for()
    with transaction():
        set_passphrase(token=token, passphrase=WORDS)
    with pytest.raises(LinkOver), transaction():
        set_passphrase(token=token, passphrase=OTHER_WORDS)
    assert come_in()


def test_looking_at_a_link_does_not_use_it_up(app: Flask) -> None:
    token = link_for()
    for _ in range(3):
        assert get_one_time_link(token).person.name == "Ana"


def test_a_link_ends_after_a_quarter_of_an_hour(app: Flask) -> None:
    token = link_for()
    with time_machine.travel(datetime.now(UTC) + LINK_LASTS + timedelta(seconds=1)), pytest.raises(LinkOver):
        set_passphrase(token=token, passphrase=WORDS)


def test_a_newer_link_ends_the_older(app: Flask) -> None:
    older, newer = link_for(), link_for()
    with pytest.raises(LinkOver):
        get_one_time_link(older)
    assert get_one_time_link(newer)


def test_a_passphrase_that_will_not_do_leaves_the_link_good(app: Flask) -> None:
    token = link_for()
    with pytest.raises(BadInput), transaction():
        set_passphrase(token=token, passphrase="too short")
    with transaction():
        set_passphrase(token=token, passphrase=WORDS)


def test_only_hashes_are_kept(app: Flask) -> None:
    link = link_for()
    session = enter()
    kept = " ".join(
        str(vars(row)) for kind in (Person, SignIn, OneTimeLink) for row in db.session.scalars(select(kind))
    )
    for secret in (link, session, WORDS):
        assert secret not in kept
    assert "$argon2id$" in kept


@pytest.mark.parametrize(
    ("name", "passphrase"),
    [("Ana", OTHER_WORDS), ("Ana", ""), ("Nobody", WORDS), ("Ben", WORDS), ("Cy", WORDS), ("a\x00", WORDS), ("", "")],
)
def test_whatever_is_wrong_the_answer_is_the_same(app: Flask, name: str, passphrase: str) -> None:
    enter()
    link_for("Ben", "staff")  # has no passphrase yet
    enter("Cy", "staff")
    with transaction():
        disable_person("Cy")
    with pytest.raises(SignInRefused, match=r"^The name and the passphrase do not go together\.$"):
        come_in(name, passphrase)


@pytest.mark.parametrize("name", ["Ana", "Nobody"])
def test_an_unknown_name_costs_the_same_work(app: Flask, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    enter()
    verified: list[str] = []

    class Watched:
        def verify(self, kept: str, passphrase: str) -> bool:
            verified.append(kept)
            return hasher.verify(kept, passphrase)

    hasher = passphrases.HASHER
    monkeypatch.setattr(passphrases, "HASHER", Watched())
    with pytest.raises(SignInRefused):
        come_in(name, OTHER_WORDS)
    assert len(verified) == 1


def test_guessing_has_to_wait_even_with_the_right_passphrase(app: Flask) -> None:
    enter()
    for number in range(FREE_ATTEMPTS):
        with pytest.raises(SignInRefused):
            come_in(passphrase=OTHER_WORDS, address=f"192.0.2.{number}")
    with pytest.raises(TooManyAttempts):
        come_in()


def test_signing_in_forgets_the_failures_before(app: Flask) -> None:
    enter()
    for _ in range(3):
        for _ in range(FREE_ATTEMPTS - 1):
            with pytest.raises(SignInRefused):
                come_in(passphrase=OTHER_WORDS)
        come_in()


def test_an_old_hash_is_made_anew_at_the_next_sign_in(app: Flask) -> None:
    enter()
    person = db.session.scalars(select(Person)).one()
    with transaction():
        person.passphrase_hash = type(passphrases.HASHER)(time_cost=1, memory_cost=8, parallelism=1).hash(WORDS)
    come_in()
    assert person.passphrase_hash is not None
    assert not passphrases.needs_rehash(person.passphrase_hash)
    come_in()


def test_signing_out_ends_this_browser_and_everywhere_ends_all(app: Flask) -> None:
    first, second, third = enter(), come_in(), come_in()
    other = enter("Ben", "staff")
    with transaction():
        sign_out(first)
    assert find_signed_in(first) is None
    ana = person_of(second)
    assert count_sign_ins(ana.id) == 2
    with transaction():
        sign_out_everywhere(ana.id)
    assert (find_signed_in(second), find_signed_in(third)) == (None, None)
    assert find_signed_in(other) is not None


def test_a_passphrase_set_by_a_link_ends_the_other_sign_ins(app: Flask) -> None:
    before = enter()
    after = enter()
    assert find_signed_in(before) is None
    assert find_signed_in(after) is not None


def test_changing_the_passphrase_keeps_this_browser_alone(app: Flask) -> None:
    here, elsewhere = enter(), come_in()
    with transaction():
        change_passphrase(person=person_of(here), current=WORDS, passphrase=OTHER_WORDS, address=HERE)
    assert find_signed_in(here) is not None
    assert find_signed_in(elsewhere) is None
    with pytest.raises(SignInRefused):
        come_in()
    come_in(passphrase=OTHER_WORDS)


def test_changing_it_needs_the_one_there_is_and_guessing_has_to_wait(app: Flask) -> None:
    ana = person_of(enter())
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(BadInput) as refusal:
            change_passphrase(person=ana, current="wrong", passphrase=OTHER_WORDS, address=HERE)
        assert refusal.value.pointer == "/current"
    with pytest.raises(TooManyAttempts):
        change_passphrase(person=ana, current=WORDS, passphrase=OTHER_WORDS, address=HERE)


def test_a_sign_in_ends_when_nobody_was_there_for_eight_hours(app: Flask) -> None:
    token = enter()
    with time_machine.travel(datetime.now(UTC) + IDLE_TIME_OUT - timedelta(minutes=1)), transaction():
        note_seen(person_of(token).sign_in_id)
    with time_machine.travel(datetime.now(UTC) + 2 * IDLE_TIME_OUT - timedelta(minutes=2)):
        assert find_signed_in(token) is not None
    with time_machine.travel(datetime.now(UTC) + 2 * IDLE_TIME_OUT):
        assert find_signed_in(token) is None


def test_a_sign_in_ends_after_thirty_days_and_is_swept_away(app: Flask) -> None:
    token = enter()
    with time_machine.travel(datetime.now(UTC) + SIGN_IN_LASTS + timedelta(seconds=1)):
        with transaction():
            note_seen(db.session.scalars(select(SignIn.id)).one())
        assert find_signed_in(token) is None
        come_in()
        assert db.session.scalar(select(func.count(SignIn.id))) == 1


def test_disabling_a_person_ends_everything_they_hold(app: Flask) -> None:
    token, link = enter(), link_for()
    with transaction():
        disable_person("ana")
    assert find_signed_in(token) is None
    assert not can_anybody_sign_in()
    with pytest.raises(LinkOver):
        get_one_time_link(link)
    with pytest.raises(SignInRefused):
        come_in()
    assert person_of(enter()).role == "owner"
    with pytest.raises(NotFound, match="nobody named"):
        disable_person("Nobody")


def test_a_link_alone_lets_nobody_sign_in(app: Flask) -> None:
    assert not can_anybody_sign_in()
    link_for()
    assert not can_anybody_sign_in()
    enter()
    assert can_anybody_sign_in()
