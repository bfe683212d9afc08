"""The prober against a real server that misbehaves in every way we know."""

import threading

import pytest

from service.partners.links import MAX_BYTES, Outcome
from tests.partners.web import Visit, Web, by_method, redirect, status

SHOP = "https://shop.example.com"


def test_a_link_that_answers_is_told_with_its_way(web: Web) -> None:
    web.routes = {"/a": redirect("/b?x=1"), "/b": redirect(f"{SHOP}/c", code=308), "/c": status(200)}
    probe = web.prober().probe(f"{SHOP}/a")
    assert (probe.status, probe.outcome, probe.final_url) == (200, Outcome.ANSWERED, f"{SHOP}/c")
    assert probe.hops == (f"{SHOP}/a", f"{SHOP}/b?x=1", f"{SHOP}/c")
    assert web.asked == ["HEAD /a", "HEAD /b?x=1", "HEAD /c"]


def test_every_request_says_who_asks_and_carries_no_cookie(web: Web) -> None:
    web.routes = {"/a": redirect("/b", Set_Cookie="id=1; Path=/"), "/b": status(200, Set_Cookie="id=2; Path=/")}
    prober = web.prober()
    prober.probe(f"{SHOP}/a")
    prober.probe(f"{SHOP}/a")
    assert len(web.seen) == 4
    for _, host, _, headers in web.seen:
        assert host == "shop.example.com"
        assert headers["User-Agent"] == "Formulary-link-check/1 (+https://herbs.example.com)"
        assert not {"Cookie", "Authorization", "Referer"} & set(headers)


@pytest.mark.parametrize("code", [400, 404, 405, 410, 500, 501])
def test_what_fails_to_head_is_asked_again_with_get(web: Web, code: int) -> None:
    web.routes = {"/a": by_method(HEAD=status(code), GET=status(200))}
    assert web.prober().probe(f"{SHOP}/a").status == 200
    assert web.asked == ["HEAD /a", "GET /a"]


@pytest.mark.parametrize("code", [404, 410, 418, 500, 502])
def test_the_status_of_get_is_what_counts(web: Web, code: int) -> None:
    web.routes = {"/a": status(code)}
    probe = web.prober().probe(f"{SHOP}/a")
    assert (probe.status, probe.outcome) == (code, Outcome.ANSWERED)


@pytest.mark.parametrize("code", [401, 403])
def test_a_refusal_is_taken_at_its_word(web: Web, code: int) -> None:
    web.routes = {"/a": status(code)}
    assert web.prober().probe(f"{SHOP}/a").status == code
    assert web.asked == ["HEAD /a"]


@pytest.mark.parametrize(
    "answer",
    [
        status(503, Retry_After="5"),
        status(503, cf_mitigated="challenge"),
        status(503, b"<p>Please complete the CAPTCHA</p>"),
        status(429),
    ],
)
def test_what_is_meant_for_robots_is_a_challenge(web: Web, answer: object) -> None:
    web.routes = {"/a": answer}  # type: ignore[dict-item]  # pytest's parameters are objects
    probe = web.prober().probe(f"{SHOP}/a")
    assert probe.outcome is Outcome.CHALLENGED
    assert probe.status in (429, 503)


def test_a_503_that_asks_for_nothing_is_a_plain_fault(web: Web) -> None:
    web.routes = {"/a": status(503, b"Down for now.")}
    assert web.prober().probe(f"{SHOP}/a").outcome is Outcome.ANSWERED


@pytest.mark.parametrize(
    ("retry_after", "quiet"),
    [("300", 300), ("1", 60), ("999999999999", 3600), ("soon", 60), ("Wed, 21 Oct 2015 07:28:00 GMT", 60)],
)
def test_a_host_that_asks_for_quiet_is_left_alone_as_long_as_it_asked_within_bounds(
    web: Web, retry_after: str, quiet: float
) -> None:
    now = [1000.0]
    prober = web.prober(clock=lambda: now[0])
    web.routes = {"/a": status(429, Retry_After=retry_after), "/b": status(200)}
    assert prober.probe(f"{SHOP}/a").outcome is Outcome.CHALLENGED
    now[0] += quiet - 1
    assert prober.probe(f"{SHOP}/b").outcome is Outcome.PUT_OFF
    assert prober.probe("https://us.fullscript.com/b").outcome is Outcome.ANSWERED
    assert web.asked == ["HEAD /a", "HEAD /b"]
    now[0] += 2
    assert prober.probe(f"{SHOP}/b").outcome is Outcome.ANSWERED


