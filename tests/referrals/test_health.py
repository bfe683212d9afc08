"""Links checked end to end: real rows, a real prober, a fake web over real TLS."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from flask import Flask
from sqlalchemy import select, update

from service.catalog.actions import raise_catalog_version
from service.catalog.version import watch
from service.extensions import db, transaction
from service.partners.links import Outcome
from service.publishing.actions import withdraw_formula
from service.referrals import health
from service.referrals.health import (
    CheckUnderway,
    LinkCheck,
    ProductNotOffered,
    check_links,
    check_links_due,
    make_prober,
)
from service.referrals.links import LinkHealth, Verdict
from service.referrals.models import LinkState, Program
from service.referrals.queries import current_book, list_link_health, list_links
from service.shared.locks import only_one
from tests.partners.web import Web, status
from tests.referrals.shop import DU_HUO, OWN_URL, PRODUCT, SHOP, offer, open_shop

OWN = "/welcome/example-dispensary"


@pytest.fixture(autouse=True)
def own_link_answers(web: Web) -> None:
    web.routes[OWN] = status(200)
    web.routes["/du-huo"] = status(200)


@pytest.fixture
def with_shop(app: Flask) -> None:
    open_shop()
    offer(SHOP)


def check(web: Web, product: str | None = PRODUCT) -> dict[int, LinkCheck]:
    """The checks of a product, by the position of each way."""
    return {found.link.position: found for found in check_links(web.prober(), product=product)}


def states() -> dict[tuple[str, int], LinkState]:
    db.session.expire_all()
    return {(state.product, state.position): state for state in db.session.scalars(select(LinkState))}


def test_every_published_link_is_checked_and_amazon_is_never_asked(app: Flask, web: Web) -> None:
    checks = check_links(web.prober())
    assert {(found.link.product, found.verdict) for found in checks} == {
        ("du-huo-ji-sheng-tang-fullscript", Verdict.ALIVE),
        ("shao-yao-gan-cao-tang-fullscript", Verdict.ALIVE),
        ("zheng-gu-shui-regular", Verdict.ALIVE),
        ("zheng-gu-shui-ultra", Verdict.ALIVE),
    }
    assert set(web.looked_up) == {"us.fullscript.com"}
    assert {state.verdict for state in states().values()} == {"alive"}


def test_the_prober_in_use_never_asks_amazon_even_after_a_redirect(app: Flask) -> None:
    prober = make_prober(current_book())
    for host in ("www.amazon.com", "www.amazon.com.", "WWW.AMAZON.COM", "amzn.to", "amzn.to.", "a.co"):
        assert prober.probe(f"https://{host}/dp/B0").outcome is Outcome.NOT_ASKED


def test_a_link_whose_tag_is_not_ours_is_wrong_without_a_request(app: Flask, web: Web) -> None:
    with transaction():
        row = db.session.scalars(select(Program).filter_by(key="amazon")).one()
        row.templates = {"search": "https://www.amazon.com/s{?k}"}
        raise_catalog_version()
    checks = check(web, "zheng-gu-shui-regular")
    assert checks[0].verdict is Verdict.WRONG
    assert "does not carry our tag" in checks[0].reason
    assert web.looked_up == []


def test_two_failures_in_a_row_raise_the_flag_once_and_a_success_takes_it_down(
    app: Flask, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = structlog.testing.CapturingLogger()
    monkeypatch.setattr(health, "log", log)
    web.routes[OWN] = status(404)
    assert [check(web)[0].is_flagged for _ in range(3)] == [False, True, True]
    web.routes[OWN] = status(200)
    assert not check(web)[0].is_flagged
    flagged, cleared = log.calls
    assert (flagged.method_name, flagged.args) == ("warning", ("link_flagged",))
    assert {"product": PRODUCT, "verdict": "dead", "failures": 2}.items() <= flagged.kwargs.items()
    assert cleared.args == ("link_flag_cleared",)
    state = states()[PRODUCT, 0]
    assert (state.verdict, state.failures, state.flagged_at) == ("alive", 0, None)


def test_what_is_blocked_counts_neither_way(app: Flask, web: Web) -> None:
    def answers(*codes: int) -> list[tuple[int, bool]]:
        found = []
        for code in codes:
            web.routes[OWN] = status(code)
            is_flagged = check(web)[0].is_flagged
            found.append((states()[PRODUCT, 0].failures, is_flagged))
        return found

    assert answers(500, 403, 404, 401) == [(1, False), (1, False), (2, True), (2, True)]
    assert answers(200, 403, 410, 200, 410) == [(0, False), (0, False), (1, False), (0, False), (1, False)]


def test_a_changed_url_begins_anew_and_is_offered_at_once(app: Flask, web: Web, with_shop: None) -> None:
    web.routes[OWN] = status(404)
    check(web), check(web)
    assert current_book().dead == {(PRODUCT, 0)}
    offer(SHOP, destination={"url": "https://us.fullscript.com/product_cards/1"})
    assert current_book().dead == frozenset()
    own = next(row for row in list_link_health(current_book()) if row.link.product == PRODUCT)
    assert (own.verdict, own.is_flagged) == (None, False)
    web.routes["/product_cards/1"] = status(500)
    assert not check(web)[0].is_flagged
    assert states()[PRODUCT, 0].failures == 1


def test_a_flag_raises_the_catalog_version_when_it_goes_up_or_down_and_else_not(app: Flask, web: Web) -> None:
    versions = []
    for code in (404, 404, 404, 200, 200):
        web.routes[OWN] = status(code)
        check(web)
        versions.append(watch()())
    first = versions[0]
    assert versions == [first, first + 1, first + 1, first + 2, first + 2]


def test_a_fault_that_may_be_ours_flags_a_link_and_changes_no_surface(app: Flask, web: Web) -> None:
    before = watch()()
    web.routes[OWN] = status(500)
    assert [check(web)[0].is_flagged for _ in range(3)] == [False, True, True]
    assert current_book().dead == frozenset()
    assert watch()() == before


@pytest.mark.parametrize("says_nothing", [500, 403])
def test_a_dead_link_stays_dead_while_nothing_more_can_be_told(app: Flask, web: Web, says_nothing: int) -> None:
    for code in (404, 404, says_nothing, says_nothing):
        web.routes[OWN] = status(code)
        check(web)
    assert current_book().dead == {(PRODUCT, 0)}
    web.routes[OWN] = status(200)
    check(web)
    assert current_book().dead == frozenset()


def test_a_flagged_link_is_dead_once_the_fault_is_its_own(app: Flask, web: Web) -> None:
    found = []
    for code in (500, 500, 404):
        web.routes[OWN] = status(code)
        check(web)
        found.append(current_book().dead)
    assert found == [frozenset(), frozenset(), {(PRODUCT, 0)}]


def test_a_host_that_asked_for_quiet_is_checked_first_next_time(app: Flask, web: Web) -> None:
    web.routes[OWN] = status(429)
    checks = check_links(web.prober())
    fullscript = [found for found in checks if found.link.program == "fullscript"]
    assert [found.verdict for found in fullscript] == [Verdict.BLOCKED, None]
    web.routes[OWN] = status(200)
    assert check_links(web.prober())[0].link == fullscript[1].link


def test_an_interrupted_run_goes_on_with_the_links_not_checked_for_longest(app: Flask, web: Web) -> None:
    done: list[LinkCheck] = []

    def stop_after_two(found: LinkCheck, number: int, of: int) -> None:
        done.append(found)
        assert of == 4
        if number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_links(web.prober(), tell=stop_after_two)
    assert set(states()) == {(found.link.product, found.link.position) for found in done}
    again = check_links(web.prober())
    assert [found.link for found in again[2:]] == [found.link for found in done]


def test_two_runs_never_check_at_once(app: Flask, web: Web) -> None:
    with only_one(db.engine, "links-check") as is_ours:
        assert is_ours
        with pytest.raises(CheckUnderway):
            check_links(web.prober())
    assert states() == {}
    assert len(check_links(web.prober())) == 4


def test_the_job_checks_what_nobody_has_for_a_day(app: Flask, web: Web) -> None:
    check_links(web.prober())
    checked = states()
    now = datetime.now(UTC)
    due, not_due, never, _ = sorted(checked)
    with transaction():
        for place, at in {due: now - timedelta(hours=24, minutes=1), not_due: now - timedelta(hours=23)}.items():
            checked[place].checked_at = at
        db.session.delete(checked[never])
    check_links_due(web.prober())
    again = {place: state.checked_at for place, state in states().items()}
    assert {place for place, at in again.items() if at >= now} == {due, never}
    assert again[not_due] == now - timedelta(hours=23)


def test_the_job_leaves_the_check_to_another_process(app: Flask, web: Web) -> None:
    with only_one(db.engine, "links-check") as is_ours:
        assert is_ours
        check_links_due(web.prober())
    assert states() == {}
    assert web.asked == []


def test_the_links_of_what_is_gone_or_off_are_not_checked_and_are_forgotten(app: Flask, web: Web) -> None:
    check_links(web.prober())
    with transaction():
        withdraw_formula(DU_HUO, by="x", reason="x")
        db.session.execute(update(Program).where(Program.key == "amazon").values(enabled=False))
        raise_catalog_version()
    assert [found.link.product for found in check_links(web.prober())] == ["shao-yao-gan-cao-tang-fullscript"]
    assert set(states()) == {("shao-yao-gan-cao-tang-fullscript", 0)}


def test_a_product_nobody_offers_is_told(app: Flask, web: Web) -> None:
    with pytest.raises(ProductNotOffered, match="'nothing'"):
        check_links(web.prober(), product="nothing")


def test_links_are_listed_flagged_first_in_pages_that_meet(app: Flask, web: Web) -> None:
    web.routes[OWN] = status(404)
    check(web, "shao-yao-gan-cao-tang-fullscript"), check(web, "shao-yao-gan-cao-tang-fullscript")
    whole = list_link_health(current_book())
    assert whole[0].link.product == "shao-yao-gan-cao-tang-fullscript"
    assert [row.is_flagged for row in whole] == [True, False, False, False]
    after, found = "", list[LinkHealth]()
    while True:
        page = list_links(current_book(), after=after, limit=1)
        found += page.rows
        if page.next_cursor is None:
            break
        after = page.rows[-1].place
    assert found == whole


class TestApi:
    def test_every_link_is_told_flagged_first(self, app: Flask, web: Web, administrator: dict[str, str]) -> None:
        web.routes[OWN] = status(404)
        check(web), check(web)
        body = app.test_client().get("/api/v1/links", headers=administrator).json
        assert body is not None
        assert len(body["items"]) == 4
        first = body["items"][0]
        assert (first["product"], first["verdict"], first["failures"]) == (PRODUCT, "dead", 2)
        assert first["flagged_at"] is not None
        assert first["url"] == OWN_URL
        assert [row["flagged_at"] for row in body["items"][1:]] == [None] * 3

    def test_pages_meet(self, app: Flask, administrator: dict[str, str]) -> None:
        client, found, path = app.test_client(), [], "/api/v1/links?limit=3"
        while path:
            answer = client.get(path, headers=administrator)
            body: Any = answer.json
            found += [(row["product"], row["position"]) for row in body["items"]]
            path = answer.headers.get("Link", "").partition("<")[2].partition(">")[0]
        assert found == sorted(set(found))
        assert len(found) == 4

    def test_it_needs_the_scope_admin(self, app: Flask, practitioner: dict[str, str]) -> None:
        client = app.test_client()
        assert client.get("/api/v1/links").status_code == 401
        assert client.get("/api/v1/links", headers=practitioner).status_code == 403
