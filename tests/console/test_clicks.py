import csv
import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import html5lib
import pytest
from flask import Flask

from service.clicks.models import ClickCount
from service.clicks.visits import REASONS
from service.console.clicks import CHANNEL_WORDS, PLACEMENT_WORDS, REASON_WORDS
from service.extensions import db, transaction
from service.referrals.policy import PLACEMENTS, Channel
from tests.conftest import SignInAs, make_app, with_token

PRODUCT = "du-huo-ji-sheng-tang-fullscript"


def add(product: str, outcome: str, count: int, *, placement: str = "card", channel: str = "public_web") -> None:
    """So many visits of today."""
    now = datetime.now(UTC)
    db.session.add(
        ClickCount(
            day=now.date(),
            hour=now.hour,
            product=product,
            channel=channel,
            placement=placement,
            device="phone",
            outcome=outcome,
            count=count,
        )
    )


@pytest.fixture
def clicked(app: Flask) -> None:
    with transaction():
        add(PRODUCT, "counted", 1200)
        add(PRODUCT, "counted", 7, placement="=spring", channel="console")
        add("gone-product", "counted", 3, placement="")
        add(PRODUCT, "bot", 5)


def rows_of(page: str) -> dict[str, dict[str, str]]:
    """The tables of the page, by the name of their first column."""
    tree: Any = html5lib.parse(page, namespaceHTMLElements=False)
    return {
        table.find(".//thead//th").text: {
            row.find("th").text: row.find("td").text
            for row in table.iterfind(".//tbody/tr")
            if row.find("th") is not None
        }
        for table in tree.iter("table")
    }


def test_clicks_are_told_by_day_product_channel_and_place(sign_in_as: SignInAs, clicked: None) -> None:
    rows = rows_of(sign_in_as("practitioner").get("/console/clicks").text)
    assert rows["By product"] == {"Du Huo Ji Sheng Tang": "1,207", "gone-product": "3"}
    assert rows["By channel"] == {"Our pages and cards": "1,203", "The console": "7"}
    assert rows["By place"] == {"A card": "1,200", "=spring": "7", "None named": "3"}
    assert rows["Not counted, and why"]["A robot or a script"] == "5"
    days = rows["Day (UTC)"]
    assert len(days) == 30
    assert days[datetime.now(UTC).date().isoformat()] == "1,210"


def test_every_drawing_says_in_words_what_it_shows(sign_in_as: SignInAs, clicked: None) -> None:
    page = sign_in_as().get("/console/clicks").text
    told = re.findall(r'role="img" aria-label="([^"]+)"', page)
    today = datetime.now(UTC).date().isoformat()
    assert told[0] == f"Clicks a day: 1,210 in all, the most 1,210 ({today})."
    assert told[4] == "Not counted, and why: 5 in all, the most 5 (A robot or a script)."
    assert len(told) == page.count("<details>") == 5
    assert "style=" not in page


def test_every_channel_place_and_reason_has_words() -> None:
    assert set(CHANNEL_WORDS) == set(Channel)
    assert set(PLACEMENT_WORDS) == {*PLACEMENTS, ""}
    assert set(REASON_WORDS) == set(REASONS)


@pytest.mark.parametrize("days", [7, 30, 90])
def test_a_period_is_chosen(sign_in_as: SignInAs, clicked: None, days: int) -> None:
    page = sign_in_as().get(f"/console/clicks?days={days}").text
    assert len(rows_of(page)["Day (UTC)"]) == days
    assert f'<option value="{days}" selected>' in page
    assert f'href="/console/clicks.csv?days={days}"' in page


@pytest.mark.parametrize("path", ["/console/clicks", "/console/clicks.csv"])
@pytest.mark.parametrize("days", ["8", "0", "-7", "", "all", "٧"])
def test_another_period_is_refused_with_those_there_are(sign_in_as: SignInAs, path: str, days: str) -> None:
    answer = sign_in_as().get(path, query_string={"days": days})
    assert answer.status_code == 422
    assert "Ask for 7, 30 or 90 days." in answer.text


def test_a_service_nobody_clicked_in_says_so(sign_in_as: SignInAs) -> None:
    page = sign_in_as().get("/console/clicks").text
    assert "Clicks a day: no clicks." in page
    assert page.count("None yet.") == 3


def test_the_same_is_had_as_a_table_that_runs_no_formula(sign_in_as: SignInAs, clicked: None) -> None:
    answer = sign_in_as().get("/console/clicks.csv?days=7")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="clicks.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    table = list(csv.DictReader(StringIO(answer.text, newline="")))
    assert {(row["product"], row["placement"], row["counted"], row["bot"]) for row in table} == {
        (PRODUCT, "card", "1200", "5"),
        (PRODUCT, "'=spring", "7", "0"),
        ("gone-product", "", "3", "0"),
    }


def test_the_page_says_when_nothing_is_counted(app: Flask, sign_in_as: SignInAs, tmp_path: Path) -> None:
    client = sign_in_as()
    assert "Clicks are not counted: CLICKS is off." in client.get("/console/clicks").text
    token = client.get_cookie("__Host-formulary")
    assert token is not None
    url = app.config["FORMULARY"].database_url
    (tmp_path / "file").write_text("a file, where a folder should be")
    for folder, told in ((tmp_path / "clicks", False), (tmp_path / "file" / "clicks", True)):
        counting = make_app(url, CLICKS="on", CLICKS_DIR=str(folder))
        page = with_token(counting, token.value).get("/console/clicks").text
        assert ("clicks cannot be written" in page) is told
        assert "CLICKS is off" not in page
        with counting.app_context():
            db.engine.dispose()


@pytest.mark.parametrize("path", ["/console/clicks", "/console/clicks.csv", "/console/links"])
def test_what_is_earned_is_for_those_who_practise(app: Flask, sign_in_as: SignInAs, path: str) -> None:
    assert app.test_client().get(path).location.startswith("/console/sign-in?next=")
    staff = sign_in_as("staff")
    assert staff.get(path).status_code == 403
    assert f'href="{path}"' not in staff.get("/console/").text
