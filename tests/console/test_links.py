import re

import pytest
from flask import Flask

from service.console import links
from service.referrals.health import check_links
from tests.conftest import SignInAs
from tests.partners.web import Web, status
from tests.referrals.shop import OWN_URL, PRODUCT, SHOP, SHOP_URL, offer, open_shop

OWN = "/welcome/example-dispensary"


@pytest.fixture
def with_shop(app: Flask, web: Web) -> None:
    """A product with a substitute, whose own link is gone."""
    open_shop()
    offer(SHOP)
    web.routes |= {OWN: status(404), "/du-huo": status(200)}


def check(web: Web, times: int = 1) -> None:
    for _ in range(times):
        check_links(web.prober(), product=PRODUCT)


def lines(page: str) -> list[str]:
    """The table's lines, their markup taken out."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in body.split("</tr>")[:-1]]


def test_a_link_nobody_checked_says_so(sign_in_as: SignInAs) -> None:
    found = lines(sign_in_as().get("/console/links").text)
    assert len(found) == 4
    assert all("○ Not checked yet This one. 0 Never https://" in line for line in found)


def test_a_flagged_link_is_first_with_the_substitute_that_stands_in(
    web: Web, with_shop: None, sign_in_as: SignInAs
) -> None:
    check(web)
    client = sign_in_as("practitioner")
    assert not any("Flagged" in line for line in lines(client.get("/console/links").text))
    check(web)
    flagged, substitute, *others = lines(client.get("/console/links").text)
    assert f"Fullscript, its own link {PRODUCT} ▲ Gone ▲ Flagged It answers 404." in flagged
    assert "A Shop, substitute 1, stands in. 2 20" in flagged
    assert flagged.endswith(OWN_URL)
    assert f"A Shop, substitute 1 {PRODUCT} ✓ Works It answers 200. This one. 0 20" in substitute
    assert substitute.endswith(SHOP_URL)
    assert len(others) == 3


def test_where_every_way_fails_the_page_says_which_is_offered_all_the_same(
    web: Web, with_shop: None, sign_in_as: SignInAs
) -> None:
    web.routes["/du-huo"] = status(410)
    check(web, times=2)
    own, substitute = lines(sign_in_as().get("/console/links").text)[:2]
    assert "This one, since nothing else is left. 2 " in own
    assert "Fullscript, its own link. 2 " in substitute


def test_a_faulty_link_is_flagged_and_offered_all_the_same(web: Web, with_shop: None, sign_in_as: SignInAs) -> None:
    web.routes[OWN] = status(500)
    check(web, times=2)
    faulty = lines(sign_in_as().get("/console/links").text)[0]
    assert "▲ Faulty ▲ Flagged It answers 500. This one. 2 20" in faulty
    assert sign_in_as().get("/console/").text.count("has failed 2 times in a row") == 1


def test_home_tells_a_flagged_link_once(web: Web, with_shop: None, sign_in_as: SignInAs) -> None:
    check(web, times=2)
    assert sign_in_as().get("/console/").text.count("has failed 2 times in a row") == 1


def test_a_vendors_address_is_text_and_never_a_link(sign_in_as: SignInAs) -> None:
    page = sign_in_as().get("/console/links").text
    assert "https://www.amazon.com/s?" in page
    assert not re.search(r'href="https?://', page)


def test_pages_of_links_meet(sign_in_as: SignInAs, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in_as()
    whole = lines(client.get("/console/links").text)
    monkeypatch.setattr(links, "DEFAULT_LIMIT", 3)
    found, path = [], "/console/links"
    while path:
        page = client.get(path).text
        found += lines(page)
        more = re.search(r'href="(/console/links\?cursor=[^"]+)"', page)
        path = more[1] if more else ""
    assert found == whole
    assert client.get("/console/links?cursor=forged!").status_code == 422
