"""What is taken from Fullscript's answers and events, and what is not."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.partners.errors import PartnerFault
from service.partners.schemas import (
    read_discount,
    read_event,
    read_grant,
    read_plan_link,
    read_products,
    read_variant,
)
from service.shared.errors import BadInput

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
GRANT = {
    "access_token": "secret-a",
    "refresh_token": "secret-r",
    "expires_in": 7200,
    "scope": "catalog:read clinic:read",
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("answer", [GRANT, {"oauth": GRANT}, {"oauth": {**GRANT, "added": 1}}])
def test_tokens_are_read_with_their_end(answer: dict[str, Any]) -> None:
    grant = read_grant(answer, now=NOW)
    assert (grant.access_token, grant.refresh_token) == ("secret-a", "secret-r")
    assert grant.scopes == ("catalog:read", "clinic:read")
    assert grant.expires_at == NOW + timedelta(hours=2)
    assert "secret-" not in repr(grant)


@pytest.mark.parametrize("scope", [None, ""])
def test_scopes_may_be_left_out(scope: str | None) -> None:
    assert read_grant({"oauth": {**GRANT, "scope": scope}}, now=NOW).scopes == ()


@pytest.mark.parametrize(
    "change",
    [{"access_token": ""}, {"refresh_token": None}, {"expires_in": 0}, {"expires_in": "soon"}, {"expires_in": -5}],
)
def test_tokens_that_are_not_whole_are_not_taken_and_not_told(change: dict[str, Any]) -> None:
    with pytest.raises(PartnerFault, match=next(iter(change))) as told:
        read_grant({"oauth": {**GRANT, **change}}, now=NOW)
    assert "secret-" not in told.value.detail


@pytest.mark.parametrize("written", ["free", "-1", "1e9", "19,90", "", {"amount": 1}, ["19.90"]])
def test_an_msrp_that_is_no_price_is_not_taken(written: object) -> None:
    with pytest.raises(PartnerFault, match="msrp"):
        read_variant({"variant": {"id": "v1", "msrp": written}}, now=NOW)


def test_a_variant_that_tells_little_is_still_one() -> None:
    found = read_variant({"id": "v1"}, now=NOW)
    assert (found.msrp, found.availability, found.status) == (None, None, None)


@pytest.mark.parametrize(
    ("written", "percent"), [("10.0", "10.0"), (10, "10"), ("15%", "15"), ("15 %", "15"), (0, "0"), ("35", "35")]
)
def test_a_discount_is_read_however_it_is_written(written: object, percent: str) -> None:
    assert read_discount({"clinic": {"discount": written}}, now=NOW).percent == Decimal(percent)


@pytest.mark.parametrize("written", ["", "much", 101, -1, None, [10], "NaN", "%"])
def test_a_discount_that_is_none_is_not_taken(written: object) -> None:
    with pytest.raises(PartnerFault, match="discount"):
        read_discount({"clinic": {"discount": written}}, now=NOW)


@pytest.mark.parametrize("url", ["https://us-snd.fullscript.io/x?y=1", "https://us.fullscript.com/x"])
def test_a_plan_link_leads_to_fullscript(url: str) -> None:
    assert read_plan_link({"redirect_url": url}, now=NOW).url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://us.fullscript.com/x",
        "https://fullscript.com.evil.example/x",
        "https://evilfullscript.com/x",
        "https://us.fullscript.com@evil.example/x",
        "https://[broken",
        "https://evil.example\\.fullscript.com/x",
        "https://us.fullscript.com:8443@evil.example/",
        "https://us.fullscript.com/x\n",
        "javascript:alert(1)",
        "/relative",
        "",
    ],
)
def test_a_plan_link_that_leads_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(PartnerFault, match="redirect_url"):
        read_plan_link({"redirect_url": url}, now=NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"event_payload": {"event": {"type": "order.placed"}}}',
        b'{"event_payload": {"event": {"id": "a b", "type": "order.placed"}}}',
        b'{"event_payload": {"event": {"id": "e1", "type": "Order Placed!"}}}',
        b'{"event_payload": {"event": {"id": 7, "type": "order.placed"}}}',
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_no_event_is_told(body: bytes) -> None:
    with pytest.raises(BadInput):
        read_event(body)


@given(ANYTHING)
def test_whatever_is_answered_is_read_or_told(answer: Any) -> None:
    for read in (read_grant, read_variant, read_products, read_discount, read_plan_link):
        with pytest.raises(PartnerFault):
            read(answer, now=NOW)


@given(ANYTHING, ANYTHING)
def test_only_the_id_of_a_product_is_kept_of_an_event(kind: Any, data: Any) -> None:
    try:
        event = read_event(json.dumps({"event": {"id": "e1", "type": kind, "data": data}}).encode())
    except BadInput:
        return
    assert event.resource_id is None or event.type.startswith("product.")
