"""What is kept in memory ends when a review falls due, and no earlier."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from service.catalog.actions import save_formula
from service.catalog.queries import get_formula
from service.catalog.schemas import FormulaIn
from service.extensions import transaction
from service.publishing.actions import publish_formula, read_surroundings
from service.referrals.queries import current_book

SLUG = "zheng-gu-shui"
DUE = "2026-12-24"
ENDS_AT = datetime(2026, 12, 25, tzinfo=UTC)
OVERDUE = f"The review of a licensed practitioner is overdue since {DUE}"


@pytest.fixture
def reviewed(app: Flask) -> Flask:
    """The app with a formula one of whose cautions was signed until a day."""
    document = FormulaIn().dump(get_formula(SLUG))
    document["cautions"][1] |= {
        "reviewer": "A. Reviewer",
        "reviewer_licence": "CA 1",
        "reviewed_on": "2025-12-24",
        "review_due_on": DUE,
    }
    with transaction():
        save_formula(FormulaIn().load(document))
        publish_formula(SLUG, by="x", reason="x", around=read_surroundings(), book=current_book())
    return app


@pytest.mark.parametrize("path", ["/", f"/f/{SLUG}", "/zheng-gu", f"/cards/{SLUG}", "/feed.json"])
def test_a_kept_answer_ends_after_the_day_a_review_falls_due(reviewed: Flask, path: str) -> None:
    client, layer = reviewed.test_client(), reviewed.extensions["published_bytes"]
    with time_machine.travel(ENDS_AT - timedelta(days=2), tick=False) as clock:
        before = client.get(path)
        assert "stale-if-error" in before.headers["Cache-Control"]
        assert layer._entries[path, ""].valid_until == ENDS_AT.timestamp()
        clock.move_to(ENDS_AT - timedelta(seconds=1))
        last = client.get(path)
        assert (last.data, last.headers["Cache-Control"]) == (before.data, "public, max-age=1")
        assert OVERDUE not in last.text
        clock.move_to(ENDS_AT)
        after = client.get(path)
        assert after.headers["ETag"] != before.headers["ETag"]
        assert OVERDUE in after.text
        assert "stale-if-error" in after.headers["Cache-Control"]


def test_an_embedded_card_is_kept_by_others_until_then_at_most(reviewed: Flask) -> None:
    with time_machine.travel(ENDS_AT - timedelta(seconds=40), tick=False):
        answer = reviewed.test_client().get(f"/oembed?url=https://herbs.example.com/f/{SLUG}")
    assert answer.json is not None
    assert answer.json["cache_age"] == 40
