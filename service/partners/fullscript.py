"""Fullscript's API over requests and Authlib: the way to tokens, and what they open.

Read in its documentation (fullscript.dev): the addresses of authorize, token and revoke; requests to them as JSON with
the credentials in the body; the answer inside "oauth"; state handed back as it was; codes good for ten minutes;
`page[number]`, `page[size]` (at most 100) and `meta.next_page`; 5,000 requests in any five minutes; the address of the
clinic, the dynamic link and its `redirect_url`; that product search and the creation of treatment plans are restricted.
Not found there, and taken as others describe it: that a refresh token serves once, the address of a single variant,
Retry-After beside a 429. PKCE is not documented and not sent; scopes are set in the API Dashboard, and ignored in a
request.

A treatment plan is not created here: that takes a patient's id, and this service holds none. The practitioner writes
it at Fullscript, by `open_plan_link`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import requests
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import url_decode
from authlib.integrations.requests_client import OAuth2Session, OAuthError

from service.partners.application import Application
from service.partners.errors import (
    AnswerMissing,
    GrantRefused,
    NotGranted,
    PartnerFault,
    RateLimited,
    TokenRefused,
    VariantNotFound,
)
from service.partners.schemas import (
    IDENTIFIER,
    DispensaryDiscount,
    Grant,
    PlanLink,
    Product,
    Variant,
    read_discount,
    read_grant,
    read_plan_link,
    read_products,
    read_variant,
)
from service.partners.tokens import KeptTokens
from service.shared.errors import BadInput
from service.shared.http_client import GuardedAdapter

AUTHORIZE: Final = "/api/oauth/authorize"
TOKEN: Final = "/api/oauth/token"  # noqa: S105 - an address
REVOKE: Final = "/api/oauth/revoke"
VARIANT: Final = "/api/catalog/variants/{id}"
PRODUCT_SEARCH: Final = "/api/catalog/search/products"
CLINIC: Final = "/api/clinic"
PLAN_LINK: Final = "/api/clinic/dynamic_links/treatment_plans"

READ_CATALOG: Final = "catalog:read"
READ_CLINIC: Final = "clinic:read"
PAGE_SIZE: Final = 100
MOST_PAGES: Final = 20
# For one question with its retries, however slowly its answer drips.
WHOLE_SECONDS: Final = 20.0

log = structlog.get_logger(__name__)


class OAuth:
    """The authorization-code flow and its tokens. Each method opens and closes a connection of its own."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def authorization_url(self, state: str) -> str:
        """Fullscript's page where a person grants access; it sends the browser back with `state`."""
        with open_session(self._application) as session:
            url, _ = session.create_authorization_url(self._application.host + AUTHORIZE, state=state)
        return str(url)

    def exchange(self, code: str, *, now: datetime) -> Grant:
        """The first tokens for an authorization code. Raises GrantRefused and PartnerFault."""
        with told_plainly(), open_session(self._application) as session:
            answer = session.fetch_token(
                self._application.host + TOKEN, grant_type="authorization_code", code=code, allow_redirects=False
            )
        return read_grant(answer, now=now)

    def refresh(self, refresh_token: str, *, now: datetime) -> Grant:
        """New tokens for a refresh token, which is spent by it. Raises GrantRefused and PartnerFault."""
        with told_plainly(), open_session(self._application) as session:
            answer = session.refresh_token(
                self._application.host + TOKEN,
                refresh_token=refresh_token,
                redirect_uri=self._application.redirect_uri,
                allow_redirects=False,
            )
        return read_grant(answer, now=now)

    def revoke(self, token: str) -> None:
        """End a token at Fullscript. Raises PartnerFault."""
        with told_plainly(), open_session(self._application) as session:
            response = session.revoke_token(self._application.host + REVOKE, token=token, allow_redirects=False)
            if response.status_code != requests.codes.ok:
                raise fault_of(response)


