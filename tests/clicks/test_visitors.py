import mmap
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.clicks import visitors
from service.clicks.visitors import HEADER_WORDS, SALT, SIZE, Visitors, hand_down, open_table
from service.config import PROJECT
from service.shared.addresses import network_of

HOUR = 498_750


@pytest.fixture
def table() -> mmap.mmap:
    return mmap.mmap(-1, SIZE)


def visit(seen: Visitors, *, link: str = "a", address: str = "192.0.2.1", agent: str = "x", hour: int = HOUR) -> bool:
    return seen.is_new((link,), address=address, agent=agent, hour=hour)


def test_a_visitor_is_new_once_for_each_link_and_hour(table: mmap.mmap) -> None:
    seen = Visitors(table)
    assert [visit(seen), visit(seen)] == [True, False]
    assert visit(seen, link="b")
    assert visit(seen, agent="y")
    assert visit(seen, address="192.0.2.2")
    assert visit(seen, hour=HOUR + 1)
    assert not visit(seen)


def test_an_ipv6_visitor_is_the_same_within_its_network(table: mmap.mmap) -> None:
    seen = Visitors(table)
    assert visit(seen, address="2001:db8:1:2:aaaa::1")
    assert not visit(seen, address="2001:db8:1:2:bbbb::2")
    assert visit(seen, address="2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("fe80::1%eth0") == network_of("fe80::1")
    assert network_of("not:an:address") == "not:an:address"


def test_a_new_day_has_a_new_salt_and_an_empty_table(table: mmap.mmap) -> None:
    seen = Visitors(table)
    visit(seen)
    old_salt, old_table = table[SALT], table[:]
    assert visit(seen, hour=HOUR + 24)
    assert table[SALT] != old_salt
    assert len(table[SALT].strip(b"\0")) >= 20
    assert old_salt not in table[:]
    digests = {old_table[place : place + 8] for place in range(64, SIZE, 8)} - {bytes(8)}
    assert digests
    for digest in digests:
        assert digest not in table[:]


def test_a_day_ends_although_nobody_comes(table: mmap.mmap) -> None:
    seen = Visitors(table)
    visit(seen)
    old_salt = table[SALT]
    seen.end_day(HOUR)
    assert table[SALT] == old_salt
    assert not visit(seen)
    seen.end_day(HOUR + 24)
    assert old_salt not in table[:]
    assert table[8 * HEADER_WORDS :] == bytes(SIZE - 8 * HEADER_WORDS)
    assert seen._begun == {}


def test_a_worker_forgets_a_salt_that_another_has_overwritten(table: mmap.mmap) -> None:
    one, other = Visitors(table), Visitors(table)
    visit(one)
    other.end_day(HOUR + 24)
    one.end_day(HOUR + 24)
    assert one._begun == {}
    assert visit(one, hour=HOUR + 24)
    assert not visit(other, hour=HOUR + 24)


def test_the_table_holds_nothing_of_a_visitor(table: mmap.mmap) -> None:
    visit(Visitors(table), address="198.51.100.77", agent="a-very-particular-agent")
    assert b"198.51.100" not in table[:]
    assert bytes([198, 51, 100, 77]) not in table[:]
    assert b"particular" not in table[:]


def test_two_workers_share_one_table(table: mmap.mmap) -> None:
    assert visit(Visitors(table))
    assert not visit(Visitors(table))


def test_a_full_table_counts_rather_than_loses() -> None:
    seen = Visitors(mmap.mmap(-1, 8 * (HEADER_WORDS + 16)))
    new = [visit(seen, address=f"192.0.2.{number}") for number in range(200)]
    assert all(new)
    # The hours before leave their slots to those that follow.
    assert visit(seen, hour=HOUR + 1)
    assert not visit(seen, hour=HOUR + 1)


@settings(max_examples=50, deadline=None)
@given(visits=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 20), st.integers(0, 47)), max_size=60))
def test_in_order_of_time_a_visitor_is_new_exactly_once_an_hour(visits: list[tuple[str, int, int]]) -> None:
    seen, known = Visitors(mmap.mmap(-1, SIZE)), set()
    for link, number, hour in sorted(visits, key=lambda one: one[2]):
        is_new = visit(seen, link=link, address=f"10.0.0.{number}", hour=HOUR + hour)
        assert is_new == ((link, number, hour) not in known)
        known.add((link, number, hour))


@pytest.fixture
def handed_down(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setenv(visitors.HANDED_DOWN, "")
    hand_down()
    descriptor = int(os.environ[visitors.HANDED_DOWN])
    yield descriptor
    os.close(descriptor)


def test_the_table_passes_through_exec_to_the_workers(handed_down: int) -> None:
    visit(Visitors())
    script = (
        "from service.clicks.visitors import Visitors\n"
        f"print(Visitors().is_new(('a',), address='192.0.2.1', agent='x', hour={HOUR}))"
    )
    for descriptors, told in (((handed_down,), "False\n"), ((), "True\n")):
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=PROJECT,
            pass_fds=descriptors,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == told


def test_a_descriptor_that_leads_elsewhere_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with open(__file__, "rb") as other:  # noqa: PTH123 - a descriptor is what is wanted
        monkeypatch.setenv(visitors.HANDED_DOWN, str(other.fileno()))
        assert open_table()[:8] == bytes(8)
    monkeypatch.setenv(visitors.HANDED_DOWN, "x")
    assert open_table()[:8] == bytes(8)
