"""Reads over real HTTP: what they bring, what each fault is told as, and when a token is renewed."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from flask import Flask

from service.partners import fullscript
from service.partners.connection import current_application, current_fullscript, current_oauth, keep_application
from service.partners.errors import (
    NotConnected,
    NotGranted,
    PartnerFault,
    RateLimited,
    ReconnectNeeded,
    TokenRefused,
    VariantNotFound,
)
from service.partners.fullscript import Fullscript
from service.partners.schemas import Variant
from service.shared import http_client
from service.shared.errors import BadInput
from tests.partners.conftest import kept_account
from tests.partners.fake_fullscript import PLAN_URL, VARIANT, FakeFullscript, Fault

VARIANT_PATH = f"/api/catalog/variants/{VARIANT}"
CLINIC_PATH = "/api/clinic"


def test_a_variant_tells_its_msrp_as_it_is_written(connected: Fullscript) -> None:
    before = datetime.now(UTC)
    found = connected.look_up_variant(VARIANT)
    assert found == Variant(VARIANT, "20009193488", "19.90", "In Stock", "available", found.read_at)
    assert before <= found.read_at <= datetime.now(UTC)


def test_a_number_in_an_answer_stays_its_text(connected: Fullscript, fake: FakeFullscript) -> None:
    for written, text in ((19.9, "19.9"), (20, "20"), ("20.00", "20.00"), (None, None)):
        fake.variants[VARIANT]["msrp"] = written
        assert connected.look_up_variant(VARIANT).msrp == text
    fake.discount = 12.5
    assert connected.read_discount().percent == Decimal("12.5")


def test_a_field_added_to_an_answer_changes_nothing(connected: Fullscript, fake: FakeFullscript) -> None:
    fake.variants[VARIANT]["added_tomorrow"] = {"deep": [1]}
    assert connected.look_up_variant(VARIANT).msrp == "19.90"


def test_a_variant_that_is_not_there_is_named(connected: Fullscript) -> None:
    with pytest.raises(VariantNotFound, match="no variant nothing-like-it"):
        connected.look_up_variant("nothing-like-it")


def test_an_id_that_is_none_is_refused_before_anything_is_asked(connected: Fullscript, fake: FakeFullscript) -> None:
    asked = len(fake.requests)
    for strange in ("", "a/b", "../clinic", "a?b=c", "x" * 101, "é", "a\n"):
        with pytest.raises(BadInput):
            connected.look_up_variant(strange)
    assert len(fake.requests) == asked


def test_a_plan_link_is_asked_for_anew_each_time(connected: Fullscript, fake: FakeFullscript) -> None:
    assert connected.open_plan_link().url == PLAN_URL
    fake.plan_url = "https://us.fullscript.com/plans/other"
    assert connected.open_plan_link().url == "https://us.fullscript.com/plans/other"


def test_a_plan_link_that_leads_elsewhere_is_refused(connected: Fullscript, fake: FakeFullscript) -> None:
    fake.plan_url = "https://fullscript.com.evil.example/x"
    with pytest.raises(PartnerFault, match="redirect_url"):
        connected.open_plan_link()


def test_product_search_is_refused_where_fullscript_has_not_granted_it(connected: Fullscript) -> None:
    with pytest.raises(NotGranted, match="API team"):
        next(connected.search_products("licorice"))


def test_product_search_reads_page_after_page(connected: Fullscript, fake: FakeFullscript) -> None:
    fake.search_granted = True
    found = list(connected.search_products("licorice"))
    assert [product.name for product in found] == ["licorice 1", "licorice 2", "licorice 3"]
    assert found[0].variants[0].msrp == "19.90"
    asked = [query for _, path, query in fake.requests if path == "/api/catalog/search/products"]
    assert [query["page[number]"] for query in asked] == ["1", "2"]
    assert {query["page[size]"] for query in asked} == {"100"}


def test_a_scope_that_was_not_granted_is_told_before_anything_is_asked(
    partnered: Flask, fake: FakeFullscript, request: pytest.FixtureRequest
) -> None:
    fake.scopes = "clinic:read"
    connected: Fullscript = request.getfixturevalue("connected")
    with pytest.raises(NotGranted, match="catalog:read"):
        connected.look_up_variant(VARIANT)
    assert fake.count(VARIANT_PATH) == 0
    assert connected.read_discount().percent == 10


def test_scopes_that_are_not_told_refuse_nothing(
    partnered: Flask, fake: FakeFullscript, request: pytest.FixtureRequest
) -> None:
    fake.scopes = None
    connected: Fullscript = request.getfixturevalue("connected")
    assert connected.look_up_variant(VARIANT).status == "available"


def test_nothing_is_asked_where_nothing_is_connected(partnered: Flask, fake: FakeFullscript) -> None:
    with pytest.raises(NotConnected):
        current_fullscript().read_discount()
    assert fake.requests == []


def test_a_pause_that_is_asked_for_is_kept_and_the_read_done(connected: Fullscript, fake: FakeFullscript) -> None:
    fake.faults[CLINIC_PATH] = [Fault(429, {"Retry-After": "1"})]
    assert connected.read_discount().percent == 10
    assert fake.count(CLINIC_PATH) == 2


def test_a_pause_that_does_not_end_is_told_with_its_length(connected: Fullscript, fake: FakeFullscript) -> None:
    fake.faults[CLINIC_PATH] = [Fault(429, {"Retry-After": pause}) for pause in ("0", "0", "4")]
    with pytest.raises(RateLimited, match="in 4 seconds"):
        connected.read_discount()
    assert fake.count(CLINIC_PATH) == 3


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("pause", ["6", "300", "9" * 5000, "Fri, 01 Jan 2100 00:00:00 GMT", "soon"])
def test_a_pause_too_long_to_wait_for_is_kept_by_asking_no_more(
    connected: Fullscript, fake: FakeFullscript, status: int, pause: str
) -> None:
    fake.faults[CLINIC_PATH] = [Fault(status, {"Retry-After": pause})]
    began = time.monotonic()
    with pytest.raises(PartnerFault) as told:
        connected.read_discount()
    assert isinstance(told.value, RateLimited) is (status == 429)
    assert (time.monotonic() - began < 3, fake.count(CLINIC_PATH)) == (True, 1)


def test_a_passing_fault_is_passed_over(connected: Fullscript, fake: FakeFullscript) -> None:
    fake.faults[CLINIC_PATH] = [Fault(500)]
    assert connected.read_discount().percent == 10


@pytest.mark.parametrize("status", [500, 503])
def test_a_fault_that_stays_is_told(connected: Fullscript, fake: FakeFullscript, status: int) -> None:
    fake.faults[CLINIC_PATH] = [Fault(status)] * 3
    with pytest.raises(PartnerFault, match=f"status {status}"):
        connected.read_discount()


def test_a_slow_answer_ends_in_time(
    connected: Fullscript, fake: FakeFullscript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        http_client.PatientAdapter.__init__, "__kwdefaults__", {"retries": 0, "connect": 1, "read": 0.2}
    )
    fake.faults[CLINIC_PATH] = [Fault(pause=1.0)]
    with pytest.raises(PartnerFault, match="did not answer"):
        connected.read_discount()


def test_an_answer_that_drips_is_cut_at_the_end_of_the_time(
    connected: Fullscript, fake: FakeFullscript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fullscript, "WHOLE_SECONDS", 0.6)
    for path in ("/api/oauth/token", CLINIC_PATH):
        fake.faults[path] = [Fault(drip=True)]
    for ask in (
        lambda: current_oauth().exchange(fake.issue_code(), now=datetime.now(UTC)),
        connected.read_discount,
    ):
        began = time.monotonic()
        with pytest.raises(PartnerFault, match="did not answer"):
            ask()
        assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "fault",
    [
        Fault(half=True),
        Fault(body=b"<html>maintenance</html>"),
        Fault(body=b"[]"),
        Fault(body=b'{"clinic": []}'),
        Fault(302, {"Location": "/api/elsewhere"}),
        Fault(404),
    ],
)
def test_an_answer_that_cannot_be_used_is_told_and_nothing_else_is_asked(
    connected: Fullscript, fake: FakeFullscript, fault: Fault
) -> None:
    fake.faults[CLINIC_PATH] = [fault]
    with pytest.raises(PartnerFault):
        connected.read_discount()
    assert fake.count(CLINIC_PATH) == 1
    assert fake.count("/api/elsewhere") == 0


def test_a_fullscript_that_is_not_there_is_told(partnered: Flask, connected: Fullscript, fake: FakeFullscript) -> None:
    keep_application(partnered, replace(current_application(), base_url="http://127.0.0.1:9"))
    with pytest.raises(PartnerFault, match="did not answer"):
        current_fullscript().read_discount()


def test_a_token_near_its_end_is_renewed_before_it_is_used(connected: Fullscript, fake: FakeFullscript) -> None:
    first = kept_account().access_token
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=7200 - 59)):
        assert connected.read_discount().percent == 10
        assert kept_account().expires_at > datetime.now(UTC) + timedelta(seconds=7000)
    assert fake.refreshes == 1
    assert kept_account().access_token != first


def test_a_token_refused_before_its_end_is_renewed_once_and_the_read_done(
    connected: Fullscript, fake: FakeFullscript
) -> None:
    fake.expire_access_tokens()
    assert connected.read_discount().percent == 10
    assert (fake.refreshes, fake.count(CLINIC_PATH)) == (1, 2)
    assert connected.read_discount().percent == 10
    assert fake.refreshes == 1


def test_a_new_token_that_is_refused_too_is_told(connected: Fullscript, fake: FakeFullscript) -> None:
    fake.faults[CLINIC_PATH] = [Fault(401), Fault(401)]
    with pytest.raises(TokenRefused):
        connected.read_discount()
    assert fake.refreshes == 1


def test_a_new_token_stays_when_the_read_after_it_fails(connected: Fullscript, fake: FakeFullscript) -> None:
    fake.expire_access_tokens()
    fake.faults[CLINIC_PATH] = [Fault(401), Fault(404)]
    with pytest.raises(PartnerFault):
        connected.read_discount()
    assert fake.refreshes == 1
    assert connected.read_discount().percent == 10
    assert fake.refreshes == 1


def test_an_access_ended_at_fullscript_asks_for_a_new_connection_once_and_for_all(
    connected: Fullscript, fake: FakeFullscript
) -> None:
    fake.revoke_everything()
    with pytest.raises(ReconnectNeeded, match="connect Fullscript again"):
        connected.read_discount()
    assert kept_account().refused_at is not None
    asked = len(fake.requests)
    with pytest.raises(ReconnectNeeded):
        connected.read_discount()
    assert len(fake.requests) == asked


@pytest.mark.parametrize("lost", [Fault(half=True), Fault(body=b"")])
def test_a_refresh_whose_answer_is_lost_ends_in_a_new_connection(
    connected: Fullscript, fake: FakeFullscript, lost: Fault
) -> None:
    fake.expire_access_tokens()
    fake.faults["/api/oauth/token"] = [lost]
    with pytest.raises(PartnerFault, match="did not answer"):
        connected.read_discount()
    assert fake.refreshes == 1
    with pytest.raises(ReconnectNeeded):
        connected.read_discount()


@pytest.mark.parametrize("status", [429, 500, 502])
def test_a_refresh_that_was_not_done_is_not_repeated_blindly_and_works_later(
    connected: Fullscript, fake: FakeFullscript, status: int
) -> None:
    fake.expire_access_tokens()
    fake.faults["/api/oauth/token"] = [Fault(status, {"Retry-After": "0"})]
    asked = fake.count("/api/oauth/token")
    with pytest.raises(PartnerFault):
        connected.read_discount()
    assert fake.count("/api/oauth/token") == asked + 1
    assert connected.read_discount().percent == 10


def test_a_code_serves_once(partnered: Flask, fake: FakeFullscript) -> None:
    code = fake.issue_code()
    assert current_oauth().exchange(code, now=datetime.now(UTC)).scopes == (
        "catalog:read",
        "clinic:read",
        "clinic:write",
    )
    with pytest.raises(PartnerFault, match="spent, expired or revoked"):
        current_oauth().exchange(code, now=datetime.now(UTC))