def test_a_host_is_asked_once_a_second_at_most(web: Web) -> None:
    now = [50.0]

    def sleep(seconds: float) -> None:
        web.slept.append(seconds)
        now[0] += seconds

    web.routes = {"/a": redirect("/b"), "/b": by_method(HEAD=status(405), GET=status(200))}
    prober = web.prober(clock=lambda: now[0], sleep=sleep)
    prober.probe(f"{SHOP}/a")
    assert web.slept == [1.0, 1.0]
    prober.probe("https://us.fullscript.com/b")
    assert web.slept == [1.0, 1.0, 1.0]  # between that host's own two requests alone


def test_redirects_end_after_five(web: Web) -> None:
    web.routes = {f"/{number}": redirect(f"/{number + 1}") for number in range(9)} | {"/9": status(200)}
    assert web.prober().probe(f"{SHOP}/4").status == 200
    probe = web.prober().probe(f"{SHOP}/3")
    assert (probe.outcome, probe.final_url) == (Outcome.LED_ASTRAY, f"{SHOP}/8")


def test_a_loop_ends(web: Web) -> None:
    web.routes = {"/a": redirect("/b"), "/b": redirect("/a")}
    assert web.prober().probe(f"{SHOP}/a").outcome is Outcome.LED_ASTRAY
    assert len(web.seen) == 6


@pytest.mark.parametrize(
    "target",
    [
        "http://shop.example.com/b",
        "ftp://shop.example.com/b",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://user:secret@shop.example.com/b",
        "https://shop.example.com:22/b",
        "https://[::1/b",
        "https://shop.example.com:99999/b",
    ],
)
def test_a_redirect_away_from_plain_https_is_not_followed(web: Web, target: str) -> None:
    web.routes = {"/a": redirect(target)}
    probe = web.prober().probe(f"{SHOP}/a")
    assert (probe.status, probe.outcome) == (None, Outcome.LED_ASTRAY)
    assert web.asked == ["HEAD /a"]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.2",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - a target, not an address to listen on
        "[::1]",
        "[::ffff:127.0.0.2]",
        "[::127.0.0.2]",
        "[64:ff9b::a00:1]",
        "[2002:a00:1::1]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "2130706434",  # 127.0.0.2
        "0x7f000002",
        "0177.0.0.2",
        "127.2",
        "inside.example.com",
        "localhost",
    ],
)
def test_a_redirect_into_a_private_network_is_refused_before_a_connection(web: Web, host: str) -> None:
    web.addresses = {"inside.example.com": [["10.1.2.3"]], "localhost": [["::1"], ["127.0.0.2"]]}
    web.routes = {"/a": redirect(f"https://{host}/latest/meta-data/")}
    probe = web.prober().probe(f"{SHOP}/a")
    assert (probe.status, probe.outcome) == (None, Outcome.LED_ASTRAY)
    assert "outside the open internet" in probe.reason
    assert len(web.seen) == 1


def test_without_the_tests_admission_this_machine_is_refused_too(web: Web) -> None:
    web.routes = {"/a": status(200)}
    prober = type(web.prober())("https://herbs.example.com", resolve=web.resolve, verify=str(web.ca))
    assert prober.probe(f"{SHOP}/a").outcome is Outcome.LED_ASTRAY
    assert web.seen == []


def test_a_name_that_changes_its_mind_is_judged_at_each_connection(web: Web) -> None:
    web.routes = {"/a": redirect("https://turn.many.example.com/b"), "/b": redirect("https://turn.many.example.com/c")}
    web.addresses = {"turn.many.example.com": [["127.0.0.1"], ["10.0.0.1"]]}
    probe = web.prober().probe(f"{SHOP}/a")
    assert probe.outcome is Outcome.LED_ASTRAY
    assert web.asked == ["HEAD /a", "HEAD /b"]
    assert web.looked_up == ["shop.example.com", "turn.many.example.com", "turn.many.example.com"]


def test_one_private_address_among_public_ones_is_enough_to_refuse(web: Web) -> None:
    web.addresses = {"mixed.example.com": [["127.0.0.1", "10.0.0.1"]]}
    probe = web.prober().probe("https://mixed.example.com/")
    assert probe.outcome is Outcome.LED_ASTRAY
    assert web.seen == []


