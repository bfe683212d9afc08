from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.referrals.destinations import (
    DestinationRefused,
    build_destination,
    check_host,
    check_way,
    destination_of,
)
from service.referrals.marketplaces import fault_of_account
from tests.referrals.books import program

HOSTS = ("www.amazon.com", "us.fullscript.com")
SEARCH = {"search": "https://www.amazon.com/s{?k,tag}"}
values = st.text(min_size=1, max_size=30)


@given(values, values)
def test_a_built_url_parses_back_to_its_parts(k: str, tag: str) -> None:
    url = build_destination(
        {"template": "search", "variables": {"k": k}}, templates=SEARCH, settings={"tag": tag}, allowed_hosts=HOSTS
    )
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "www.amazon.com", "/s")
    assert parse_qs(parts.query, keep_blank_values=True) == {"k": [k], "tag": [tag]}


@given(st.text(max_size=80))
def test_no_text_gets_past_the_list_of_hosts(text: str) -> None:
    for url in (text, f"https://{text}", f"https://www.amazon.com{text}", f"//{text}"):
        try:
            checked = check_host(url, HOSTS)
        except DestinationRefused:
            continue
        assert urlsplit(checked).hostname in HOSTS
        assert checked.startswith("https://")


def test_the_settings_of_the_account_cannot_be_overridden_by_a_product() -> None:
    url = build_destination(
        {"template": "search", "variables": {"k": "x", "tag": "thief-20"}},
        templates=SEARCH,
        settings={"tag": "ours-20"},
        allowed_hosts=HOSTS,
    )
    assert url == "https://www.amazon.com/s?k=x&tag=ours-20"


def test_a_pasted_link_is_kept_as_it_is() -> None:
    pasted = "https://us.fullscript.com/product_cards/123/preview?x=%2Fa#b"
    assert build_destination({"url": pasted}, templates={}, settings={}, allowed_hosts=HOSTS) == pasted


@pytest.mark.parametrize(
    "url",
    [
        "http://www.amazon.com/",
        "https://www.amazon.com.evil.example/",
        "https://www.amazon.com@evil.example/",
        "https://user:pass@www.amazon.com/",
        "https://www.amazon.com:8443/",
        "https://evil.example\\@www.amazon.com/",
        "https://www.amazon.com/\r\nSet-Cookie: x",
        "https://www.аmazon.com/",
        "javascript:alert(1)",
        "//www.amazon.com/",
        "https://[::1/",
        "https://www.amazon.com/dp/B000000000/../../gp/redirect.html",
        "https://www.amazon.com/x/%2e%2e/y",
        "https://www.amazon.com//welcome/other",
        "",
    ],
)
def test_tricks_are_refused(url: str) -> None:
    with pytest.raises(DestinationRefused):
        check_host(url, HOSTS)


def test_an_unbound_variable_is_refused_by_name() -> None:
    with pytest.raises(DestinationRefused, match="lacks a value for k"):
        build_destination({"template": "search"}, templates=SEARCH, settings={"tag": "a-20"}, allowed_hosts=HOSTS)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.amazon.com/dp/B000000000?tag=a-practice-20",
        "https://www.amazon.com/Zheng-Gu-Shui/dp/B000000000/ref=x?tag=a-practice-20",
        "https://www.amazon.com/gp/product/B000000000?tag=a-practice-20",
        "https://www.amazon.com/s?k=liniment&tag=a-practice-20",
        "https://www.amazon.com/shop/a.practice?tag=a-practice-20",
    ],
)
def test_an_amazon_link_is_a_product_a_search_or_a_shop(url: str) -> None:
    assert destination_of({"destination": {"url": url}}, program("amazon_associates")) == url


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://www.amazon.com/dp/b000000000?tag=a-practice-20", "ASIN"),
        ("https://www.amazon.com/dp/B00000000?tag=a-practice-20", "ASIN"),
        ("https://www.amazon.com/s?tag=a-practice-20", "search"),
        ("https://www.amazon.com/gp/redirect.html?tag=a-practice-20", "no product"),
        ("https://www.amazon.com/dp/B000000000?tag=thief-20", "our tag"),
        ("https://www.amazon.com/dp/B000000000", "our tag"),
        ("https://www.amazon.com/dp/B000000000?tag=a-practice-20&tag=thief-20", "our tag"),
        ("https://www.amazon.com/dp/B000000000?tag=a-practice-20&ascsubtag=jane+doe", "a name"),
    ],
)
def test_any_other_amazon_link_is_refused(url: str, told: str) -> None:
    with pytest.raises(DestinationRefused, match=told):
        destination_of({"destination": {"url": url}}, program("amazon_associates"))


