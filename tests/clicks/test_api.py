import csv
from datetime import date
from io import StringIO
from typing import Any

import pytest
from flask import Flask

from service.accounts.actions import create_api_key
from service.clicks.api import plain_cell
from service.clicks.models import ClickCount
from service.extensions import db, transaction
from service.shared.paging import encode_cursor

Headers = dict[str, str]
RANGE = "from=2026-11-20&to=2026-11-24"


@pytest.fixture
def reader(app: Flask) -> Headers:
    """The headers of a key that may read clicks, beside some clicks."""
    with transaction():
        key = create_api_key(name="a reader", scopes=["read:clicks"], days=None)
        for day in (20, 21, 24):
            for hour in (0, 5, 23):
                for product in ("one", "two"):
                    add(day, hour, product, "counted", 3)
                    add(day, hour, product, "bot", 1)
                    add(day, hour, product, "counted", 2, device="phone")
    return {"Authorization": f"Bearer {key}"}


def add(day: int, hour: int, product: str, outcome: str, count: int, *, device: str = "desktop") -> None:
    db.session.add(
        ClickCount(
            day=date(2026, 11, day),
            hour=hour,
            product=product,
            channel="public_web",
            placement="card",
            device=device,
            outcome=outcome,
            count=count,
        )
    )


def ask(app: Flask, headers: Headers, query: str) -> dict[str, Any]:
    answer = app.test_client().get(f"/api/v1/clicks?{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = answer.json  # type: ignore[assignment]  # a mapping
    return found


def test_rows_by_day_tell_what_was_counted_and_why_not(app: Flask, reader: Headers) -> None:
    found = ask(app, reader, RANGE)
    assert (found["from"], found["to"], found["by"]) == ("2026-11-20T00:00:00Z", "2026-11-25T00:00:00Z", "day")
    assert len(found["items"]) == 6
    assert found["items"][0] == {
        "starts": "2026-11-20",
        "product": "one",
        "channel": "public_web",
        "placement": "card",
        "counted": 15,
        "filtered": {"head": 0, "prefetch": 0, "privacy": 0, "preview": 0, "bot": 3, "repeat": 0},
    }


def test_rows_by_hour_begin_at_their_hour(app: Flask, reader: Headers) -> None:
    found = ask(app, reader, f"{RANGE}&by=hour&product=two")
    assert len(found["items"]) == 9
    assert found["items"][1]["starts"] == "2026-11-20T05:00:00Z"
    assert {item["counted"] for item in found["items"]} == {5}


@pytest.mark.parametrize("by", ["hour", "day"])
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pages_follow_one_another_without_gap_or_repeat(app: Flask, reader: Headers, by: str, limit: int) -> None:
    whole = ask(app, reader, f"{RANGE}&by={by}")["items"]
    found: list[Any] = []
    path: str | None = f"/api/v1/clicks?{RANGE}&by={by}&limit={limit}"
    while path:
        answer = app.test_client().get(path, headers=reader)
        found += answer.json["items"]  # type: ignore[index]  # a mapping
        link = answer.headers.get("Link")
        path = link.partition(">")[0].removeprefix("<") if link else None
    assert found == whole


@pytest.mark.parametrize(
    ("range_", "rows"),
    [
        ("from=2026-11-24T05:00:00Z&to=2026-11-24T23:00:00Z", 1),
        ("from=2026-11-24T05:00:01Z&to=2026-11-24T23:00:01Z", 1),
        ("from=2026-11-24T00:00:00-02:00&to=2026-11-24", 2),
        ("from=2026-11-22&to=2026-11-23", 0),
        ("from=2026-11-24&to=2026-11-24", 3),
    ],
)
def test_a_range_holds_the_hours_that_begin_in_it(app: Flask, reader: Headers, range_: str, rows: int) -> None:
    assert len(ask(app, reader, f"{range_}&by=hour&product=one")["items"]) == rows


def test_filters_narrow_the_rows(app: Flask, reader: Headers) -> None:
    assert ask(app, reader, f"{RANGE}&placement=page")["items"] == []
    assert ask(app, reader, f"{RANGE}&placement=")["items"] == []
    assert ask(app, reader, f"{RANGE}&channel=console")["items"] == []
    assert len(ask(app, reader, f"{RANGE}&placement=card&channel=public_web&product=one")["items"]) == 3


def test_without_a_range_the_last_thirty_days_are_told(app: Flask, reader: Headers) -> None:
    found = ask(app, reader, "")
    assert date.fromisoformat(found["to"][:10]).toordinal() - date.fromisoformat(found["from"][:10]).toordinal() == 30


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("from=yesterday", "Give a day like 2026-11-24"),
        ("from=2026-11-24T05:00:00", "needs its zone"),
        ("from=9999-12-31", "Give a year"),
        ("to=9999-12-31", "Give a year"),
        ("from=2026-11-24&to=2026-11-23", "must come before"),
        ("from=2199-01-01", "must come before"),
        ("by=week", "Must be one of"),
        ("channel=street", "Must be one of"),
        ("cursor=eA", "start from the first page"),
        ("product=%00", "Use small letters"),
        ("product=a%20b", "Use small letters"),
        ("placement=%00", "Use small letters"),
        ("placement=Card", "Use small letters"),
        ("produkt=x", "Unknown field"),
    ],
)
def test_what_cannot_be_asked_is_told_with_what_to_do(app: Flask, reader: Headers, query: str, says: str) -> None:
    for path in ("/api/v1/clicks", "/api/v1/clicks.csv"):
        if path.endswith(".csv") and "cursor" in query:
            continue
        answer = app.test_client().get(f"{path}?{query}", headers=reader)
        assert answer.status_code == 422
        assert says in answer.text


