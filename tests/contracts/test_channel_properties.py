"""What holds for any input: where /go leads, what an emitted URL is made of, what a tampered policy cannot loosen."""

import re
from datetime import date
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from service.catalog.codes import product_code
from service.catalog.schemas import DestinationIn
from service.extensions import limiter
from service.referrals.addresses import Preset, with_utm
from service.referrals.offers import OfferedFormula, offers_for
from service.referrals.policy import PLACEMENTS, Channel
from service.referrals.schemas import AccountIn, ProgramIn
from tests.contracts.combinations import ACCOUNTS, CHANNELS, DEFAULTS, START, book_of, states
from tests.contracts.expectations import FORMULAS, PRODUCTS
from tests.contracts.observations import VENDORS, figures_of
from tests.contracts.surfaces import Walker
from tests.referrals.books import PUBLIC_URL, book, discount, formula, program

CODES = [product_code(product) + letter for one in FORMULAS for product in one.products for letter in "wc"]
ADMITTED = {"shop.example.net", "us.fullscript.com"}
# What has led other redirectors astray.
PIECES = [
    *CODES,
    *("/", "//", "..", "/../", ".", "\\", "@", ":443", "?", "#", ";", "%", "+", " "),
    *("%2f", "%2F%2F", "%2e%2e", "%5c", "%00", "%0d%0a", "%25", "%c0%af", "&", "=", "\r\nLocation: "),
    *("evil.example", "//evil.example", "https://evil.example/", "@evil.example", ".evil.example", "．", "。", "é"),
    *("card", "page", "site", "go", "/go/", "next", "url"),
]
pieces = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=6).map("".join)
encoded = pieces.filter(lambda text: text.encode("utf-8", "replace").decode() == text).map(
    lambda text: text.encode().decode("latin-1")
)
paths = st.builds(
    "{}{}{}".format, st.sampled_from(["/go/", "/go//", "//go/"]), st.sampled_from([*CODES, "", "22222222w"]), encoded
)
HEADERS = ("Host", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "Forwarded", "X-Original-URL")
ascii_pieces = st.sampled_from(["evil.example", "evil.example:80", "https", "/evil", "host=evil.example", "herbs"])
headers = st.dictionaries(st.sampled_from([*HEADERS, "X-Rewrite-URL", "Referer", "Origin"]), ascii_pieces, max_size=4)
METHODS = st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE"])


@pytest.fixture
def astray(walker: Walker) -> Walker:
    """Programs whose templates put the place of a link into a path, a query, and right behind the host."""
    plain = next(state for state in states() if state.name == "a shop")
    found = book_of(plain, dict.fromkeys(PRODUCTS, ()), PRODUCTS)
    shop, dispensary = ACCOUNTS["a shop"], ACCOUNTS["Fullscript US"]
    behind = dict.fromkeys(("welcome", "search"), "https://shop.example.net{+placement}")
    within = dict.fromkeys(("welcome", "search"), "https://shop.example.net/a/{placement}{?rcode,placement}")
    walker.put(
        type(found)(
            practice=found.practice,
            programs={
                "fullscript": shop.known("fullscript", templates=behind),
                "second": dispensary.known("second"),
                "amazon": shop.known("amazon", templates=within),
            },
            public_url=PUBLIC_URL,
        )
    )
    return walker


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=paths, query=encoded, sent=headers, method=METHODS)
def test_no_request_makes_the_redirect_leave_the_list_of_hosts(
    astray: Walker, path: str, query: str, sent: dict[str, str], method: str
) -> None:
    limiter.reset()
    raw = {"PATH_INFO": path, "QUERY_STRING": query.replace("\r", "").replace("\n", "")}
    # The second time it may come from memory.
    for _ in range(2):
        answer = astray.client.open("/go/x", method=method, headers=sent, environ_overrides=raw)
        assert answer.status_code < 500 or answer.status_code == 501
        location = answer.headers.get("Location")
        if location is not None:
            parts = urlsplit(location)
            assert (parts.scheme, parts.username, parts.port) == ("https", None, None), location
            assert parts.hostname in ADMITTED, location
            assert "evil" not in location


@pytest.mark.parametrize("code", CODES)
def test_the_codes_of_that_property_do_lead_out(astray: Walker, code: str) -> None:
    location = astray.client.get(f"/go/{code}/card").headers.get("Location", "")
    is_refused = code.startswith(product_code(FORMULAS[0].products[0]))
    assert (urlsplit(location).hostname in ADMITTED) is not is_refused


@pytest.mark.parametrize("place", ["jane", "jane@example.com", "1980-01-02", "nowhere"])
def test_a_place_nobody_knows_breaks_no_link_and_does_not_reach_the_vendor(astray: Walker, place: str) -> None:
    code = product_code("zheng-gu-shui-regular")
    location = astray.client.get(f"/go/{code}w/{place}").headers["Location"]
    assert location == "https://shop.example.net/a/site?rcode=WALK1&placement=site"


def test_no_redirect_to_the_host_a_request_names(astray: Walker) -> None:
    answer = astray.client.get(f"/go//{CODES[0]}", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers.get("Location")) == (404, None)


names = st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\Z")
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
PLACES = st.sampled_from(["", "card", "page", "spring-letter"])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    variables=st.dictionaries(names, texts, min_size=1, max_size=3),
    account=st.dictionaries(names, texts, min_size=1, max_size=3),
    of_place=texts,
    placement=PLACES,
)
def test_every_emitted_url_parses_back_to_its_parts(
    variables: dict[str, str], account: dict[str, str], of_place: str, placement: str
) -> None:
    last = sorted(account)[0]
    queried = sorted({*variables, *account} - {last, "placement"})
    template = f"https://shop.example.com/{{placement}}/{{{last}}}/x{{?{','.join([*queried, 'fixed'])}}}"
    places = {"spring-letter": {**account, "fixed": of_place}}
    document: dict[str, Any] = {
        "key": "template",
        "kind": "template",
        "seller": "A Shop",
        "templates": {"welcome": template},
        "allowed_hosts": ["shop.example.com"],
        "policy": {"public_web": {"link": "direct"}},
    }
    try:
        loaded = ProgramIn().load(document)
        owned = AccountIn().load({"settings": {**account, "fixed": "1"}, "placements": places})
        destination = DestinationIn().load({"template": "welcome", "variables": variables})
    except ValidationError:
        assume(False)
        raise
    known = program(
        "template",
        templates=loaded["templates"],
        settings=owned["settings"],
        placements=owned["placements"],
        policy=loaded["policy"],
    )
    product = {**formula("template").products[0], "destination": destination}
    offered = OfferedFormula("a-formula", "internal_formula", "A Formula", (product,))
    for channel in Channel:
        found = offers_for(offered, channel, book=book(known), now=START, placement=placement)
        assert [*(one.product for one in found.offers), *found.unavailable] == ["a-product"]
        for offer in found.offers:
            parts = urlsplit(offer.url)
            if offer.link == "direct":
                bound = {**variables, **owned["settings"], **owned["placements"].get(placement, {})}
                bound["placement"] = placement or (str(channel) if channel in PLACEMENTS else "site")
                assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "shop.example.com", "")
                assert [unquote(part) for part in parts.path.split("/")] == ["", bound["placement"], bound[last], "x"]
                wanted = {name: [bound[name]] for name in [*queried, "fixed"]}
                assert parse_qs(parts.query, keep_blank_values=True) == wanted
            elif offer.link == "go":
                code = re.fullmatch(r"/go/([^/]+)(w|c)(?:/([a-z-]+))?", parts.path)
                assert code is not None
                assert code.groups("") == (
                    product_code("a-product"),
                    "w" if channel is Channel.PUBLIC_WEB else "c",
                    placement,
                )
                assert (parts.netloc, parts.query) == ("herbs.example.com", "")
            else:
                assert offer.url == f"{PUBLIC_URL}/f/a-formula"


@given(slug=st.from_regex(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z"), preset=st.sampled_from(Preset))
def test_a_campaigns_address_parses_back_to_our_page_and_its_preset(slug: str, preset: Preset) -> None:
    parts = urlsplit(with_utm(f"{PUBLIC_URL}/f/{slug}", preset, slug=slug, public_url=PUBLIC_URL))
    assert (parts.netloc, parts.path) == ("herbs.example.com", f"/f/{slug}")
    query = parse_qs(parts.query)
    assert {name for name in query if not name.startswith("utm_")} == set()
    assert query.get("utm_campaign", [slug]) == [slug]


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["go", "direct", "figure"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner, max_size=2),
    max_leaves=4,
)
permissions = junk | st.fixed_dictionaries(
    {}, optional={"note": st.sampled_from(["Their letter."]) | junk, "given_on": st.just("2026-01-02") | junk}
)
links = st.sampled_from(["direct", "go", "page", "qr", "spoken"])
cells = junk | st.fixed_dictionaries(
    {},
    optional={
        "link": links | junk,
        "discount": st.sampled_from(["none", "neutral", "figure"]) | junk,
        "permission": permissions,
    },
)
policies = st.dictionaries(st.sampled_from(CHANNELS) | st.text(max_size=4), cells, max_size=6)
LOOSENESS = ("none", "neutral", "figure")


def is_leave(own: Any) -> bool:
    """Whether a cell carries a permission that says something and the day it was given."""
    leave = own.get("permission") if isinstance(own, dict) else None
    if not isinstance(leave, dict) or not isinstance(leave.get("note"), str) or not leave["note"].strip():
        return False
    try:
        return isinstance(leave.get("given_on"), str) and bool(date.fromisoformat(leave["given_on"]))
    except ValueError:
        return False


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(sorted(DEFAULTS)), policy=policies)
def test_no_tampered_policy_emits_what_is_forbidden(kind: str, policy: dict[str, Any]) -> None:
    public = discount(audience="public", how="automatic", percent_min=17, percent_max=23)
    known = program(kind, policy=policy, discounts=(public,))
    for channel in CHANNELS:
        (offer,) = offers_for(formula(kind), Channel(channel), book=book(known), now=START).offers
        told = repr(offer)
        if channel in ("print", "speech"):
            assert offer.link not in ("direct", "go")
            assert not VENDORS.search(offer.url)
        if channel in ("feed", "message"):
            assert offer.link != "go"
        if kind == "amazon_associates":
            assert (offer.discount, offer.price) == (None, None)
            assert offer.link != "go"
            assert (offer.paid_link_label == "(paid link)") is (offer.link == "direct")
        if not is_leave(policy.get(channel)):
            link, view = DEFAULTS[kind].split()[CHANNELS.index(channel)].split("/")
            assert offer.permission is None
            assert offer.link not in ("direct", "go") or link in ("direct", "go")
            assert view == "figure" or not figures_of(told) & {"17", "23"}
