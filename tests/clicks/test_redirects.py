import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from service.catalog.actions import raise_catalog_version
from service.clicks.redirects import RedirectLayer
from service.extensions import db, transaction
from service.publishing.actions import withdraw_formula
from service.referrals.models import Program
from service.referrals.policy import PLACEMENTS, Channel
from service.referrals.redirects import FOLLOWED, Link
from tests.clicks.conftest import CODE, PHONE, PRODUCT, Site

VENDOR = "https://us.fullscript.com/welcome/example-dispensary"


def layer_of(site: Site) -> RedirectLayer:
    layer: RedirectLayer = site.app.extensions["redirect_layer"]
    return layer


def test_the_answer_from_memory_is_flasks_own(site: Site) -> None:
    for path in (f"/go/{CODE}", f"/go/{CODE}/card"):
        first, second = site.follow(path), site.follow(path)
        assert path in layer_of(site)._held
        assert (first.status, first.data) == (second.status, second.data)
        lasting = [pair for pair in first.headers if not pair[0].startswith(("X-RateLimit", "Retry-After"))]
        assert list(second.headers) == lasting
        assert second.headers["Location"] == VENDOR
        assert second.headers["Cache-Control"] == "no-store"
        assert second.headers["X-Robots-Tag"].startswith("noindex")
        assert second.headers["X-Content-Type-Options"] == "nosniff"


def test_head_is_answered_like_get_without_the_body(site: Site) -> None:
    asked_first = site.follow(method="HEAD")
    assert layer_of(site)._held == {}
    got = site.follow()
    from_memory = site.follow(method="HEAD")
    assert (asked_first.data, from_memory.data) == (b"", b"")
    assert from_memory.headers["Location"] == got.headers["Location"] == asked_first.headers["Location"]
    assert from_memory.headers["Content-Length"] == got.headers["Content-Length"]
    assert site.outcomes() == {"head": 2, "counted": 1}


@pytest.mark.parametrize("placement", sorted(PLACEMENTS))
def test_a_placement_is_counted_by_its_name(site: Site, placement: str) -> None:
    assert site.follow(f"/go/{CODE}/{placement}").status_code == 302
    (click,) = site.logged()
    assert (click.product, click.channel, click.placement) == (PRODUCT, "public_web", placement)


@pytest.mark.parametrize("placement", ["nowhere", "Card", "a b", "%3Cscript%3E", "x" * 200, "-"])
def test_an_unknown_placement_breaks_no_link_and_fills_no_memory(site: Site, placement: str) -> None:
    for _ in range(2):
        assert site.follow(f"/go/{CODE}/{placement}").headers["Location"] == VENDOR
    assert layer_of(site)._held == {}
    assert [(click.placement, click.outcome) for click in sorted(site.logged())] == [
        ("other", "counted"),
        ("other", "repeat"),
    ]


def test_what_is_no_link_is_neither_remembered_nor_counted(site: Site) -> None:
    for path in ("/go/22222222w", f"/go/{CODE}/card/x", "/go/", "/f/zheng-gu-shui", "/hit"):
        assert site.follow(path).status_code != 302
    assert site.follow(method="POST").status_code == 405
    assert layer_of(site)._held == {}
    assert site.logged() == {}


def test_other_methods_reach_flask_although_the_redirect_is_held(site: Site) -> None:
    site.follow()
    assert site.follow(method="POST").status_code == 405
    assert "GET" in site.follow(method="OPTIONS").headers["Allow"]


def test_a_held_redirect_ends_with_its_formula_or_program(site: Site) -> None:
    assert site.follow().status_code == site.follow().status_code == 302
    with transaction():
        db.session.execute(update(Program).where(Program.key == "fullscript").values(enabled=False))
        raise_catalog_version()
    assert site.follow().status_code == 410
    with transaction():
        db.session.execute(update(Program).where(Program.key == "fullscript").values(enabled=True))
        raise_catalog_version()
    assert site.follow().status_code == site.follow().status_code == 302
    with transaction():
        withdraw_formula("du-huo-ji-sheng-tang", by="x", reason="x")
    assert site.follow().status_code == 410
    assert site.outcomes() == {"counted": 1, "repeat": 3}


