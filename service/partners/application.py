"""This service as Fullscript knows it: the application registered in its API Dashboard.

Nothing here loads a library: a start reads this and no more. The addresses are those of Fullscript's page
"For AI: Environments and URLs", which it calls canonical (fullscript.dev/docs/getting-started/for-ai/overview).
Its older pages name api-us.fullscript.io for production and /oauth/authorize without /api.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from service.config import Settings

FULLSCRIPT: Final = "fullscript"
CONNECT_PATH: Final = "/partners/fullscript/connect"
CALLBACK_PATH: Final = "/partners/fullscript/callback"
WEBHOOK_PATH: Final = "/partners/fullscript/webhook"

# By region, and whether it is the sandbox.
HOSTS: Final[Mapping[tuple[str, bool], str]] = {
    ("us", False): "https://api-us.fullscript.com",
    ("ca", False): "https://api-ca.fullscript.com",
    ("us", True): "https://api-us-snd.fullscript.io",
    ("ca", True): "https://api-ca-snd.fullscript.io",
}
# Where the links it gives may lead, as a content security policy names hosts; schemas.LINK_FORM checks each.
LINK_HOSTS: Final = ("https://*.fullscript.com", "https://*.fullscript.io")


@dataclass(frozen=True, slots=True)
class Application:
    """The credentials, where they are good for, and where Fullscript sends the browser back to."""

    client_id: str
    client_secret: str = field(repr=False)
    region: str
    sandbox: bool
    redirect_uri: str
    # Only the tests give one, to reach a server of their own.
    base_url: str | None = None

    @property
    def host(self) -> str:
        """Scheme and host of every address, without a slash at the end."""
        return self.base_url or HOSTS[self.region, self.sandbox]

    @property
    def place(self) -> str:
        """Which Fullscript this is, for people: "Fullscript US sandbox"."""
        return f"Fullscript {self.region.upper()}{' sandbox' if self.sandbox else ''}"


def application_of(settings: Settings) -> Application | None:
    """The application the settings name; None where Fullscript is not set up."""
    if settings.fullscript_client_id is None or settings.fullscript_client_secret is None:
        return None
    return Application(
        client_id=settings.fullscript_client_id,
        client_secret=settings.fullscript_client_secret,
        region=settings.fullscript_region,
        sandbox=settings.fullscript_sandbox,
        redirect_uri=f"{settings.public_url}{CALLBACK_PATH}",
    )
