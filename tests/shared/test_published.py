"""The layer in front of Flask, over a small WSGI app of its own."""

import gzip
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from service.shared.published import (
    CAMPAIGN_ARGUMENTS,
    MARK,
    Mark,
    PublishedBytes,
    accepts_gzip,
    without_campaign,
)

BODY = b'{"hello":"herbs"}' * 50


class Counted:
    """A WSGI app that marks its answers and counts how often it was asked."""

    def __init__(self, **mark: Any) -> None:
        self.calls = 0
        self.mark = {"keep": True, "valid_until": None, **mark}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.calls += 1
        if environ["PATH_INFO"] != "/plain":
            environ[MARK] = Mark(BODY, **self.mark)
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))])
        return [BODY]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0
        self.version = 1


@pytest.fixture
def clock() -> Clock:
    return Clock()


def layered(app: Counted, clock: Clock, **options: Any) -> Client:
    return Client(PublishedBytes(app, lambda: clock.version, clock=lambda: clock.now, **options))


def test_a_second_read_is_answered_from_memory(clock: Clock) -> None:
    app = Counted()
    client = layered(app, clock)
    first, second = client.get("/card"), client.get("/card")
    assert (first.data, second.data, app.calls) == (BODY, BODY, 1)
    assert first.headers["ETag"] == second.headers["ETag"]


def test_a_known_etag_is_answered_304_without_a_body(clock: Clock) -> None:
    app = Counted()
    client = layered(app, clock)
    etag = client.get("/card").headers["ETag"]
    for known in (etag, f'"other", W/{etag}', "*"):
        again = client.get("/card", headers={"If-None-Match": known})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == etag
        assert "Content-Type" not in again.headers
    assert app.calls == 1


def test_a_304_is_given_even_before_memory_holds_the_answer(clock: Clock) -> None:
    etag = layered(Counted(), clock).get("/card").headers["ETag"]
    app = Counted()
    assert layered(app, clock).get("/card", headers={"If-None-Match": etag}).status_code == 304
    assert app.calls == 1


def test_a_new_catalog_version_asks_the_app_again(clock: Clock) -> None:
    app = Counted()
    client = layered(app, clock)
    client.get("/card")
    clock.version = 2
    client.get("/card")
    assert app.calls == 2


def test_an_answer_ends_when_its_time_is_over(clock: Clock) -> None:
    app = Counted(valid_until=1060.0)
    client = layered(app, clock)
    client.get("/card")
    clock.now = 1059.9
    client.get("/card")
    assert app.calls == 1
    clock.now = 1060.0
    client.get("/card")
    assert app.calls == 2


def test_others_may_hold_an_ending_answer_no_longer_than_it_is_true(clock: Clock) -> None:
    client = layered(Counted(valid_until=1100.0), clock)
    assert client.get("/card").headers["Cache-Control"] == "public, max-age=60"
    clock.now = 1090.5
    assert client.get("/card").headers["Cache-Control"] == "public, max-age=9"
    etag = client.get("/card").headers["ETag"]
    unchanged = client.get("/card", headers={"If-None-Match": etag})
    assert unchanged.headers["Cache-Control"] == "public, max-age=9"


def test_an_answer_true_for_longer_than_anybody_keeps_it_may_be_served_stale(clock: Clock) -> None:
    client = layered(Counted(valid_until=1000.0 + 60 + 86400), clock)
    assert "stale-if-error=86400" in client.get("/card").headers["Cache-Control"]
    clock.now = 1000.5
    assert client.get("/card").headers["Cache-Control"] == "public, max-age=60"


def test_a_very_long_query_is_answered_but_not_kept(clock: Clock) -> None:
    app = Counted()
    client = layered(app, clock)
    for _ in range(2):
        assert client.get("/card?" + "&" * 500).status_code == 200
    assert app.calls == 2


