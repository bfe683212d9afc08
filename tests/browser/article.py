"""The practice's article, laid out as a blog would, with cards pasted where it speaks of the products."""

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Final

TEXT: Final = Path(__file__).with_name("article.txt")
OPENING_OF: Final = {
    "du-huo-ji-sheng-tang": "Du Huo Ji Sheng Tang (",
    "shao-yao-gan-cao-tang": "Shao Yao Gan Cao Tang (",
    "zheng-gu-shui": "Zheng Gu Shui is",
}
STYLE: Final = """
:root { color-scheme: light dark; }
body { margin: 0; font: 18px/1.6 Georgia, "Times New Roman", serif; color: #222; background: #fff; }
main { max-width: 700px; margin: 0 auto; padding: 20px; }
h1 { font-size: 2em; line-height: 1.2; }
h2 { font-size: 1.4em; margin-top: 2em; }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #111; } }
"""
_HEADING_LENGTH: Final = 60


def lay_out(text: str, embeds: Mapping[str, str]) -> str:
    """The article as a page; `embeds` are the embed codes by slug, as the service gives them."""
    title, *blocks = text.strip().split("\n\n")
    body = "\n".join(_block(block) + _embed_after(block, embeds) for block in blocks)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>\n{body}\n</main></body></html>"
    )


def _block(block: str) -> str:
    if block.startswith("•"):
        return "<ul>" + "".join(f"<li>{escape(line.lstrip('• '))}</li>" for line in block.splitlines()) + "</ul>"
    if len(block) < _HEADING_LENGTH and not block.endswith("."):
        return f"<h2>{escape(block)}</h2>"
    return "<p>" + re.sub(r"^([A-Z][\w -]+:)", r"<strong>\1</strong>", escape(block)) + "</p>"


def _embed_after(block: str, embeds: Mapping[str, str]) -> str:
    return "".join(embeds[slug] for slug, opening in OPENING_OF.items() if block.startswith(opening))
