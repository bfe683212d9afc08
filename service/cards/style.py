"""The style sheets, read once: each page carries its own, admitted by digest in its policy."""

from pathlib import Path
from typing import Final

from flask import Flask, render_template, request
from markupsafe import Markup

_FOLDER: Final = Path(__file__).parent / "styles"


def _read(*names: str) -> str:
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)


# What every surface shares: colours, faces, focus.
INK_STYLE: Final = _read("ink.css")
CARD_STYLE: Final = _read("ink.css", "card.css")
PAGE_STYLE: Final = _read("ink.css", "page.css")


def prepare_templates(app: Flask) -> None:
    """Give every template the style sheets."""
    app.jinja_env.globals.update(card_style=Markup(CARD_STYLE), page_style=Markup(PAGE_STYLE))  # noqa: S704 - our own files
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def render_error(status: int, title: str, detail: str) -> str:
    """An error as a page, or as a small card where a card was asked for."""
    if not request.path.startswith("/cards/"):
        return render_template("error.html", title=title, detail=detail)
    theme = request.args.get("theme", "auto")
    shown = {
        404: "This product is not available.",
        410: "This product is no longer recommended.",
    }
    return render_template(
        "card_absent.html",
        title=shown.get(status, title),
        detail=detail,
        theme=theme if theme in ("light", "dark") else "auto",
    )
