"""Short names: an address that can be said on the phone (`/du-huo`) and typed as it was heard."""

import re
from typing import Final

SHORTEST: Final = 3
LONGEST: Final = 24
# Spaces and hyphens come on top of the letters.
LONGEST_TYPED: Final = 40
_TYPED: Final = re.compile(r"[A-Za-z0-9 _-]+")
_BETWEEN: Final = re.compile(r"[ _-]+")

# Where our own addresses begin, now or as planned, and what people expect to find under a name of its own.
RESERVED: Final = frozenset(
    {
        *("about", "accounts", "admin", "api", "assets", "cards", "catalog", "changes", "clicks", "console"),
        *("contact", "docs", "embed", "export", "favicon", "feed", "formula", "formulas", "formulary", "healthz"),
        *("help", "herb", "herbs", "hit", "home", "login", "logout", "manifest", "metrics", "oauth", "oembed"),
        *("offline", "offers", "partners", "people", "privacy", "problems", "readyz", "robots", "safety", "search"),
        *("settings", "share", "sharing", "shop", "signin", "signout", "sitemap", "static", "status", "terms"),
        *("webhooks", "wellknown"),
    }
)


def fold(name: str) -> str:
    """A short name without what is not heard: case, hyphens, spaces."""
    return _BETWEEN.sub("", name).lower()


def is_typed_name(text: str) -> bool:
    """Whether this may be somebody's spelling of a short name at all."""
    return len(text) <= LONGEST_TYPED and _TYPED.fullmatch(text) is not None and len(fold(text)) >= SHORTEST