class Fullscript:
    """What the connected account may read. A token is renewed when it ends, or once when it is refused.

    Each method raises NotConnected, ReconnectNeeded, NotGranted, RateLimited and PartnerFault.
    """

    def __init__(self, application: Application, tokens: KeptTokens) -> None:
        self._application = application
        self._tokens = tokens

    def look_up_variant(self, variant_id: str) -> Variant:
        """One variant: MSRP as text, availability, status. Raises BadInput and VariantNotFound too."""
        if not re.match(IDENTIFIER, variant_id):
            raise BadInput("Give the variant's id as Fullscript shows it: letters, digits and hyphens.", pointer="/id")
        try:
            answer = self._get(VARIANT.format(id=variant_id), scope=READ_CATALOG)
        except AnswerMissing as fault:
            raise VariantNotFound(f"Fullscript has no variant {variant_id}.") from fault
        return read_variant(answer, now=datetime.now(UTC))

    def read_discount(self) -> DispensaryDiscount:
        """The dispensary's own discount, in percent of the MSRP."""
        return read_discount(self._get(CLINIC, scope=READ_CLINIC), now=datetime.now(UTC))

    def open_plan_link(self) -> PlanLink:
        """Where the practitioner starts a treatment plan, asked for anew each time since it changes.

        It opens Fullscript as the practitioner. It must never be sent or shown to a patient, and never be kept.
        """
        return read_plan_link(self._get(PLAN_LINK), now=datetime.now(UTC))

    def search_products(self, query: str) -> Iterator[Product]:
        """Products by words, page after page, at most MOST_PAGES.

        Fullscript restricts this; where it has not granted it, the first step raises NotGranted.
        """
        page: int | None = 1
        for _ in range(MOST_PAGES):
            if page is None:
                return
            asked = {"query": query, "page[number]": str(page), "page[size]": str(PAGE_SIZE)}
            answer = self._get(PRODUCT_SEARCH, scope=READ_CATALOG, query=asked)
            products, page = read_products(answer, now=datetime.now(UTC))
            yield from products

    def _get(self, path: str, *, scope: str | None = None, query: Mapping[str, str] | None = None) -> Any:
        token = self._tokens.current()
        if scope is not None and token.scopes and scope not in token.scopes:
            raise NotGranted(f"Add the scope {scope} in Fullscript's API Dashboard, then connect again.")
        try:
            return fetch(self._application, path, token.access_token, query)
        except TokenRefused:
            renewed = self._tokens.renewed(spent=token.access_token)
            return fetch(self._application, path, renewed.access_token, query)


def fetch(application: Application, path: str, access_token: str, query: Mapping[str, str] | None) -> Any:
    """One answer; its numbers stay the text they were written as. Raises PartnerFault and NotGranted."""
    with told_plainly(), open_session(application, access_token) as session:
        response = session.get(
            application.host + path,
            params=query,
            headers={"Accept": "application/json"},
            allow_redirects=False,
        )
        if response.status_code != requests.codes.ok:
            raise fault_of(response)
        return response.json(parse_float=str, parse_int=str)


def open_session(application: Application, access_token: str | None = None) -> OAuth2Session:
    """A session that speaks for the application, or with the token; no proxy, cookie jar or file of the machine."""
    session = OAuth2Session(
        application.client_id,
        application.client_secret,
        token_endpoint_auth_method=credentials_in_json,
        revocation_endpoint_auth_method=credentials_in_json,
        redirect_uri=application.redirect_uri,
        token={"access_token": access_token, "token_type": "bearer"} if access_token else None,
    )
    session.trust_env = False
    session.headers["User-Agent"] = "Formulary"
    # The host is our own choice, so that any address of it will do.
    adapter = GuardedAdapter(seconds=WHOLE_SECONDS, admit=lambda _address: True)
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    for hook in ("access_token_response", "refresh_token_response"):
        session.register_compliance_hook(hook, refuse_faulty)
    return session


def credentials_in_json(
    client: Any, _method: str, url: str, headers: Any, body: str | bytes | None
) -> tuple[str, Any, bytes]:
    """Authlib's form, turned into the JSON that Fullscript documents, with the application's credentials in it."""
    form = body.decode() if isinstance(body, bytes) else body or ""
    fields = {**dict(url_decode(form)), "client_id": client.client_id, "client_secret": client.client_secret}
    written = json.dumps(fields).encode()
    headers["Content-Type"] = "application/json"
    headers["Content-Length"] = str(len(written))
    return url, headers, written


def refuse_faulty(response: requests.Response) -> requests.Response:
    """Let OAuth's own answers through. Raises PartnerFault for every other."""
    if response.status_code in (requests.codes.ok, requests.codes.bad_request, requests.codes.unauthorized):
        return response
    raise fault_of(response)


def fault_of(response: requests.Response) -> PartnerFault | NotGranted:
    """The error of a status. Nothing of the answer's body is told: it may name a person or a token."""
    log.warning("partner_refused", status=response.status_code, request_id=response.headers.get("X-Request-Id"))
    match response.status_code:
        case 401:
            return TokenRefused("Fullscript refuses the access token. Connect Fullscript again.")
        case 403:
            return NotGranted("Fullscript has not granted this to the application; ask Fullscript's API team for it.")
        case 404:
            return AnswerMissing("Fullscript has nothing at this address.")
        case 429:
            pause = response.headers.get("Retry-After", "")
            after = f"in {pause} seconds" if pause.isascii() and pause.isdigit() else "in five minutes"
            return RateLimited(f"Fullscript was asked too often. Try again {after}.")
    return PartnerFault(f"Fullscript answered with status {response.status_code}. Try again later.")


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn the libraries' errors into ours; theirs may hold tokens in their text."""
    try:
        yield
    except OAuthError as fault:
        if fault.error == "invalid_grant":
            raise GrantRefused("Fullscript says this permission is spent, expired or revoked.") from None
        raise PartnerFault(
            "Fullscript refuses the application. Check FULLSCRIPT_CLIENT_ID, FULLSCRIPT_CLIENT_SECRET and the redirect "
            "address in its API Dashboard."
        ) from None
    except (requests.RequestException, AuthlibBaseError, ValueError) as fault:
        log.warning("partner_silent", error=type(fault).__name__)
        raise PartnerFault("Fullscript did not answer, or not to the end. Try again in a moment.") from None
