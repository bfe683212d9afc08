"""Which addresses belong to the open internet, and what a name leads to."""

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Admit = Callable[[Address], bool]
# What a host and port lead to: addresses with the port to connect to, in order.
Resolve = Callable[[str, int, float], Sequence[tuple[str, int]]]

# IPv6 in use is within this block (IANA); anything else is local, mapped or unassigned.
GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
NAT64: Final = IPv6Network("64:ff9b::/96")
# IANA's special-purpose blocks that not every version of `ipaddress` knows.
SPECIAL: Final = tuple(ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20"))


def is_on_open_internet(address: Address) -> bool:
    """Whether an address is globally routable unicast; one that carries an IPv4 address is judged by that.

    Source: IANA's special-purpose address registries (RFC 6890), RFC 4291 (mapped), RFC 3056 (6to4), RFC 6052 (NAT64).
    """
    if isinstance(address, IPv6Address):
        carried = _carried_ipv4(address)
        if carried is not None:
            return is_on_open_internet(carried)
        if address.scope_id is not None or address not in GLOBAL_UNICAST:
            return False
    is_special = any(address.version == network.version and address in network for network in SPECIAL)
    return address.is_global and not address.is_multicast and not is_special


def _carried_ipv4(address: IPv6Address) -> IPv4Address | None:
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def look_up(host: str, port: int, seconds: float) -> Sequence[tuple[str, int]]:
    """The system's addresses of a host. Raises OSError where it has none, TimeoutError after `seconds`.

    The system's own look-up takes no time-out, so it is left behind in its thread; it ends by itself.
    """
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        found = pool.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM).result(timeout=seconds)
    except UnicodeError as fault:
        raise OSError(f"{host!r} is not a name that can be looked up") from fault
    finally:
        pool.shutdown(wait=False)
    return [(str(sockaddr[0]), int(sockaddr[1])) for *_, sockaddr in found]


def admitted(found: Sequence[tuple[str, int]], admit: Admit) -> bool:
    """Whether every one of these addresses is admitted; none at all is not."""
    return bool(found) and all(admit(ip_address(address)) for address, _ in found)


def network_of(address: str) -> str:
    """What of an address tells a visitor: all of IPv4, the /64 of IPv6, since one host moves about within it."""
    if ":" not in address:
        return address
    try:
        parsed = IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return str(parsed.ipv4_mapped) if parsed.ipv4_mapped else parsed.packed[:8].hex()