def test_a_cursor_of_the_other_list_is_refused(app: Flask, reader: Headers) -> None:
    for by, other in (("day", "hour"), ("hour", "day")):
        cursor = ask(app, reader, f"{RANGE}&by={by}&limit=1")["next_cursor"]
        answer = app.test_client().get(f"/api/v1/clicks?{RANGE}&by={other}&cursor={cursor}", headers=reader)
        assert answer.status_code == 422


@pytest.mark.parametrize("hour", ["24", "-1", "99999999999999999999", "5", "٠٥", "", "x"])
def test_a_cursor_of_no_hour_there_is_is_refused(app: Flask, reader: Headers, hour: str) -> None:
    cursor = encode_cursor(f"2026-11-24|{hour}|one|public_web|card")
    answer = app.test_client().get(f"/api/v1/clicks?{RANGE}&by=hour&cursor={cursor}", headers=reader)
    assert answer.status_code == 422
    assert "start from the first page" in answer.text


@pytest.mark.parametrize("path", ["/api/v1/clicks", "/api/v1/clicks.csv"])
def test_clicks_are_for_keys_with_their_scope(app: Flask, practitioner: Headers, path: str) -> None:
    client = app.test_client()
    assert client.get(path).status_code == 401
    assert client.get(path, headers=practitioner).status_code == 403


def test_the_csv_has_the_same_rows(app: Flask, reader: Headers) -> None:
    answer = app.test_client().get(f"/api/v1/clicks.csv?{RANGE}&by=hour", headers=reader)
    assert answer.mimetype == "text/csv"
    assert answer.headers["Cache-Control"] == "no-store"
    table = list(csv.DictReader(StringIO(answer.text, newline="")))
    items = ask(app, reader, f"{RANGE}&by=hour")["items"]
    assert [(row["starts"], row["product"], int(row["counted"]), int(row["bot"])) for row in table] == [
        (item["starts"], item["product"], item["counted"], item["filtered"]["bot"]) for item in items
    ]


def test_a_csv_of_too_many_rows_is_refused(app: Flask, reader: Headers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.clicks.api.MOST_ROWS", 5)
    answer = app.test_client().get(f"/api/v1/clicks.csv?{RANGE}", headers=reader)
    assert answer.status_code == 422
    assert "ask for fewer days" in answer.text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_run_as_a_formula(text: str) -> None:
    assert plain_cell(text) == f"'{text}"
    assert plain_cell("a-product") == "a-product"
