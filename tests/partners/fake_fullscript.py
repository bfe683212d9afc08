"""A server on loopback that speaks the shapes of Fullscript's API, with faults to switch on.

The documented shapes are named in service/partners/fullscript.py. A refresh token serves once: used again it is
invalid_grant. Faults are given by path and used up one request at a time.
"""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT_ID = "fake-client-id-0123456789"
CLIENT_SECRET = "fake-client-secret-0123456789"  # noqa: S105 - the fake's own
REDIRECT_URI = "https://herbs.example.com/partners/fullscript/callback"
SCOPES = "catalog:read clinic:read clinic:write"
VARIANT = "1aa688f2-4303-4278-aa73-b7083c6146d1"
PLAN_URL = "https://us-snd.fullscript.io/dynamic/treatment_plans/new?ticket=one-use"


@dataclass
class Fault:
    """What happens instead of the answer: a status, a pause before it, half of its body, or its bytes one by one."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    half: bool = False
    drip: bool = False
    body: bytes | None = None


@dataclass
class FakeFullscript:
    """The server's memory, which tests read and set."""

    url: str = ""
    scopes: str | None = SCOPES
    lifetime: int = 7200
    discount: Any = "10.0"
    search_granted: bool = False
    page_of_products: int = 2
    token_pause: float = 0.0
    variants: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            VARIANT: {
                "id": VARIANT,
                "sku": "20009193488",
                "primary": True,
                "units": None,
                "availability": "In Stock",
                "status": "available",
                "upc": None,
                "msrp": "19.90",
            }
        }
    )
    plan_url: str = PLAN_URL
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    access_tokens: set[str] = field(default_factory=set)
    refresh_tokens: set[str] = field(default_factory=set)
    refreshes: int = 0
    revoked: list[str] = field(default_factory=list)
    issued: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    # Closed by a test, it keeps the answer to a token request back until it is opened again.
    token_gate: threading.Event = field(default_factory=threading.Event)

    def issue_code(self) -> str:
        with self.lock:
            self.issued += 1
            code = f"code-{self.issued:04}"
            self.codes.add(code)
            return code

    def issue_tokens(self) -> dict[str, Any]:
        """A pair of tokens in the answer's documented shape."""
        self.issued += 1
        access, refresh = f"secret-access-{self.issued:04}", f"secret-refresh-{self.issued:04}"
        self.access_tokens.add(access)
        self.refresh_tokens.add(refresh)
        grant = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "refresh_token": refresh,
            "created_at": "2026-11-23T12:00:00.000Z",
            "resource_owner": {"id": "9aa688f2-4303-4278-aa73-b7083c6146d9", "type": "Practitioner"},
        }
        return {"oauth": grant | ({"scope": self.scopes} if self.scopes is not None else {})}

    def expire_access_tokens(self) -> None:
        """Every access token is refused from now on, before its time."""
        self.access_tokens.clear()

    def revoke_everything(self) -> None:
        """As when the practitioner ends the application's access at Fullscript."""
        self.access_tokens.clear()
        self.refresh_tokens.clear()

    def count(self, path: str) -> int:
        return sum(1 for _, asked, _ in self.requests if asked == path)


