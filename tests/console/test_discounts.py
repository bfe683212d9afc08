"""What the owner does with discounts, and what the public then sees."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as some
from markupsafe import escape

from service.console.discount_form import DEFAULT_ZONE, filled_from, read_discount
from service.console.discounts import view_discounts
from service.console.forms import Form
from service.extensions import db, transaction
from service.referrals.actions import create_discount
from service.referrals.discounts import OVERLAP_RULE
from service.referrals.models import Discount, Program
from service.referrals.queries import find_discount, get_discount, get_program
from service.referrals.schemas import DiscountIn
from tests.conftest import SignInAs
from tests.console.sent import form_of, send, told_at
from tests.referrals.seeds import plant

DU_HUO = "/cards/du-huo-ji-sheng-tang"
LIST, NEW, PATIENTS = "/console/discounts", "/console/discounts/new", "/console/discounts/fullscript-patients"
NEUTRAL = "Patient pricing shows after you sign in."
SPRING: dict[str, str | None] = {
    "key": "spring",
    "program": "fullscript",
    "percent_min": "20",
    "percent_max": "20",
    "how": "sign_in",
    "audience": "patients",
}


@pytest.fixture
def owner(sign_in_as: SignInAs) -> FlaskClient:
    return sign_in_as("owner")


@pytest.mark.parametrize("role", ["practitioner", "staff"])
def test_discounts_are_the_owners_alone(sign_in_as: SignInAs, role: str) -> None:
    client = sign_in_as(role)
    for path in (LIST, NEW, PATIENTS):
        assert client.get(path).status_code == 403
    for path in (NEW, PATIENTS, f"{PATIENTS}/end"):
        assert client.post(path, data=SPRING).status_code == 403
    assert get_discount("fullscript-patients").edited_by is None
    assert find_discount("spring") is None


def test_another_site_ends_and_changes_nothing(owner: FlaskClient) -> None:
    for path in (NEW, PATIENTS, f"{PATIENTS}/end"):
        assert owner.post(path, data=SPRING, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert get_discount("fullscript-patients").edited_by is None


def test_a_discount_that_is_not_there_is_told_so(owner: FlaskClient) -> None:
    assert owner.get(f"{LIST}/none").status_code == 404
    assert owner.post(f"{LIST}/none", data=SPRING).status_code == 404
    assert owner.post(f"{LIST}/none/end").status_code == 404


def test_a_form_that_is_sent_as_it_is_changes_nothing(owner: FlaskClient) -> None:
    assert send(owner, PATIENTS, {}).location == f"{LIST}?done=saved"
    assert get_discount("fullscript-patients").edited_by is None


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"key": ""}, "key", "Give the discount a key"),
        ({"key": "Spring Sale"}, "key", "Use small letters"),
        ({"key": "new"}, "key", "choose another key"),
        ({"key": "fullscript-patients"}, "key", "already; choose another key"),
        ({"percent_min": "ten"}, "percent_min", "Write a whole number from 1 to 100."),
        ({"percent_max": "200"}, "percent_max", "Write a whole number from 1 to 100."),
        ({"percent_min": "30"}, "percent_min", "“Percent, at least” is more than “Percent, at most”."),
        ({"percent_max": ""}, "percent_max", "Give “Percent, at least” and “Percent, at most” together."),
        ({"percent_min": "", "percent_max": ""}, "percent_min", "or an amount"),
        ({"percent_max": "40"}, "percent_max", "Fullscript allows at most 35 %"),
        ({"amount": "5.00"}, "percent_min", "or an amount"),
        ({"amount": "5.0", "percent_min": "", "percent_max": ""}, "amount", "Write an amount as 29.90."),
        ({"amount": "5.00", "percent_min": "", "percent_max": ""}, "amount", "is a percentage of retail"),
        ({"how": "code"}, "code", "A code goes with"),
        ({"code": "SPRING"}, "code", "A code goes with"),
        ({"product": "du-huo-ji-sheng-tang-fullscript"}, "product", "belongs to the dispensary"),
        ({"starts_time": "10:00"}, "starts_day", "Choose a day too."),
        ({"ends_day": "soon"}, "ends_day", "Write a day as 2026-12-31"),
        ({"ends_day": "9999-12-31"}, "ends_day", "Write a day as 2026-12-31"),
        ({"starts_day": "2027-03-14", "starts_time": "02:30"}, "starts_day", "Clocks leap over this time"),
        ({"starts_day": "2027-02-01", "ends_day": "2027-01-01"}, "ends_day", "The end is not after the start."),
    ],
)
def test_a_refused_value_is_told_at_its_field_and_every_value_is_kept(
    owner: FlaskClient, changes: dict[str, str | None], field: str, told: str
) -> None:
    sent = {**SPRING, "terms": "While spring lasts.", **changes}
    before = form_of(owner.get(NEW))
    answer = send(owner, NEW, sent)
    assert answer.status_code == 422
    assert told in told_at(answer, field), answer.text
    assert form_of(answer) == {**before, **sent}
    assert find_discount("spring") is None


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("program", "amazon", "not ours to tell"),
        ("audience", "nobody", "Must be one of"),
        ("time_zone", "Mars/Olympus", "Name a time zone like America/Los_Angeles."),
    ],
)
def test_a_choice_that_was_never_offered_is_refused_at_its_field(
    owner: FlaskClient, field: str, value: str, told: str
) -> None:
    answer = send(owner, NEW, {**SPRING, "ends_day": "2027-01-01", field: value})
    assert answer.status_code == 422
    assert told in told_at(answer, field), answer.text


def test_ending_it_reaches_the_public_card_at_once_and_the_seed_leaves_it_over(owner: FlaskClient, app: Flask) -> None:
    public = app.test_client()
    assert NEUTRAL in public.get(DU_HUO).text
    shown = owner.get(LIST).text
    assert "End it now" in shown
    assert "Told now: console, message, speech" in shown
    answer = owner.post(f"{PATIENTS}/end")
    assert answer.location == f"{LIST}?done=ended"
    assert "The discount is over." in owner.get(answer.location).text
    assert NEUTRAL not in public.get(DU_HUO).text
    plant()
    assert NEUTRAL not in public.get(DU_HUO).text
    assert get_discount("fullscript-patients").edited_by == "Ana"
    shown = owner.get(LIST).text
    assert "Over" in shown
    assert "End it now" not in shown
    again = owner.post(f"{PATIENTS}/end")
    assert again.status_code == 422
    assert "This discount is over already." in told_at(again, "ends_day")


def test_a_discount_that_is_yet_to_start_is_told_nowhere_until_then(owner: FlaskClient) -> None:
    ahead = f"{datetime.now(UTC).date() + timedelta(days=30)}"
    assert send(owner, NEW, {**SPRING, "starts_day": ahead, "time_zone": "America/New_York"}).status_code == 303
    found = get_discount("spring")
    assert found.starts_at is not None
    assert found.edited_by == "Ana"
    text = owner.get(f"{LIST}/spring").text
    assert "Upcoming" in text
    assert f"{ahead} 00:00</time> America/New_York" in text
    assert f"{found.starts_at:%Y-%m-%d %H:%M}</time> UTC" in text
    assert "has not started" in told_at(owner.post(f"{LIST}/spring/end"), "starts_day")
    assert form_of(owner.get(NEW))["time_zone"] == "America/New_York"
    plant()
    assert find_discount("spring") is not None


def test_of_overlapping_discounts_the_rule_and_the_one_that_is_told_are_shown(owner: FlaskClient) -> None:
    rule = escape(OVERLAP_RULE)
    assert rule not in owner.get(LIST).text
    assert send(owner, NEW, {**SPRING, "audience": "practitioner"}).status_code == 303
    text = owner.get(LIST).text
    assert rule in text
    assert "Overlaps with spring" in text
    assert "Overlaps with fullscript-patients" in text
    rows = {key: text.partition(f"{LIST}/{key}")[2].partition("</tr>")[0] for key in ("spring", "fullscript-patients")}
    assert "Told now: console<" in rows["spring"]
    assert "Told now: message, speech<" in rows["fullscript-patients"]
    assert send(owner, f"{LIST}/spring", {"ends_day": "2020-01-01"}).status_code == 303
    assert "Overlaps with" not in owner.get(LIST).text


def test_the_day_a_discount_ends_on_is_its_last(owner: FlaskClient) -> None:
    assert send(owner, NEW, {**SPRING, "ends_day": "2099-12-31", "time_zone": DEFAULT_ZONE}).status_code == 303
    found = get_discount("spring")
    assert found.ends_at == datetime(2100, 1, 1, 8, tzinfo=UTC)
    shown = form_of(owner.get(f"{LIST}/spring"))
    assert (shown["ends_day"], shown["ends_time"]) == ("2099-12-31", "")
    assert "until 31 December 2099" in owner.get(LIST).text


def test_a_discount_its_program_no_longer_allows_says_why_and_can_be_ended(owner: FlaskClient, app: Flask) -> None:
    with transaction():
        get_discount("fullscript-patients").percent_max = 50
    text = owner.get(LIST).text
    assert "Not allowed" in text
    assert "Fullscript allows at most 35 %" in text
    assert "Told now" not in text
    assert owner.post(f"{PATIENTS}/end").status_code == 303


def test_one_that_would_not_fit_its_program_is_told_by_time(app: Flask) -> None:
    with transaction():
        start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
        data = DiscountIn().load({**_plain(), "key": "later", "starts_at": start.isoformat(), "percent_max": 30})
        create_discount(data, by="Ana")
    db.session.expire_all()

    def states(at: datetime) -> dict[str, str]:
        views = view_discounts(get_program("fullscript"), ["du-huo-ji-sheng-tang-fullscript"], at)
        return {view.key: f"{view.state}: {', '.join(view.told_on)}" for view in views}

    assert states(start - timedelta(seconds=1)) == {
        "fullscript-patients": "In force: Console, Message, Speech",
        "later": "Upcoming: ",
    }
    assert states(start) == {"fullscript-patients": "In force: ", "later": "In force: Console, Message, Speech"}


def _plain() -> dict[str, Any]:
    return {
        "key": "d",
        "program": "fullscript",
        "percent_min": 10,
        "percent_max": 15,
        "basis": "retail",
        "how": "sign_in",
        "audience": "patients",
    }


@settings(deadline=None)
@given(
    seconds=some.lists(some.integers(946_800_000, 4_133_800_000), min_size=2, max_size=2, unique=True),
    zone=some.sampled_from(["America/Los_Angeles", "Europe/London", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]),
)
def test_a_window_that_is_not_touched_stays_as_it_is_to_the_second(seconds: list[int], zone: str) -> None:
    starts, ends = (datetime.fromtimestamp(moment, UTC) for moment in sorted(seconds))
    program = Program(key="fullscript")
    discount = Discount(**{name: value for name, value in _plain().items() if name != "program"})
    discount.program, discount.starts_at, discount.ends_at, discount.time_zone = program, starts, ends, zone
    read = read_discount(Form(filled_from(discount)), discount=discount)
    assert (read["starts_at"], read["ends_at"], read["time_zone"]) == (starts, ends, zone)
