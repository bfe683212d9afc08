"""Zones: the security headers of each kind of surface, set in one place.

A zone belongs to a blueprint, chosen where the blueprint is registered.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Response


@dataclass(frozen=True, slots=True)
class Zone:
    """A kind of surface and the headers every answer of it carries."""

    name: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def protect(self, response: Response) -> Response:
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        return response


EVERYWHERE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Amazon wants to see which site a click comes from; nobody needs the full address.
    "Referrer-Policy": "strict-origin-when-cross-origin",
}


def page_zone(style: str) -> Zone:
    """Our own pages: our style, our scripts and our cards, framed by nobody else."""
    return Zone(
        "page",
        {
            **EVERYWHERE,
            "Content-Security-Policy": _policy(style, "'self'", scripts="'self'"),
        },
    )


def card_zone(style: str, frame_ancestors: str) -> Zone:
    """Cards: no script at all, framed by our own pages and the sites the settings name."""
    ancestors = frame_ancestors if frame_ancestors == "*" else f"'self' {frame_ancestors}"
    return Zone("card", {**EVERYWHERE, "Content-Security-Policy": _policy(style, ancestors)})


def api_zone() -> Zone:
    """Data: never rendered, readable by any site's script."""
    return Zone(
        "api",
        {
            **EVERYWHERE,
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Headers": "Authorization, If-None-Match",
            "Access-Control-Expose-Headers": "ETag, Link",
        },
    )


def go_zone(style: str) -> Zone:
    """Redirects: not indexed, not kept."""
    return Zone(
        "go",
        {
            **EVERYWHERE,
            "Content-Security-Policy": _policy(style, "'none'"),
            "X-Robots-Tag": "noindex, nofollow",
            "Cache-Control": "no-store",
        },
    )


def _policy(style: str, frame_ancestors: str, *, scripts: str = "'none'") -> str:
    """A policy that admits one inline style sheet, by its digest."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; img-src 'self' data:; style-src 'sha256-{digest}'; script-src {scripts}; "
        f"frame-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {frame_ancestors}"
    )