@contextmanager
def fake_fullscript() -> Iterator[FakeFullscript]:
    """The server, running for the length of the block."""
    fake = FakeFullscript()
    fake.token_gate.set()

    class Handler(_Handler):
        memory = fake

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    memory: FakeFullscript
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Stay quiet."""

    def do_GET(self) -> None:
        self._handle({})

    def do_POST(self) -> None:
        written = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        is_json = self.headers.get("Content-Type") == "application/json"
        self._handle(json.loads(written) if is_json else {})

    def _handle(self, body: dict[str, Any]) -> None:
        fake, parts = self.memory, urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with fake.lock:
            fake.requests.append((self.command, parts.path, query))
            queue = fake.faults[parts.path]
            fault = queue.pop(0) if queue else Fault()
        if fault.status is not None:
            time.sleep(fault.pause)
            self._send(fault.status, fault.body or b"<html>not what was asked</html>", fault.headers, fault)
            return
        status, answer, headers = self._answer(parts.path, query, body)
        time.sleep(fault.pause)
        written = fault.body if fault.body is not None else json.dumps(answer).encode()
        self._send(status, written, headers, fault)

    def _send(self, status: int, body: bytes, headers: dict[str, str], fault: Fault) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "X-Request-Id": "06ded6a2", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        # Said, or a client would send its next request into a connection that is being closed. Sets close_connection.
        self.send_header("Connection", "close")
        # A client that was answered too slowly has gone.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.end_headers()
            whole = body[: len(body) // 2] if fault.half else body
            for part in [bytes([byte]) for byte in whole] if fault.drip else [whole]:
                self.wfile.write(part)
                time.sleep(0.1 if fault.drip else 0)

    def _answer(
        self, path: str, query: dict[str, str], body: dict[str, Any]
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        if path == "/api/oauth/authorize":
            return self._authorize(query)
        if path in ("/api/oauth/token", "/api/oauth/revoke"):
            return (*self._oauth(path, body), {})
        if self.headers.get("Authorization", "").removeprefix("Bearer ") not in self.memory.access_tokens:
            return 401, {"errors": [{"code": "token_expired", "message": "The access token expired"}]}, {}
        return (*self._read(path, query), {})

    def _authorize(self, query: dict[str, str]) -> tuple[int, dict[str, Any], dict[str, str]]:
        """The person has granted access at once; a redirect address that is not the registered one is a 404."""
        is_known = query.get("client_id") == CLIENT_ID and query.get("redirect_uri") == REDIRECT_URI
        if not is_known or query.get("response_type") != "code":
            return 404, {}, {}
        back = urlencode({"code": self.memory.issue_code(), "state": query.get("state", "")})
        return 302, {}, {"Location": f"{REDIRECT_URI}?{back}"}

    def _oauth(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        fake = self.memory
        if (body.get("client_id"), body.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        if path == "/api/oauth/revoke":
            fake.revoked.append(body["token"])
            fake.access_tokens.discard(body["token"])
            return 200, {}
        if body.get("redirect_uri") != REDIRECT_URI:
            return 404, {}
        with fake.lock:
            return self._token(body)

    def _token(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        fake = self.memory
        time.sleep(fake.token_pause)
        fake.token_gate.wait(9)
        if body.get("grant_type") == "authorization_code" and body.get("code") in fake.codes:
            fake.codes.remove(body["code"])
            return 200, fake.issue_tokens()
        if body.get("grant_type") == "refresh_token" and body.get("refresh_token") in fake.refresh_tokens:
            fake.refresh_tokens.remove(body["refresh_token"])
            fake.refreshes += 1
            return 200, fake.issue_tokens()
        return 400, {"error": "invalid_grant", "error_description": "The provided authorization grant is invalid"}

    def _read(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        fake = self.memory
        folder, _, name = path.rpartition("/")
        if folder == "/api/catalog/variants" and name in fake.variants:
            return 200, {"variant": fake.variants[name]}
        if path == "/api/clinic":
            return 200, {"clinic": {"id": "c1", "name": "Example Practice", "discount": fake.discount}}
        if path == "/api/clinic/dynamic_links/treatment_plans":
            return 200, {"redirect_url": fake.plan_url}
        if path == "/api/catalog/search/products":
            return self._search(query) if fake.search_granted else (403, {"error": "restricted"})
        return 404, {"error": "Not Found"}

    def _search(self, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Three products, paged; pages are no longer than the fake allows, whatever is asked for."""
        fake = self.memory
        number, size = int(query["page[number]"]), min(int(query["page[size]"]), fake.page_of_products)
        names = [f"{query['query']} {count}" for count in (1, 2, 3)]
        shown = names[(number - 1) * size : number * size]
        rows = [
            {"id": name.replace(" ", "-"), "name": name, "variants": list(fake.variants.values())} for name in shown
        ]
        next_page = number + 1 if number * size < len(names) else None
        return 200, {"products": rows, "meta": {"current_page": number, "next_page": next_page, "total_count": 3}}