def test_a_welcome_to_another_dispensary_is_refused_and_opaque_links_are_kept() -> None:
    found = program("fullscript")
    kept = "https://us.fullscript.com/protocols/a1b2-c3?x=%2F#y"
    assert destination_of({"destination": {"url": kept}}, found) == kept
    for path in ("/welcome/another", "/Welcome/another", "/welcome/", "/welcome"):
        with pytest.raises(DestinationRefused, match="another dispensary"):
            destination_of({"destination": {"url": f"https://us.fullscript.com{path}"}}, found)


def test_each_placement_has_its_own_tracking_id() -> None:
    found = program("amazon_associates", placements={"card": {"tag": "a-card-20"}})
    way = {"destination": {"template": "welcome"}}
    assert "tag=a-card-20" in destination_of(way, found, "card")
    assert "tag=a-practice-20" in destination_of(way, found, "page")


def test_a_way_is_tried_with_the_account_of_every_placement() -> None:
    found = program("amazon_associates", placements={"card": {"tag": "a-card-20"}})
    pasted = {"destination": {"url": "https://www.amazon.com/dp/B000000000?tag=a-practice-20"}}
    assert destination_of(pasted, found)
    with pytest.raises(DestinationRefused, match="our tag 'a-card-20'"):
        check_way(pasted, found)


@pytest.mark.parametrize(
    "template", ["https://shop.example.com/{?clickref}", "https://shop.example.com/?subId1={rcode}"]
)
def test_a_sub_id_holds_nothing_of_an_account_or_a_product(template: str) -> None:
    settings = {"rcode": "R1", "clickref": "jane-smith", "placement": "jane-smith"}
    found = program("template", templates={"welcome": template}, settings=settings)
    with pytest.raises(DestinationRefused, match=r"bind it to \{placement\}"):
        destination_of({"destination": {"template": "welcome"}}, found, "card")


def test_an_account_cannot_speak_for_the_placement() -> None:
    templates = {"welcome": "https://shop.example.com/?clickref={placement}"}
    found = program("template", templates=templates, settings={"placement": "jane-smith"})
    url = destination_of({"destination": {"template": "welcome"}}, found, "card")
    assert url == "https://shop.example.com/?clickref=card"
    assert fault_of_account("template", None, {"placement": "x"})


def test_a_path_brings_no_arguments_of_its_own() -> None:
    found = program(
        "template", templates={"page": "https://shop.example.com/{+path}{?rcode}"}, settings={"rcode": "R1"}
    )
    with pytest.raises(DestinationRefused, match="path of the page alone"):
        destination_of({"destination": {"template": "page", "variables": {"path": "a/b?x=1"}}}, found)


@pytest.mark.parametrize(
    "page",
    [
        "https://www.amazon.com/dp/B000000000?tag=a-practice-20",
        "https%3A%2F%2Fwww.amazon.com%2Fdp%2FB000000000",
        "https://x.example.com/?to=https%3A%2F%2Famzn.to%2Fx",
        "us.fullscript.com/welcome/a-practice",
        "https://WWW.AMAZON.COM./dp/B000000000",
    ],
)
def test_a_network_hands_nobody_on_to_a_host_of_another_kind(page: str) -> None:
    found = program("template", templates={"link": "https://go.example.net/c{?ued}"}, allowed_hosts=("go.example.net",))
    with pytest.raises(DestinationRefused, match="leads on to"):
        destination_of({"destination": {"template": "link", "variables": {"ued": page}}}, found)
    kept = {
        "destination": {"template": "link", "variables": {"ued": "https://brand.example.com/a.co-op?x=amazon-like"}}
    }
    assert destination_of(kept, found)


def test_a_sub_id_is_bound_to_the_placement() -> None:
    found = program("template", templates={"welcome": "https://shop.example.com/{?rcode}&clickref={placement}"})
    way = {"destination": {"template": "welcome"}}
    assert parse_qs(urlsplit(destination_of(way, found, "card")).query)["clickref"] == ["card"]
    assert parse_qs(urlsplit(destination_of(way, found)).query)["clickref"] == ["site"]


@pytest.mark.parametrize(
    "host", ["www.amazon.com", "us.fullscript.com", "amzn.to", "link.amazon", "c.amazon-adsystem.com"]
)
def test_a_host_whose_rules_another_kind_stands_for_is_refused_though_it_is_listed(host: str) -> None:
    found = program("template", templates={"welcome": f"https://{host}/x{{?rcode}}"}, allowed_hosts=(host,))
    with pytest.raises(DestinationRefused, match="programs of kind"):
        destination_of({"destination": {"template": "welcome"}}, found)