def test_gzip_is_served_to_those_who_accept_it_under_an_etag_of_its_own(clock: Clock) -> None:
    client = layered(Counted(), clock)
    plain = client.get("/card")
    zipped = client.get("/card", headers={"Accept-Encoding": "br, gzip"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == BODY
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    assert zipped.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert int(zipped.headers["Content-Length"]) == len(zipped.data) < len(BODY)


def test_head_has_the_headers_of_get_and_no_body(clock: Clock) -> None:
    client = layered(Counted(), clock)
    got, asked = client.get("/card"), client.head("/card")
    assert asked.data == b""
    assert dict(asked.headers) == dict(got.headers)


def test_head_before_any_get_knows_the_length_too(clock: Clock) -> None:
    assert layered(Counted(), clock).head("/card").headers["Content-Length"] == str(len(BODY))


def test_queries_are_kept_apart(clock: Clock) -> None:
    app = Counted()
    client = layered(app, clock)
    for query in ("?theme=dark", "?theme=light", "?theme=dark"):
        client.get(f"/card{query}")
    assert app.calls == 2


def test_one_answer_is_kept_for_all_campaigns_where_the_view_says_so(clock: Clock) -> None:
    app = Counted(any_campaign=True)
    layer = PublishedBytes(app, lambda: clock.version, clock=lambda: clock.now)
    client = Client(layer)
    for number in range(20):
        assert client.get(f"/page?utm_source=s{number}&utm_campaign=c").data == BODY
    client.get("/page")
    client.get("/page?&&utm_medium=qr")
    assert (app.calls, list(layer._entries)) == (1, [("/page", "")])
    client.get("/page?theme=dark&utm_source=a")
    client.get("/page?theme=dark")
    assert app.calls == 2


def test_campaigns_are_kept_apart_where_the_view_does_not_say_otherwise(clock: Clock) -> None:
    app = Counted()
    client = layered(app, clock)
    for query in ("", "?utm_source=a", "?utm_source=a"):
        client.get(f"/card{query}")
    assert app.calls == 2


@given(st.lists(st.text("abutm_source=%&+é", max_size=16)).map("&".join))
def test_taking_campaign_arguments_out_leaves_every_other_as_it_stands(query: str) -> None:
    left = without_campaign(query)
    assert without_campaign(left) == left
    others = [part for part in query.split("&") if part and part.partition("=")[0] not in CAMPAIGN_ARGUMENTS]
    assert left.split("&") == (others or [""])


def test_what_may_not_be_kept_is_finished_but_asked_for_each_time(clock: Clock) -> None:
    app = Counted(keep=False)
    client = layered(app, clock)
    etag = client.get("/card").headers["ETag"]
    assert client.get("/card", headers={"If-None-Match": etag}).status_code == 304
    assert app.calls == 2


def test_unmarked_answers_and_other_methods_pass_through(clock: Clock) -> None:
    app = Counted()
    client = layered(app, clock)
    assert "ETag" not in client.get("/plain").headers
    client.get("/card")
    client.post("/card")
    client.post("/card")
    assert app.calls == 4


def test_a_key_holder_is_never_answered_from_memory(clock: Clock) -> None:
    app = Counted()
    client = layered(app, clock)
    client.get("/card")
    client.get("/card", headers={"Authorization": "Bearer x"})
    assert app.calls == 2


def test_memory_never_grows_past_its_bound(clock: Clock) -> None:
    app = Counted()
    layer = PublishedBytes(app, lambda: clock.version, max_bytes=10_000)
    client = Client(layer)
    for number in range(50):
        client.get(f"/card/{number}")
        assert layer.held_bytes <= 10_000
    assert isinstance(client.get("/card/49"), TestResponse)
    assert app.calls == 50


@pytest.mark.parametrize(
    ("header", "accepted"),
    [("gzip", True), ("br;q=1, gzip;q=0.5", True), ("*", True), ("", False), ("br", False), ("gzip;q=0", False)],
)
def test_gzip_is_refused_by_weight_zero(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted
