"""The addresses of our own pages, and the campaign arguments (UTM) they carry by preset.

Messages, print and speech point here and nowhere else. A preset's values are fixed words and the
formula's slug, so that nothing of a patient can stand in an address.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from service.shared.errors import BadInput
from service.shared.published import without_campaign


class Preset(StrEnum):
    """Where a link to our own page stands."""

    SMS = "sms"
    EMAIL = "email"
    PRINT = "print"
    FEED = "feed"
    CARD = "card"


THE_SLUG: Final = "{slug}"
# A printed code holds the fewest modules it can.
UTM: Final[Mapping[Preset, Mapping[str, str]]] = {
    Preset.SMS: {"utm_source": "practice", "utm_medium": "sms", "utm_campaign": THE_SLUG},
    Preset.EMAIL: {"utm_source": "practice", "utm_medium": "email", "utm_campaign": THE_SLUG},
    Preset.PRINT: {"utm_medium": "qr"},
    Preset.FEED: {"utm_source": "feed", "utm_medium": "feed", "utm_campaign": THE_SLUG},
    Preset.CARD: {"utm_source": "card", "utm_medium": "card", "utm_campaign": THE_SLUG},
}


class ForeignAddress(BadInput):
    code = "foreign-address"
    title = "This address is not ours"


def page_address(slug: str, public_url: str) -> str:
    """The public page of a formula."""
    return f"{public_url}/f/{slug}"


def short_address(short_name: str | None, public_url: str) -> str | None:
    """The page's address to be said, where the formula has a short name."""
    return f"{public_url}/{short_name}" if short_name else None


def with_utm(url: str, preset: Preset, *, slug: str, public_url: str) -> str:
    """One of our own addresses with a preset's campaign arguments, in place of any it had.

    Query and fragment stay. Raises ForeignAddress for any other host.
    """
    parts, ours = urlsplit(url), urlsplit(public_url)
    is_below = f"{parts.path}/".startswith(f"{ours.path.rstrip('/')}/")
    if (parts.scheme, parts.netloc) != (ours.scheme, ours.netloc) or not is_below:
        raise ForeignAddress("Campaign arguments stand on our own pages only, never on a vendor's link.")
    arguments = {name: value.replace(THE_SLUG, slug) for name, value in UTM[preset].items()}
    query = "&".join(part for part in (without_campaign(parts.query), urlencode(arguments)) if part)
    return urlunsplit(parts._replace(query=query))
