"""What every outside request has: a time-out, and patience that ends; and, where others choose the address, a guard."""

import math
import socket
from contextlib import suppress
from threading import Event, Thread
from time import monotonic
from typing import Any, Final
from weakref import WeakSet

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Retry
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, InvalidHeader, MaxRetryError, NewConnectionError
from urllib3.util.connection import create_connection

from service.shared.addresses import Admit, Resolve, admitted, is_on_open_internet, look_up
from service.shared.errors import FormularyError

CONNECT_SECONDS: Final = 3.05
READ_SECONDS: Final = 10.0
# The longest pause between two attempts: somebody may be waiting for the page.
LONGEST_WAIT_SECONDS: Final = 5
# How often what is still open is cut again, once a guarded adapter's time is over.
CUT_AGAIN_SECONDS: Final = 0.2


class AddressRefused(FormularyError):
    """A name that leads to an address outside the open internet: this machine, its network, a cloud's metadata."""

    code = "address-refused"
    title = "This address is not on the open internet"
    status = 422


class PatientRetry(Retry):
    """Gives up where an answer asks for a longer pause than LONGEST_WAIT_SECONDS; the caller gets that answer."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        *args: Any,
        **options: Any,
    ) -> "PatientRetry":
        left = super().increment(method, url, response, *args, **options)
        if response is not None and self._pause(response) > LONGEST_WAIT_SECONDS:
            raise MaxRetryError(options["_pool"], url or "")
        return left

    def _pause(self, response: BaseHTTPResponse) -> float:
        """The seconds an answer asks for; without end where they cannot be read."""
        try:
            return self.get_retry_after(response) or 0.0
        except (InvalidHeader, ValueError):
            return math.inf


def patient_retry(times: int) -> PatientRetry:
    """Retries of GET and HEAD alone, after the pause that is asked for, or one that grows."""
    return PatientRetry(
        total=times,
        allowed_methods=("GET", "HEAD"),
        status_forcelist=(429, 500, 502, 503, 504),
        backoff_factor=0.5,
        backoff_max=LONGEST_WAIT_SECONDS,
        raise_on_status=False,
    )


class PatientAdapter(HTTPAdapter):
    """An adapter that never waits for ever: (connect, read) seconds stand where a caller gives none."""

    def __init__(
        self, *, retries: int = 2, connect: float = CONNECT_SECONDS, read: float = READ_SECONDS, **options: Any
    ) -> None:
        self._timeout = (connect, read)
        super().__init__(max_retries=patient_retry(retries), **options)

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        options["timeout"] = options.get("timeout") or self._timeout
        return super().send(request, *args, **options)


class GuardedAdapter(PatientAdapter):
    """An adapter for addresses that others chose: it connects to the open internet alone.

    A name is looked up once for each connection, every address of it must be admitted, and the connection goes to
    exactly such an address, so that a name that changes its mind changes nothing; TLS, its certificate check and Host
    keep the name. Proxies are left aside, since behind one the address could not be seen. From `seconds` after its
    making every connection is cut, however slowly it still drips. Raises AddressRefused.

    `admit` and `resolve` are for tests, whose servers stand on this machine.
    """

    def __init__(
        self,
        *,
        seconds: float = math.inf,
        admit: Admit = is_on_open_internet,
        resolve: Resolve = look_up,
        **options: Any,
    ) -> None:
        self._admit = admit
        self._resolve = resolve
        self._ends_at = monotonic() + seconds
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._closed = Event()
        super().__init__(**options)
        if seconds < math.inf:
            Thread(target=self._cut_at_end, daemon=True).start()

    @property
    def is_over(self) -> bool:
        return monotonic() >= self._ends_at

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        options["proxies"] = None
        response = super().send(request, *args, **options)
        if self.is_over:
            # Headers that were cut look whole to http.client.
            response.close()
            raise requests.ReadTimeout("The time of this adapter is over", request=request)
        return response

    def close(self) -> None:
        self._closed.set()
        super().close()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Give the pools connections that ask this adapter for their socket."""
        super().init_poolmanager(*args, **options)
        open_socket, sockets = self._open_socket, self._sockets

        class GuardedHTTP(HTTPConnection):
            # urllib3 opens every socket here, and only here.
            def _new_conn(self) -> socket.socket:
                return open_socket(self)

            def connect(self) -> None:
                super().connect()
                sockets.add(self.sock)

        class GuardedHTTPS(GuardedHTTP, HTTPSConnection):
            """As above, below TLS."""

        class GuardedHTTPPool(HTTPConnectionPool):
            ConnectionCls = GuardedHTTP

        class GuardedHTTPSPool(HTTPSConnectionPool):
            ConnectionCls = GuardedHTTPS

        self.poolmanager.pool_classes_by_scheme = {"http": GuardedHTTPPool, "https": GuardedHTTPSPool}

    def _open_socket(self, connection: HTTPConnection) -> socket.socket:
        """A socket to the first address that answers, all of them checked before any is tried."""
        try:
            found = self._resolve(connection.host.strip("[]"), connection.port, self._patience(connection))
        except TimeoutError as fault:
            raise ConnectTimeoutError(connection, "The name was not answered in time") from fault
        except OSError as fault:
            raise NewConnectionError(connection, "The name leads nowhere") from fault
        if not admitted(found, self._admit):
            raise AddressRefused(f"{connection.host} leads to an address outside the open internet.")
        fault_of_last: OSError | None = None
        for address in found:
            if self.is_over:
                break
            try:
                return create_connection(address, self._patience(connection), socket_options=connection.socket_options)
            except OSError as fault:
                fault_of_last = fault
        if fault_of_last is None or isinstance(fault_of_last, TimeoutError):
            raise ConnectTimeoutError(connection, "No address answered in time") from fault_of_last
        raise NewConnectionError(connection, "No address could be connected to") from fault_of_last

    def _patience(self, connection: HTTPConnection) -> float:
        """Seconds for the next step: the connection's own, or what is left of the whole."""
        own = connection.timeout if isinstance(connection.timeout, int | float) else CONNECT_SECONDS
        return max(0.001, min(own, self._ends_at - monotonic()))

    def _cut_at_end(self) -> None:
        wait = self._ends_at - monotonic()
        while not self._closed.wait(max(0.0, wait)):
            for open_socket in list(self._sockets):
                with suppress(OSError):
                    # Past SSLSocket's own, which would forget its state under the thread that reads.
                    socket.socket.shutdown(open_socket, socket.SHUT_RDWR)
            wait = CUT_AGAIN_SECONDS
