import warnings
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from pytest_socket import SocketConnectBlockedError

from service.shared.addresses import admitted, is_on_open_internet, look_up
from service.shared.http_client import AddressRefused, GuardedAdapter

# Written out from IANA's special-purpose registries and RFC 5771, apart from what the code uses.
NOT_PUBLIC_4 = [
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24",
    "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4",
]
SPECIAL_4 = [ip_network(text) for line in NOT_PUBLIC_4 for text in line.split()]
SPECIAL_6 = [ip_network(text) for text in ("2001::/23", "2001:db8::/32", "3fff::/20")]
UNICAST_6 = IPv6Network("2000::/3")

addresses_4 = st.one_of(st.ip_addresses(v=4), *[st.ip_addresses(network=str(network)) for network in SPECIAL_4])
local_6 = ("::/8", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "2001::/32", "2001:db8::/32", "3fff::/20")
addresses_6 = st.one_of(
    st.ip_addresses(v=6),
    *[st.ip_addresses(network=text) for text in local_6],
    addresses_4.map(lambda inner: IPv6Address(f"::ffff:{inner}")),
    addresses_4.map(lambda inner: IPv6Address(f"64:ff9b::{inner}")),
    addresses_4.map(lambda inner: IPv6Address((0x2002 << 112) | int(inner) << 80 | 1)),
)


def is_special_4(address: IPv4Address) -> bool:
    return any(address in network for network in SPECIAL_4)


def carried(address: IPv6Address) -> IPv4Address | None:
    number = int(address)
    if number >> 32 in (0xFFFF, 0x64FF9B << 64):
        return IPv4Address(number & 0xFFFFFFFF)
    return IPv4Address(number >> 80 & 0xFFFFFFFF) if number >> 112 == 0x2002 else None


@given(addresses_4)
def test_no_special_ipv4_address_counts_as_the_open_internet(address: IPv4Address) -> None:
    assert not (is_on_open_internet(address) and is_special_4(address))


@given(addresses_6)
def test_no_special_ipv6_address_counts_as_the_open_internet(address: IPv6Address) -> None:
    if is_on_open_internet(address):
        inner = carried(address)
        if inner is not None:
            assert not is_special_4(inner)
        else:
            assert address in UNICAST_6
            assert not any(address in network for network in SPECIAL_6)


@pytest.mark.parametrize(
    "text", ["1.1.1.1", "93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]
)
def test_ordinary_addresses_do(text: str) -> None:
    assert is_on_open_internet(ip_address(text))


def test_an_address_with_a_zone_is_local() -> None:
    assert not is_on_open_internet(ip_address("2606:2800:220:1::1%eth0"))


def test_nothing_found_is_not_admitted() -> None:
    assert not admitted([], is_on_open_internet)


def test_what_is_no_name_is_an_os_error() -> None:
    with pytest.raises(OSError, match="not a name"):
        look_up("a" * 70 + ".example.com", 443, 5.0)


def connect(url: str, found: Sequence[str] | None = None) -> str:
    """The address that a guarded request tries to connect to; pytest lets no connection but loopback's out."""

    def resolve(host: str, port: int, seconds: float) -> Sequence[tuple[str, int]]:
        return look_up(host, port, seconds) if found is None else [(address, port) for address in found]

    adapter = GuardedAdapter(retries=0, resolve=resolve)
    try:
        with warnings.catch_warnings(), pytest.raises(SocketConnectBlockedError) as blocked:
            warnings.simplefilter("ignore")  # pytest-socket also warns of what it blocks
            adapter.send(requests.Request("HEAD", url).prepare(), timeout=2)
    finally:
        adapter.close()
    return str(blocked.value).partition('host "')[2].partition('"')[0]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1"])
def test_the_connection_goes_to_exactly_the_checked_address(scheme: str, address: str) -> None:
    assert connect(f"{scheme}://a.example.com/", [address, "1.1.1.1"]) == address


@given(st.lists(st.one_of(addresses_4, addresses_6), min_size=1, max_size=3), st.sampled_from(["http", "https"]))
def test_no_name_makes_the_guarded_adapter_connect_outside_the_open_internet(
    found: list[IPv4Address | IPv6Address], scheme: str
) -> None:
    texts = [str(address) for address in found]
    if all(is_on_open_internet(address) for address in found):
        assert connect(f"{scheme}://a.example.com/", texts) == texts[0]
    else:
        with pytest.raises(AddressRefused):
            connect(f"{scheme}://a.example.com/", texts)


def spellings(address: IPv4Address) -> list[str]:
    """The ways a system's look-up reads one IPv4 address."""
    number, parts = int(address), str(address).split(".")
    return [
        str(address),
        str(number),
        hex(number),
        f"0{number:o}",
        ".".join(hex(int(part)) for part in parts),
        ".".join(f"0{int(part):o}" for part in parts),
        f"{parts[0]}.{number & 0xFFFFFF}",
        f"[::ffff:{address}]",
        f"[64:ff9b::{address}]",
    ]


@given(addresses_4.filter(is_special_4), st.integers(0, 8), st.sampled_from(["http", "https"]))
def test_no_spelling_of_a_private_address_is_connected_to(address: IPv4Address, spelling: int, scheme: str) -> None:
    with pytest.raises((AddressRefused, requests.ConnectionError)):
        connect(f"{scheme}://{spellings(address)[spelling]}/")