NAMES = st.sampled_from(
    [
        *("HOST", "REFERER", "X_FORWARDED_HOST", "X_FORWARDED_PROTO", "X_ORIGINAL_URL", "X_REWRITE_URL", "FORWARDED"),
        *("COOKIE", "AUTHORIZATION", "PURPOSE", "SEC_GPC", "USER_AGENT", "ACCEPT", "RANGE", "IF_NONE_MATCH", "ORIGIN"),
    ]
)
VALUES = st.one_of(
    st.sampled_from(["https://evil.example/", "evil.example", "1", "prefetch", "*", "\x7f\xff", "Bearer x"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    headers=st.dictionaries(NAMES.map(lambda name: f"HTTP_{name}"), VALUES, max_size=5),
    query=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30),
    placement=st.sampled_from(["", "/card", "/https:", "/evil.example"]),
)
def test_no_header_makes_a_link_leave_the_list_of_hosts(
    site: Site, headers: dict[str, str], query: str, placement: str
) -> None:
    answer = site.follow(f"/go/{CODE}{placement}", QUERY_STRING=query, **headers)
    assert answer.headers.get("Location") in (VENDOR, None)
    assert answer.status_code == 302 or "HTTP_HOST" in headers


class Marked:
    """A WSGI app that marks every answer as a followed link."""

    def __init__(self, status: str = "302 FOUND") -> None:
        self.status = status
        self.calls = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.calls += 1
        environ[FOLLOWED] = Link("a", Channel.PUBLIC_WEB, "")
        start_response(self.status, [("Location", "https://a.example/"), ("X-RateLimit-Remaining", "5")])
        return [b"body"]


def ask(layer: RedirectLayer, path: str, method: str = "GET") -> tuple[str, Iterable[bytes]]:
    told: list[str] = []
    answer = layer({"PATH_INFO": path, "REQUEST_METHOD": method}, lambda status, *_: told.append(status))  # type: ignore[arg-type]  # a server's part, as small as it can be
    return told[0], answer


def test_the_count_comes_after_the_answer() -> None:
    steps: list[str] = []
    layer = RedirectLayer(Marked(), lambda: 1, count=lambda _environ, _link: steps.append("counted"))
    for _ in range(2):  # through the app, then from memory
        steps.clear()
        _, answer = ask(layer, "/go/a")
        steps.extend(chunk.decode() for chunk in answer)
        assert steps == ["body"]
        answer.close()  # type: ignore[attr-defined]  # what a server calls (PEP 3333)
        assert steps == ["body", "counted"]


def test_an_error_that_carries_the_mark_is_neither_held_nor_counted() -> None:
    app, counted = Marked("500 INTERNAL SERVER ERROR"), []
    layer = RedirectLayer(app, lambda: 1, count=lambda _environ, link: counted.append(link))
    for _ in range(2):
        ask(layer, "/go/a")
    assert (app.calls, counted) == (2, [])


def test_without_a_counter_the_answer_is_the_same() -> None:
    app = Marked()
    layer = RedirectLayer(app, lambda: 1, count=None)
    answers = [b"".join(ask(layer, "/go/a")[1]) for _ in range(3)]
    assert (answers, app.calls) == ([b"body"] * 3, 1)


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.clicks.redirects.MOST_HELD", 10)
    layer = RedirectLayer(Marked(), lambda: 1, count=None)
    for number in range(100):
        ask(layer, f"/go/{number}")
    assert len(layer._held) <= 10


def test_nothing_of_a_visitor_is_kept_anywhere(
    site: Site, capfd: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    from service.clicks.folding import fold_folder

    particular = f"{PHONE} a-very-particular-agent"
    visitor = {"REMOTE_ADDR": "198.51.100.77", "HTTP_USER_AGENT": particular, "HTTP_REFERER": "https://blog.example/x"}
    site.follow(f"/go/{CODE}/card?patient=jane", **visitor)
    site.follow(f"/go/{CODE}/card", **visitor)
    site.follow("/hit", method="POST", **visitor)
    fold_folder(site.folder, now=0)
    db.session.rollback()
    kept = [path.read_bytes() for path in site.folder.iterdir()]
    if db.engine.dialect.name == "sqlite":
        kept += [path.read_bytes() for path in site.folder.parent.glob("copy.sqlite3*")]
    kept += [json.dumps([str(click) for click in site.counts()]).encode(), "".join(capfd.readouterr()).encode()]
    assert site.counts().total() == 2
    for word in (b"198.51.100", b"particular", b"iPhone", b"blog.example", b"jane"):
        assert not any(word in text for text in kept), word
