from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.referrals.addresses import UTM, ForeignAddress, Preset, page_address, short_address, with_utm
from service.shared.published import CAMPAIGN_ARGUMENTS

OURS = "https://herbs.example.com"
slugs = st.from_regex(r"\A[a-z0-9]{1,6}(-[a-z0-9]{1,4}){0,2}\Z")
parts = st.text("abcXYZ019-._~%20éü=", min_size=1, max_size=10)
queries = st.lists(st.tuples(parts, parts).map("=".join), max_size=4).map("&".join)


def test_every_preset_is_made_of_fixed_words_and_the_slug() -> None:
    assert set(UTM) == set(Preset)
    for arguments in UTM.values():
        assert set(arguments) <= CAMPAIGN_ARGUMENTS
        assert set(arguments.values()) <= {"practice", "sms", "email", "qr", "feed", "card", "{slug}"}


@given(st.sampled_from(Preset), slugs, queries, st.one_of(st.just(""), parts))
def test_a_preset_is_added_once_and_keeps_query_and_fragment(
    preset: Preset, slug: str, query: str, fragment: str
) -> None:
    url = page_address(slug, OURS) + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
    tagged = with_utm(url, preset, slug=slug, public_url=OURS)
    assert with_utm(tagged, preset, slug=slug, public_url=OURS) == tagged
    before, after = urlsplit(url), urlsplit(tagged)
    assert (after.scheme, after.netloc, after.path, after.fragment) == ("https", before.netloc, before.path, fragment)
    asked = parse_qsl(after.query, keep_blank_values=True)
    added = {name: value.replace("{slug}", slug) for name, value in UTM[preset].items()}
    assert asked == [*parse_qsl(before.query, keep_blank_values=True), *added.items()]


@given(st.sampled_from(Preset), st.sampled_from(Preset), slugs)
def test_a_later_preset_takes_the_place_of_an_earlier(first: Preset, second: Preset, slug: str) -> None:
    page = page_address(slug, OURS)
    once = with_utm(page, second, slug=slug, public_url=OURS)
    assert with_utm(with_utm(page, first, slug=slug, public_url=OURS), second, slug=slug, public_url=OURS) == once


@pytest.mark.parametrize(
    "url",
    [
        "https://www.amazon.com/s?k=x&tag=a-20",
        "https://us.fullscript.com/welcome/a",
        "http://herbs.example.com/f/a",
        "https://herbs.example.com:444/f/a",
        "https://herbs.example.com@evil.example/f/a",
        "https://herbs.example.com.evil.example/",
        "/f/a",
        "",
    ],
)
@pytest.mark.parametrize("preset", Preset)
def test_no_address_but_ours_is_ever_changed(url: str, preset: Preset) -> None:
    with pytest.raises(ForeignAddress):
        with_utm(url, preset, slug="a", public_url=OURS)


def test_an_address_beside_the_folder_we_live_in_is_not_ours() -> None:
    home = "https://practice.example.com/herbs"
    assert with_utm(f"{home}/f/a", Preset.PRINT, slug="a", public_url=home) == f"{home}/f/a?utm_medium=qr"
    with pytest.raises(ForeignAddress):
        with_utm("https://practice.example.com/herbsale", Preset.PRINT, slug="a", public_url=home)


def test_a_formula_without_a_short_name_has_no_short_address() -> None:
    assert short_address(None, OURS) is None
    assert short_address("du-huo", OURS) == f"{OURS}/du-huo"
