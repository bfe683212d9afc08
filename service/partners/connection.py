"""The connection to Fullscript: made by a person, used by the app, ended by the command line.

The libraries it takes (requests, Authlib, cryptography) cost a start 0.4 s, so they are imported at the first use.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from flask import Flask, current_app

from service.partners.actions import remove_account, save_account
from service.partners.application import FULLSCRIPT, Application
from service.partners.errors import NotConnected, PartnerFault, ReconnectNeeded
from service.partners.queries import find_account

if TYPE_CHECKING:
    from service.partners.fullscript import Fullscript, OAuth
    from service.partners.vault import Vault


def keep_application(app: Flask, application: Application | None) -> None:
    """Give the app its application at Fullscript, or none."""
    app.extensions["fullscript"] = application


def current_application() -> Application:
    """Raises NotConnected where Fullscript is not set up."""
    application: Application | None = current_app.extensions.get("fullscript")
    if application is None:
        raise NotConnected("Fullscript is not set up: set FULLSCRIPT_CLIENT_ID and FULLSCRIPT_CLIENT_SECRET.")
    return application


def current_oauth() -> "OAuth":
    """Raises NotConnected where Fullscript is not set up."""
    from service.partners.fullscript import OAuth

    return OAuth(current_application())


def current_fullscript() -> "Fullscript":
    """What the connected account may read. Raises NotConnected where Fullscript is not set up."""
    from service.partners.fullscript import Fullscript
    from service.partners.tokens import KeptTokens

    return Fullscript(current_application(), KeptTokens(current_application(), current_oauth(), _vault()))


def connect_account(*, code: str, connected_by: str, now: datetime) -> None:
    """Exchange an authorization code and keep its tokens; flushes. Raises GrantRefused and PartnerFault."""
    application, vault = current_application(), _vault()
    grant = current_oauth().exchange(code, now=now)
    save_account(
        partner=FULLSCRIPT,
        region=application.region,
        sandbox=application.sandbox,
        sealed=(vault.seal(grant.access_token), vault.seal(grant.refresh_token)),
        scopes=grant.scopes,
        expires_at=grant.expires_at,
        connected_by=connected_by,
        now=now,
    )


def disconnect_account() -> bool:
    """Forget the account, and whether Fullscript could be told to end its token; flushes. Raises NotConnected."""
    account = find_account()
    if account is None:
        raise NotConnected("There is no connection to end.")
    try:
        current_oauth().revoke(_vault().open(account.access_token))
        was_told = True
    except (NotConnected, PartnerFault, ReconnectNeeded):
        was_told = False
    remove_account(account)
    return was_told


def _vault() -> "Vault":
    from service.partners.vault import Vault

    return Vault(current_app.config["FORMULARY"].secret_key)
