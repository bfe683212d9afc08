import re

import pytest
from sqlalchemy import text

from service.catalog.codes import product_code
from service.catalog.version import VersionWatch
from service.extensions import db
from tests.clicks.conftest import DESKTOP, Site

PRODUCT = "zheng-gu-shui-regular"
CODE = product_code(PRODUCT) + "w"


def hit(site: Site, **form: str) -> int:
    answer = site.app.test_client().post(
        "/hit",
        data=form,
        environ_overrides={"HTTP_USER_AGENT": DESKTOP, "REMOTE_ADDR": "203.0.113.9"},
        buffered=True,
    )
    assert answer.data == b""
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code


def test_a_beacon_is_counted_like_a_followed_link(site: Site) -> None:
    assert [hit(site, code=CODE, placement="card") for _ in range(2)] == [204, 204]
    assert {(click.product, click.placement, click.outcome) for click in site.logged()} == {
        (PRODUCT, "card", "counted"),
        (PRODUCT, "card", "repeat"),
    }


@pytest.mark.parametrize("code", ["", "x", "22222222w", CODE[:-1], CODE[:-1] + "z", "x" * 5000, "\0"])
def test_an_unknown_code_is_answered_the_same_and_not_counted(site: Site, code: str) -> None:
    assert hit(site, code=code) == 204
    assert site.logged() == {}


def test_an_empty_beacon_is_answered_the_same(site: Site) -> None:
    assert hit(site) == 204


def test_an_unknown_placement_is_counted_as_other(site: Site) -> None:
    hit(site, code=CODE, placement="<script>")
    hit(site, code=CODE)
    assert {click.placement for click in site.logged()} == {"other", ""}


def test_global_privacy_control_is_honoured_if_a_beacon_comes_all_the_same(site: Site) -> None:
    environ = {"HTTP_SEC_GPC": "1", "HTTP_USER_AGENT": DESKTOP}
    site.app.test_client().post("/hit", data={"code": CODE}, environ_overrides=environ, buffered=True)
    assert site.outcomes() == {"privacy": 1}


def test_a_code_is_looked_up_once_for_a_catalog_version(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hit(site, code=CODE) == 204
    monkeypatch.setattr(VersionWatch, "_ask", lambda watch: watch._version)
    db.session.execute(text("DELETE FROM issued_codes"))
    db.session.flush()
    assert hit(site, code=CODE) == 204
    assert site.logged().total() == 2


def test_only_post_is_a_hit(site: Site) -> None:
    assert site.follow("/hit").status_code == 404
    assert site.logged() == {}


@pytest.mark.parametrize(("path", "placement"), [("/cards/zheng-gu-shui", "card"), ("/f/zheng-gu-shui", "page")])
def test_direct_links_carry_their_code_and_placement(site: Site, path: str, placement: str) -> None:
    body = site.follow(path).get_data(as_text=True)
    found = re.findall(r'data-hit="([^"]*)" data-placement="([^"]*)"', body)
    assert (CODE, placement) in found
    assert {told for _, told in found} == {placement}
    for code, told in found:
        assert hit(site, code=code, placement=told) == 204
    assert {click.outcome for click in site.logged()} == {"counted"}
    assert '<script src="/static/hit.js" defer></script>' in body


@pytest.mark.parametrize(
    ("path", "placement"), [("/cards/du-huo-ji-sheng-tang", "card"), ("/f/du-huo-ji-sheng-tang", "page")]
)
def test_links_through_us_carry_their_placement_and_need_no_script(site: Site, path: str, placement: str) -> None:
    body = site.follow(path).get_data(as_text=True)
    (link,) = set(re.findall(r'href="https://herbs\.example\.com(/go/[^"]*)"', body))
    assert link.endswith(f"/{placement}")
    assert site.follow(link).status_code == 302
    assert "hit.js" not in body
    assert "data-hit" not in body
