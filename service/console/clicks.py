"""What was clicked: a page of small charts, and the same as a table to keep."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from flask import Blueprint, Response, current_app, request

from service.clicks.api import DEFAULT_DAYS, csv_of
from service.clicks.charts import Chart, draw_bars
from service.clicks.queries import Range, Total, count_reasons, last_days, list_daily_totals, list_totals
from service.console.frame import render_page
from service.operations.doctor import examine_counting
from service.referrals.policy import Channel
from service.referrals.queries import list_products
from service.shared.errors import BadInput

DAYS: Final = (7, 30, 90)
CHANNEL_WORDS: Final[Mapping[str, str]] = {
    Channel.PUBLIC_WEB: "Our pages and cards",
    Channel.FEED: "The feed",
    Channel.CONSOLE: "The console",
    Channel.MESSAGE: "Messages",
    Channel.PRINT: "Print",
    Channel.SPEECH: "The phone",
}
PLACEMENT_WORDS: Final[Mapping[str, str]] = {
    "card": "A card",
    "page": "A formula's page",
    "console": "The console",
    "feed": "The feed",
    "message": "A message",
    "": "None named",
}
REASON_WORDS: Final[Mapping[str, str]] = {
    "head": "A program asked about the link without following it",
    "prefetch": "A browser fetched it ahead, before anybody clicked",
    "privacy": "The visitor asks not to be counted (Global Privacy Control)",
    "preview": "A messenger or mail program made a preview",
    "bot": "A robot or a script",
    "repeat": "The same visitor once more within the hour",
}

console_clicks = Blueprint("console_clicks", __name__, url_prefix="/console", template_folder="templates")


@console_clicks.get("/clicks")
def charts() -> Response:
    days = _days_asked()
    within = last_days(days, now=datetime.now(UTC))
    names = {slug: product["name"] for slug, product in list_products().items()}
    return render_page(
        "console/clicks.html",
        days=days,
        periods=DAYS,
        per_day=draw_bars("Clicks a day", list_daily_totals(within)),
        shares=[
            _chart_of("product", "By product", lambda slug: names.get(slug, slug), within),
            _chart_of("channel", "By channel", lambda channel: CHANNEL_WORDS.get(channel, channel), within),
            _chart_of("placement", "By place", lambda place: PLACEMENT_WORDS.get(place, place), within),
            _chart_of_reasons(within),
        ],
        findings=examine_counting(current_app.config["FORMULARY"]),
    )


@console_clicks.get("/clicks.csv")
def table() -> Response:
    return csv_of(last_days(_days_asked(), now=datetime.now(UTC)), by="day", only={})


def _days_asked() -> int:
    asked = request.args.get("days", str(DEFAULT_DAYS))
    if asked not in map(str, DAYS):
        raise BadInput(f"Ask for {', '.join(map(str, DAYS[:-1]))} or {DAYS[-1]} days.", pointer="/query/days")
    return int(asked)


def _chart_of(facet: str, title: str, tell: Callable[[str], str], within: Range) -> Chart:
    """The counted clicks by a facet, each value by its name for people."""
    totals = [total for total in list_totals(facet, within) if total.counted]
    return draw_bars(title, [Total(tell(total.name), total.counted, total.filtered) for total in totals])


def _chart_of_reasons(within: Range) -> Chart:
    """What was not counted, the most first."""
    found = sorted(count_reasons(within).items(), key=lambda pair: -pair[1])
    return draw_bars("Not counted, and why", [Total(REASON_WORDS[reason], count, 0) for reason, count in found])
