from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalog.review import review_changes_at, review_sentence, state_sentence

PUBLISHED = datetime(2026, 11, 2, tzinfo=UTC)
ON = "published 2 November 2026."
SIGNED = {"state": "reviewed", "rows": 3, "reviewed": 3, "reviewed_on": "2026-01-02", "review_due_on": "2027-01-02"}


@pytest.mark.parametrize(
    ("review", "today", "sentence"),
    [
        ({"state": "unreviewed"}, date(2026, 11, 3), f"Not yet reviewed by a licensed practitioner; {ON}"),
        ({"state": "partly_reviewed", "rows": 4, "reviewed": 1}, date(2026, 11, 3),
         f"1 of 4 statements reviewed by a licensed practitioner; {ON}"),
        (SIGNED, date(2027, 1, 2), f"Reviewed by a licensed practitioner on 2026-01-02; {ON}"),
        (SIGNED, date(2027, 1, 3), f"The review of a licensed practitioner is overdue since 2027-01-02; {ON}"),
    ],
)  # fmt: skip
def test_the_state_of_a_review_is_told_in_one_sentence(review: dict[str, object], today: date, sentence: str) -> None:
    assert review_sentence(review, PUBLISHED, today=today) == sentence


@given(due=st.dates(), now=st.datetimes(timezones=st.just(UTC)))
def test_the_sentence_stays_until_its_moment_and_changes_with_it(due: date, now: datetime) -> None:
    review = {**SIGNED, "review_due_on": due.isoformat()}

    def sentence(moment: datetime) -> str:
        return review_sentence(review, PUBLISHED, today=moment.date())

    changes_at = review_changes_at(review, now=now)
    if changes_at is None:
        assert sentence(datetime.max.replace(tzinfo=UTC)) == sentence(now)
    else:
        assert changes_at > now
        assert sentence(changes_at - timedelta(microseconds=1)) == sentence(now) != sentence(changes_at)


def test_a_review_without_a_day_changes_at_no_moment() -> None:
    assert review_changes_at({"state": "unreviewed"}, now=PUBLISHED) is None


def test_a_line_of_a_list_tells_the_state_alone() -> None:
    assert len({state_sentence(state) for state in ("reviewed", "partly_reviewed", "unreviewed")}) == 3
