"""A small outside web on loopback: real sockets, real TLS by an authority of its own, and names it resolves itself."""

import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from service.partners.links import LinkProber
from service.shared.addresses import Address, look_up

PUBLIC_URL = "https://herbs.example.com"
HOSTS = ("shop.example.com", "www.shop.example.com", "network.example.net", "us.fullscript.com", "*.many.example.com")
Answer = Callable[["Visit"], None]


class Visit(BaseHTTPRequestHandler):
    """One request, answered by the fake's route of its path."""

    server: "Server"
    timeout = 20

    def do_GET(self) -> None:
        self.server.web.seen.append((self.command, self.headers["Host"], self.path, dict(self.headers)))
        answer = self.server.web.routes.get(self.path.partition("?")[0], status(404))
        answer(self)

    do_HEAD = do_GET  # noqa: N815 - http.server looks it up by this name

    def say(self, code: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    return lambda visit: visit.say(code, body, **headers)


def redirect(to: str, code: int = 302, **headers: str) -> Answer:
    return lambda visit: visit.say(code, b"", **headers, Location=to)


def by_method(**answers: Answer) -> Answer:
    return lambda visit: answers[visit.command](visit)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, web: "Web", context: ssl.SSLContext) -> None:
        self.web = web
        super().__init__(("127.0.0.1", 0), Visit)
        # The handshake belongs to the thread of the visit.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, *_: Any) -> None:
        """A visitor who hangs up is not this server's fault."""


class Web:
    """The fake: its routes by path, what was asked of it, and where its names lead."""

    def __init__(self, ca: Path) -> None:
        self.ca = ca
        self.port = 0
        self.routes: dict[str, Answer] = {}
        self.seen: list[tuple[str, str, str, dict[str, str]]] = []
        self.looked_up: list[str] = []
        # Names that lead elsewhere: each look-up takes the next answer, the last one stays.
        self.addresses: dict[str, list[list[str]]] = {}
        self.slept: list[float] = []
        self.ended = Event()

    @property
    def asked(self) -> list[str]:
        """Method and path of every request, in order."""
        return [f"{method} {path}" for method, _, path, _ in self.seen]

    def resolve(self, host: str, port: int, seconds: float) -> Sequence[tuple[str, int]]:
        """Our names lead to this server, others where `addresses` says; numbers are read as the system reads them."""
        self.looked_up.append(host)
        if host in self.addresses:
            answers = self.addresses[host]
            found = answers.pop(0) if len(answers) > 1 else answers[0]
            return [(address, self.port if is_this_server(ip_address(address)) else port) for address in found]
        if host in HOSTS or host.endswith(".many.example.com"):
            return [("127.0.0.1", self.port)]
        return look_up(host, port, seconds)

    def drip(self, visit: Visit, part: bytes) -> None:
        """Write a part every tenth of a second until the visitor hangs up or the test ends."""
        while not self.ended.wait(0.1):
            visit.wfile.write(part)
            visit.wfile.flush()

    def prober(self, **options: Any) -> LinkProber:
        """The real prober, to whom this server is admitted; its pauses are noted, not waited for."""
        values: dict[str, Any] = {
            "admit": is_this_server,
            "resolve": self.resolve,
            "verify": str(self.ca),
            "sleep": self.slept.append,
            **options,
        }
        return LinkProber(PUBLIC_URL, **values)


def is_this_server(address: Address) -> bool:
    """127.0.0.1 alone: every other address of this machine stays refused."""
    return str(address) == "127.0.0.1"


@contextmanager
def outside_web(folder: Path) -> Iterator[Web]:
    """The fake, for the length of the block."""
    ca, context = _make_certificates(folder)
    web = Web(ca)
    with Server(web, context) as server:
        web.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield web
        finally:
            web.ended.set()
            server.shutdown()
            thread.join()


def _make_certificates(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """An authority's certificate, and a server's context with a certificate of it for HOSTS."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A test authority")])
    ca_key_id = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    ca = (
        _begin(ca_name, ca_name, ca_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(ca_key_id, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOSTS[0])])
    leaf = (
        _begin(name, ca_name, key)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_key_id), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    ca_file, chain = folder / "ca.pem", folder / "server.pem"
    ca_file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    chain.write_bytes(private + leaf.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return ca_file, context


def _begin(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
