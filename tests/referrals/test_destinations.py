from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.referrals.destinations import DestinationRefused, build_destination, check_host

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
        "",
    ],
)
def test_tricks_are_refused(url: str) -> None:
    with pytest.raises(DestinationRefused):
        check_host(url, HOSTS)


def test_an_unbound_variable_is_refused_by_name() -> None:
    with pytest.raises(DestinationRefused, match="lacks a value for k"):
        build_destination({"template": "search"}, templates=SEARCH, settings={"tag": "a-20"}, allowed_hosts=HOSTS)
