"""A cheap load generator: blocking keep-alive sockets, each sent a request, then each read to its end.

Nothing is pipelined: granian 2.8 then now and then leaves an answer unsent, the bare view's too.

Every connection of a slice comes from a loopback address of its own, since the service lets an
address search and follow links 600 times a minute.
"""

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count, cycle

from tests.bench.calls import NUMBER, BenchError

CONNECTIONS = 8
VISITORS = 2000
CHUNK = 1 << 18
_addresses = count(2)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to repeat against one server, and the status it must answer."""

    name: str
    port: int
    path: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def request(self) -> bytes:
        more = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        return f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{more}\r\n".encode()

    @property
    def requests(self) -> list[bytes]:
        """The requests to send in turn: as many visitors as differ."""
        request, number = self.request, NUMBER.encode()
        if number not in request:
            return [request]
        return [request.replace(number, b"%d" % visitor) for visitor in range(VISITORS)]


class Connection:
    """One keep-alive socket."""

    def __init__(self, port: int) -> None:
        number = next(_addresses)
        source = f"127.{1 + (number >> 16 & 127)}.{number >> 8 & 255}.{number & 255}"
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = bytearray()

    def send(self, request: bytes) -> None:
        self._socket.sendall(request)

    def receive(self) -> tuple[int, bytes]:
        """The status and head of the next answer, its body read and let go."""
        while (end := self._held.find(b"\r\n\r\n")) < 0:
            self._read()
        head = bytes(self._held[:end]).lower()
        status = int(head[9:12])
        place = head.find(b"\r\ncontent-length:")
        length = int(head[place + 17 : head.find(b"\r\n", place + 17) % (end + 1)]) if place >= 0 else 0
        if place < 0 and status == 200:
            raise BenchError("An answer tells no length; the load generator reads no chunks.")
        if status == 304:
            length = 0
        whole = end + 4 + length
        while len(self._held) < whole:
            self._read()
        del self._held[:whole]
        return status, head

    def _read(self) -> None:
        data = self._socket.recv(CHUNK)
        if not data:
            raise BenchError("The server closed a kept connection.")
        self._held += data

    def close(self) -> None:
        self._socket.close()


def ask_once(ask: Ask) -> tuple[int, bytes]:
    """The status and head of one answer. Raises OSError where nobody listens."""
    connection = Connection(ask.port)
    try:
        connection.send(ask.request)
        return connection.receive()
    finally:
        connection.close()


def rate(ask: Ask, seconds: float) -> float:
    """Answers a second over a slice. Raises BenchError for an answer of another status."""
    connections = [Connection(ask.port) for _ in range(CONNECTIONS)]
    turn = cycle(ask.requests)
    answered = 0
    started = time.perf_counter()
    try:
        while (now := time.perf_counter()) - started < seconds:
            for connection in connections:
                connection.send(next(turn))
            for connection in connections:
                status = connection.receive()[0]
                if status != ask.status:
                    raise BenchError(f"{ask.name}: {ask.path} answers {status}, not {ask.status}.")
            answered += CONNECTIONS
            now = time.perf_counter()
        return answered / (now - started)
    finally:
        for connection in connections:
            connection.close()


def interleave(asks: list[Ask], *, rounds: int, slice_seconds: float) -> dict[str, list[float]]:
    """Answers a second, by name, one for each round."""
    for ask in asks:
        rate(ask, slice_seconds / 2)
    found: dict[str, list[float]] = {ask.name: [] for ask in asks}
    for _ in range(rounds):
        for ask in asks:
            found[ask.name].append(rate(ask, slice_seconds))
    return found
