"""What every page of the console stands in: its style, its navigation, and the notice after a write.

A page is rendered by `render_page` and extends `console/frame.html`. A page that others should find has a line in
NAVIGATION; a write ends with `done`, whose code has a sentence in NOTICES.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Response, g, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from service.accounts.queries import SignedInPerson
from service.cards.style import INK_STYLE
from service.console.forms import Form

_SHEET: Final = Path(__file__).parent / "styles" / "console.css"
CONSOLE_STYLE: Final = INK_STYLE + "\n" + _SHEET.read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the navigation, for people of these roles; none means every role."""

    path: str
    label: str
    roles: tuple[str, ...] = ()


# Who practises; staff do not see what is earned, nor act at a partner.
PRACTITIONERS: Final = ("owner", "practitioner")
NAVIGATION: Final = (
    Place("/console/", "Home"),
    Place("/console/programs", "Programs", ("owner",)),
    Place("/console/products", "Products", ("owner",)),
    Place("/console/discounts", "Discounts", ("owner",)),
    Place("/console/share", "Share"),
    Place("/console/links", "Links", PRACTITIONERS),
    Place("/console/clicks", "Clicks", PRACTITIONERS),
    Place("/console/account", "Account"),
)
# Told once after a write, by the code in `?done=`; any other code tells nothing.
NOTICES: Final[Mapping[str, str]] = {
    "ended": "The discount is over. No surface tells of it any more.",
    "passphrase": "Your passphrase is set. You are signed out on every other browser.",
    "saved": "Saved.",
    "signed-out": "You are signed out.",
    "signed-out-everywhere": "You are signed out on every browser.",
}


def render_page(template: str, *, form: Form | None = None, **values: Any) -> Response:
    """A page of the console. With a form that was refused it has that form's status (422 or 429)."""
    form = form or Form()
    person: SignedInPerson | None = g.get("person")
    body = render_template(
        template,
        form=form,
        person=person,
        places=places_for(person),
        here=here(request.path),
        notice=NOTICES.get(request.args.get("done", "")),
        console_style=Markup(CONSOLE_STYLE),  # noqa: S704 - our own files
        **values,
    )
    response = Response(body, form.status, mimetype="text/html")
    response.headers.update(form.headers)
    return response


def render_error(_status: int, title: str, detail: str) -> str:
    """An error at an address of the console, as a page of it."""
    return render_page("console/error.html", title=title, detail=detail).get_data(as_text=True)


def done(path: str, code: str) -> Answer:
    """To a page of the console after a write, with the notice of this code."""
    if code not in NOTICES:
        raise ValueError(f"no notice is told for {code!r}")
    return redirect(f"{path}?done={code}", 303)


def places_for(person: SignedInPerson | None) -> list[Place]:
    """The lines of the navigation for who asks."""
    return [place for place in NAVIGATION if person and (not place.roles or person.role in place.roles)]


def here(path: str) -> str:
    """The path of the navigation's line that a page belongs to, or ""."""
    found = [place.path for place in NAVIGATION if path == place.path or path.startswith(f"{place.path}/")]
    return max(found, key=len, default="")
