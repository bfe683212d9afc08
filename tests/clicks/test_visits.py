import mmap
from typing import Any

import pytest

from service.clicks.visitors import SIZE, Visitors
from service.clicks.visits import OUTCOMES, Visits
from service.referrals.policy import Channel
from service.referrals.redirects import Link
from tests.clicks.conftest import DESKTOP, PHONE

LINK = Link("a-product", Channel.PUBLIC_WEB, "card")


@pytest.fixture
def visits() -> Visits:
    return Visits(Visitors(mmap.mmap(-1, SIZE)))


def told(visits: Visits, link: Link = LINK, /, **environ: Any) -> tuple[str, str]:
    given = {"REQUEST_METHOD": "GET", "REMOTE_ADDR": "192.0.2.1", "HTTP_USER_AGENT": DESKTOP, **environ}
    return visits.classify(given, link, hour=498_750)


def test_a_visit_is_counted_once_and_then_a_repeat(visits: Visits) -> None:
    assert [told(visits), told(visits)] == [("desktop", "counted"), ("desktop", "repeat")]
    assert told(visits, HTTP_USER_AGENT=PHONE) == ("phone", "counted")


def test_the_same_link_elsewhere_is_another_link(visits: Visits) -> None:
    told(visits)
    assert told(visits, Link("a-product", Channel.PUBLIC_WEB, "page"))[1] == "counted"


def test_head_is_not_counted(visits: Visits) -> None:
    assert told(visits, REQUEST_METHOD="HEAD") == ("desktop", "head")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_SEC_PURPOSE", "prefetch"),
        ("HTTP_SEC_PURPOSE", "prefetch;prerender"),
        ("HTTP_PURPOSE", "prefetch"),
        ("HTTP_X_PURPOSE", "preview"),
        ("HTTP_X_MOZ", "prefetch"),
        ("HTTP_X_MOZ", "PREFETCH"),
    ],
)
def test_a_prefetch_is_not_counted(visits: Visits, name: str, value: str) -> None:
    assert told(visits, **{name: value})[1] == "prefetch"


def test_previews_and_robots_are_told_apart(visits: Visits) -> None:
    assert told(visits, HTTP_USER_AGENT="Twitterbot/1.0")[1] == "preview"
    assert told(visits, HTTP_USER_AGENT="curl/8")[1] == "bot"
    assert told(visits, HTTP_USER_AGENT="")[1] == "bot"


def test_global_privacy_control_is_honoured_before_anything_of_the_visitor_is_read(visits: Visits) -> None:
    class Unread(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            assert key not in ("HTTP_USER_AGENT", "REMOTE_ADDR")
            return super().get(key, default)

    environ = Unread(REQUEST_METHOD="GET", HTTP_SEC_GPC="1", HTTP_USER_AGENT=DESKTOP, REMOTE_ADDR="192.0.2.1")
    assert visits.classify(environ, LINK, hour=498_750) == ("other", "privacy")
    assert told(visits)[1] == "counted"


def test_only_the_value_the_signal_has_is_the_signal(visits: Visits) -> None:
    assert told(visits, HTTP_SEC_GPC="0")[1] == "counted"


def test_what_is_filtered_leaves_no_trace_among_the_visitors(visits: Visits) -> None:
    told(visits, REQUEST_METHOD="HEAD")
    told(visits, HTTP_SEC_PURPOSE="prefetch")
    assert told(visits)[1] == "counted"


def test_agents_are_forgotten_with_their_day(visits: Visits) -> None:
    told(visits)
    visits.end_day(498_750)
    told(visits)
    visits.end_day(498_751)
    assert visits._agents._known
    visits.end_day(498_774)
    assert not visits._agents._known


def test_no_outcome_begins_another() -> None:
    for one in OUTCOMES:
        assert [other for other in OUTCOMES if other.startswith(one)] == [one]
