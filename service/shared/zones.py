"""Zones: the security headers of each kind of surface, set in one place.

A zone belongs to a blueprint, chosen where the blueprint is registered.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flask import Response, request

from service.shared.published import MARK


@dataclass(frozen=True, slots=True)
class Zone:
    """A kind of surface and the headers every answer of it carries; a private one is kept nowhere."""

    name: str
    headers: Mapping[str, str] = field(default_factory=dict)
    is_private: bool = False

    def protect(self, response: Response) -> Response:
        if self.is_private:
            request.environ.pop(MARK, None)
            response.headers["Cache-Control"] = "no-store"
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
    """Cards: no script but our own, framed by our own pages and the sites the settings name."""
    ancestors = frame_ancestors if frame_ancestors == "*" else f"'self' {frame_ancestors}"
    return Zone("card", {**EVERYWHERE, "Content-Security-Policy": _policy(style, ancestors, scripts="'self'")})


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


def console_zone(style: str, *, forms_lead_to: Iterable[str] = ()) -> Zone:
    """The console: for signed-in people alone, kept by no cache, framed by nobody, found by no search.

    `forms_lead_to` names the hosts that the answer to a form may send the browser on to: Chromium holds a form's
    redirects to the policy of the page it stands on.
    """
    return Zone(
        "console",
        {
            **EVERYWHERE,
            "Content-Security-Policy": _policy(
                style, "'none'", scripts="'self'", forms=" ".join(["'self'", *forms_lead_to])
            ),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "same-origin",
            "X-Robots-Tag": "noindex, nofollow",
        },
        is_private=True,
    )


def _policy(style: str, frame_ancestors: str, *, scripts: str = "'none'", forms: str = "'self'") -> str:
    """A policy that admits one inline style sheet, by its digest."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; img-src 'self' data:; style-src 'sha256-{digest}'; script-src {scripts}; "
        f"frame-src 'self'; connect-src 'self'; form-action {forms}; base-uri 'none'; "
        f"frame-ancestors {frame_ancestors}"
    )
