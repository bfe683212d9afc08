"""What an answer says of a link: alive, blocked, dead, leading wrong, or nothing."""

import pytest

from service.partners.links import Outcome, Probe
from service.referrals.health import (
    judge,
)
from service.referrals.links import Verdict
from tests.partners.web import Answer, Visit, Web, redirect, status
from tests.referrals.books import program
from tests.referrals.shop import SHOP_URL


def hang_up(visit: Visit) -> None:
    """Say nothing at all."""


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (redirect("/du-huo/?rcode=A1"), Verdict.ALIVE),
        (redirect("https://www.shop.example.com/du-huo/?x=1&rcode=A1"), Verdict.ALIVE),
        (redirect("/login?next=%2Fdu-huo%3Frcode%3DA1"), Verdict.ALIVE),
        (redirect("/set?rcode=A1"), Verdict.ALIVE),  # taken into the site's own books on the way
        (redirect("/du-huo/"), Verdict.WRONG),
        (redirect("/du-huo/?rcode=A12"), Verdict.WRONG),
        (redirect("https://network.example.net/?rcode=A1"), Verdict.WRONG),
        (redirect("https://network.example.net/refused"), Verdict.BLOCKED),
        (redirect("https://www.amazon.com/?rcode=A1"), Verdict.WRONG),
        (redirect("http://shop.example.com/du-huo/?rcode=A1"), Verdict.WRONG),
        (redirect("https://169.254.169.254/?rcode=A1"), Verdict.WRONG),
        (redirect("/du-huo?rcode=A1"), Verdict.WRONG),  # for ever
        (status(404), Verdict.DEAD),
        (status(410), Verdict.DEAD),
        (status(401), Verdict.BLOCKED),
        (status(403), Verdict.BLOCKED),
        (status(429), Verdict.BLOCKED),
        (status(503, Retry_After="9"), Verdict.BLOCKED),
        (status(503), Verdict.UNKNOWN),
        (status(500), Verdict.UNKNOWN),
        (status(418), Verdict.UNKNOWN),
        (status(304), Verdict.UNKNOWN),
        (hang_up, Verdict.UNKNOWN),
    ],
)
def test_the_verdict_of_an_answer(web: Web, answer: Answer, verdict: Verdict) -> None:
    web.routes |= {path: status(200) for path in ("/", "/du-huo/", "/login")}
    web.routes |= {"/du-huo": answer, "/set": redirect("/du-huo/"), "/refused": status(403)}
    shop = program("template", allowed_hosts=("shop.example.com", "www.shop.example.com"))
    prober = web.prober(avoid=lambda host: host == "www.amazon.com")
    found, reason = judge(prober.probe(SHOP_URL), shop)
    assert (found, reason.endswith(".")) == (verdict, True)


def test_a_network_that_hands_over_to_another_site_keeps_the_account_itself() -> None:
    awin = program(
        "template",
        settings={"awinaffid": "45628"},
        allowed_hosts=("www.awin1.com", "www.merchant.example"),
    )
    first, end = "https://www.awin1.com/cread.php?awinaffid=45628", "https://www.merchant.example/?awc=1_2_3"
    probe = Probe(200, end, (first, end), Outcome.ANSWERED, "It answers 200.")
    assert judge(probe, awin)[0] is Verdict.ALIVE


IMPACT = "https://goto.brand.com/c/11/22/33"
TO_BRAND = f"{IMPACT}?u=https%3A%2F%2Fwww.brand.com%2Fip%2F1"
BY_NETWORK = "https://track.network.co.uk/?affid=A1"
TO_MERCHANT = f"{BY_NETWORK}&ued=https%3A%2F%2Fmerchant.co.uk%2Fp"


@pytest.mark.parametrize(
    ("hops", "verdict"),
    [
        # On the brand's own subdomain, with a mark of the network's or without.
        ((TO_BRAND, "https://www.brand.com/ip/1?irclickid=abc"), Verdict.ALIVE),
        ((TO_BRAND, "https://www.brand.com/ip/1?irgwc=1"), Verdict.ALIVE),
        ((IMPACT, "https://www.brand.com/?irclickid=abc"), Verdict.ALIVE),
        ((TO_BRAND, "https://www.brand.com/ip/1?irclickid=abc", "https://www.brand.com/ip/1"), Verdict.ALIVE),
        ((TO_BRAND, "https://www.brand.com/ip/1"), Verdict.WRONG),
        ((TO_BRAND, "https://www.brand.com/ip/1?irclickid="), Verdict.WRONG),
        # A mark that we wrote ourselves is none of the network's.
        ((f"{IMPACT}?clickref=site", "https://www.brand.com/?clickref=site"), Verdict.WRONG),
        # Two sites below co.uk, the second one named in our link, or a host of the program.
        ((TO_MERCHANT, "https://www.merchant.co.uk/p?awc=1_2_3"), Verdict.ALIVE),
        ((TO_MERCHANT, "https://www.merchant.co.uk/p?ranSiteID=x-1"), Verdict.ALIVE),
        ((BY_NETWORK, "https://shop.merchant.co.uk/p"), Verdict.ALIVE),
        ((TO_MERCHANT, "https://www.merchant.co.uk/p"), Verdict.WRONG),
        # A domain that was sold on ends at another's link.
        ((TO_BRAND, "https://www.elsewhere.com/?irclickid=abc"), Verdict.WRONG),
        ((TO_MERCHANT, "https://elsewhere.co.uk/?awc=1_2_3"), Verdict.WRONG),
    ],
)
def test_what_a_network_hands_over_is_known_by_its_mark(hops: tuple[str, ...], verdict: Verdict) -> None:
    network = program(
        "template",
        settings={"mpid": "11", "affid": "A1"},
        allowed_hosts=("goto.brand.com", "track.network.co.uk", "www.brand.com", "shop.merchant.co.uk"),
    )
    probe = Probe(200, hops[-1], hops, Outcome.ANSWERED, "It answers 200.")
    assert judge(probe, network)[0] is verdict


def test_a_mark_excuses_no_other_kind_of_program() -> None:
    dispensary = program("fullscript")
    hops = ("https://us.fullscript.com/welcome/a-practice", "https://us.fullscript.com/?awc=1_2_3")
    probe = Probe(200, hops[-1], hops, Outcome.ANSWERED, "It answers 200.")
    assert judge(probe, dispensary)[0] is Verdict.WRONG
