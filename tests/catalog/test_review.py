from datetime import UTC, date, datetime

import pytest

from service.catalog.review import review_sentence, state_sentence

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


def test_a_line_of_a_list_tells_the_state_alone() -> None:
    assert len({state_sentence(state) for state in ("reviewed", "partly_reviewed", "unreviewed")}) == 3