def test_a_certificate_of_another_name_or_authority_is_a_fault_of_tls(web: Web) -> None:
    web.addresses = {"another.example.com": [["127.0.0.1"]]}
    web.routes = {"/": status(200)}
    wrong_name = web.prober().probe("https://another.example.com/")
    wrong_authority = web.prober(verify=True).probe(f"{SHOP}/")
    for probe in (wrong_name, wrong_authority):
        assert probe.outcome is Outcome.UNREACHABLE
        assert "TLS" in probe.reason
    assert web.seen == []


def test_a_name_that_is_none_cannot_be_reached(web: Web) -> None:
    probe = web.prober().probe("https://nothing.invalid/")
    assert (probe.status, probe.outcome, probe.final_url) == (None, Outcome.UNREACHABLE, "https://nothing.invalid/")


def test_a_body_that_drips_or_never_ends_is_not_waited_for(web: Web) -> None:
    def endless(visit: Visit) -> None:
        visit.send_response(302)
        visit.send_header("Location", "/b")
        visit.end_headers()
        web.drip(visit, b"x")

    web.routes = {"/a": by_method(HEAD=status(405), GET=endless), "/b": status(200)}
    assert web.prober().probe(f"{SHOP}/a").status == 200


@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\n", b""])
def test_headers_that_drip_are_cut_at_the_end_of_the_time(web: Web, beginning: bytes) -> None:
    def drip(visit: Visit) -> None:
        visit.wfile.write(beginning)
        web.drip(visit, b"X" if not beginning else b"X-Drip: x\r\n")

    web.routes = {"/a": drip}
    probe = web.prober(seconds=0.6).probe(f"{SHOP}/a")
    assert (probe.outcome, probe.reason) == (Outcome.UNREACHABLE, "No whole answer came in time.")


def test_a_503_whose_body_drips_is_cut_at_the_end_of_the_time(web: Web) -> None:
    def drip(visit: Visit) -> None:
        visit.send_response(503)
        visit.end_headers()
        web.drip(visit, b"x")

    web.routes = {"/a": by_method(HEAD=status(503), GET=drip)}
    assert web.prober(seconds=0.6).probe(f"{SHOP}/a").reason == "No whole answer came in time."


def test_no_more_than_64_kb_of_a_body_are_read(web: Web) -> None:
    late = b"x" * MAX_BYTES + b"captcha"
    web.routes = {"/a": by_method(HEAD=status(503), GET=status(503, late + b"y" * 4_000_000))}
    assert web.prober().probe(f"{SHOP}/a").outcome is Outcome.ANSWERED


@pytest.mark.parametrize("line", [b"X: " + b"y" * 70_000 + b"\r\n", b"X: y\r\n" * 200, b"\x00\x01\x02 not http\r\n"])
def test_a_bomb_of_headers_is_not_swallowed(web: Web, line: bytes) -> None:
    def bomb(visit: Visit) -> None:
        visit.wfile.write((b"HTTP/1.1 200 OK\r\n" if line.startswith(b"X") else b"") + line + b"\r\n")

    web.routes = {"/a": bomb}
    assert web.prober().probe(f"{SHOP}/a").outcome is Outcome.UNREACHABLE


def test_hosts_to_avoid_are_never_asked_even_after_a_redirect(web: Web) -> None:
    web.routes = {"/a": redirect("https://us.fullscript.com/b")}
    prober = web.prober(avoid=lambda host: host == "us.fullscript.com")
    probe = prober.probe(f"{SHOP}/a")
    assert (probe.outcome, probe.final_url) == (Outcome.NOT_ASKED, "https://us.fullscript.com/b")
    assert prober.probe("https://us.fullscript.com/b").outcome is Outcome.NOT_ASKED
    assert web.asked == ["HEAD /a"]


def test_proxies_and_credentials_of_the_environment_are_left_aside(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    web.routes = {"/a": status(200)}
    assert web.prober().probe(f"{SHOP}/a").status == 200


def test_a_probe_leaves_no_thread_of_its_own_behind(web: Web) -> None:
    web.routes = {"/a": status(200), "/b": status(404)}
    for path in ("/a", "/b"):
        web.prober().probe(f"{SHOP}{path}")
    for thread in threading.enumerate():
        if "_cut_at_end" in thread.name:
            thread.join(timeout=5)
            assert not thread.is_alive()
