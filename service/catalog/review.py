"""Who has checked the clinical wording, told in one short sentence wherever it stands."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

UNREVIEWED = "Not yet reviewed by a licensed practitioner"


def review_sentence(review: Mapping[str, Any], published_at: datetime, *, today: date) -> str:
    """The state of a body's review on a day, and how old the body is."""
    published = f"published {published_at:%-d %B %Y}"
    due = review.get("review_due_on")
    if due is not None and date.fromisoformat(due) < today:
        return f"The review of a licensed practitioner is overdue since {due}; {published}."
    if review["state"] == "reviewed":
        return f"Reviewed by a licensed practitioner on {review['reviewed_on']}; {published}."
    if review["state"] == "partly_reviewed":
        return f"{review['reviewed']} of {review['rows']} statements reviewed by a licensed practitioner; {published}."
    return f"{UNREVIEWED}; {published}."


def review_changes_at(review: Mapping[str, Any], *, now: datetime) -> datetime | None:
    """The next moment (UTC) at which `review_sentence` changes by itself: the end of the day the review falls due."""
    due = review.get("review_due_on")
    if due is None or due == date.max.isoformat():
        return None
    ends_at = datetime.combine(date.fromisoformat(due), time(), UTC) + timedelta(days=1)
    return ends_at if ends_at > now else None


def state_sentence(state: str) -> str:
    """The same for a line of a list, which knows the state alone."""
    if state == "reviewed":
        return "Reviewed by a licensed practitioner."
    return "Partly reviewed by a licensed practitioner." if state == "partly_reviewed" else f"{UNREVIEWED}."
