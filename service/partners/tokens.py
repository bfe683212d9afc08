"""The tokens as they are kept: read, and renewed by one process at a time.

A refresh token serves once. Whoever renews holds the account's row (PostgreSQL), or a lock beside the file (SQLite,
which has no row lock: a write transaction would stop every other writer while Fullscript answers). Whoever waited reads
again and takes the new token. The new tokens are committed on their own, so that they stay when the call after them
fails. When the answer to a refresh is lost, the next refresh is refused and the account has to be connected again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from service.extensions import db, own_transaction
from service.partners.actions import mark_refused, renew_tokens
from service.partners.application import Application
from service.partners.errors import GrantRefused, NotConnected, ReconnectNeeded
from service.partners.models import PartnerAccount
from service.partners.queries import lock_account, read_account
from service.partners.vault import Vault
from service.shared.locks import wait_for

if TYPE_CHECKING:
    from service.partners.fullscript import OAuth
    from service.partners.schemas import Grant

RENEWED_BEFORE: Final = timedelta(seconds=60)
# Longer than a refresh can take (fullscript.WHOLE_SECONDS).
LONGEST_WAIT_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and what it opens; no scopes where Fullscript told none."""

    access_token: str = field(repr=False)
    scopes: tuple[str, ...]


class KeptTokens:
    """The connected account's tokens."""

    def __init__(self, application: Application, oauth: "OAuth", vault: Vault) -> None:
        self._application = application
        self._oauth = oauth
        self._vault = vault

    def current(self) -> Token:
        """A token that is good for a minute at least. Raises NotConnected, ReconnectNeeded and PartnerFault."""
        token, expires_at = self._known(read_account())
        if expires_at - datetime.now(UTC) > RENEWED_BEFORE:
            return token
        return self.renewed(spent=token.access_token)

    def renewed(self, *, spent: str) -> Token:
        """A token other than the spent one: another process's, or a new one. Raises as `current` does."""
        with one_at_a_time(), own_transaction() as session:
            account = lock_account(session)
            token, _ = self._known(account)
            if token.access_token != spent or account is None:
                return token
            now = datetime.now(UTC)
            try:
                grant = self._oauth.refresh(self._vault.open(account.refresh_token), now=now)
            except GrantRefused:
                mark_refused(account, now=now)
            else:
                renew_tokens(account, sealed=self.seal(grant), scopes=grant.scopes, expires_at=grant.expires_at)
                return Token(grant.access_token, tuple(account.scopes))
        raise ReconnectNeeded("Fullscript's refresh token is spent or revoked; connect Fullscript again.")

    def seal(self, grant: "Grant") -> tuple[str, str]:
        """Access and refresh token as they are kept."""
        return self._vault.seal(grant.access_token), self._vault.seal(grant.refresh_token)

    def _known(self, account: PartnerAccount | None) -> tuple[Token, datetime]:
        if account is None:
            raise NotConnected("Connect Fullscript first.")
        if account.refused_at is not None:
            raise ReconnectNeeded("Fullscript ended this connection; connect Fullscript again.")
        if (account.region, account.sandbox) != (self._application.region, self._application.sandbox):
            raise ReconnectNeeded(f"The kept connection is not to {self._application.place}; connect it again.")
        return Token(self._vault.open(account.access_token), tuple(account.scopes)), account.expires_at


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """On SQLite, hold the lock beside its file; elsewhere the row's own lock does. Raises Unavailable."""
    if db.engine.dialect.name != "sqlite":
        yield
        return
    with wait_for(db.engine, "fullscript-token", seconds=LONGEST_WAIT_SECONDS):
        yield
