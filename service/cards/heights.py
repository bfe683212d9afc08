"""How tall a card is at a width, so that a page can keep its place before it loads.

An estimate that follows `card.css` from top to bottom. Letters count as wide as those of DejaVu Sans,
the widest system font in use: a frame a little too tall shows ground, one too short a scroll bar.
The browser tests hold it against the real thing.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

from service.cards.presenter import FormulaView
from service.referrals.offers import Offer

NARROW: Final = 256
WIDE: Final = 640
TWO_COLUMNS: Final = 480
GAP: Final = 16
LETTER: Final = 0.53  # of the font's size, on average
BOLD: Final = 0.61


def card_height(view: FormulaView, width: int) -> int:
    """Pixels, on the 8-pixel grid, for a card in a frame of this width."""
    padding = 24 if width >= TWO_COLUMNS else 16
    inner = max(width, NARROW) - 2 * padding - 4
    product = view.first_product
    parts = [_head(view, inner, width), _purpose(view, inner), _cautions(view, inner)]
    if product is not None:
        parts += [_lines(note, inner) * 24 for note in product.notes]
    if product is not None and product.facts is not None:
        parts.append(_facts(product.facts, inner - 36))
    parts.append(_buy(product.offer, inner, width) if product is not None and product.offer is not None else 40)
    parts.append(sum(_lines(text, inner, 13) * 20 for text in (view.ask_first, view.review)) + 4)
    return math.ceil((sum(parts) + GAP * (len(parts) - 1) + 2 * padding + 4) / 8) * 8


def _head(view: FormulaView, inner: int, width: int) -> int:
    eyebrow = _lines(f"Chinese herbal formula · {view.practice}", inner, 13) * 16
    english = 0 if width >= TWO_COLUMNS else 8 + _lines(view.title.english, inner) * 24
    return eyebrow + 8 + 48 + 24 + english


def _purpose(view: FormulaView, inner: int) -> int:
    texts = sum(_lines(text, inner) * 24 + 8 for text, _ in view.purposes)
    return texts + sum(_lines(text, inner, 14, BOLD) * 20 + 8 for text in view.statements) - 8


def _cautions(view: FormulaView, inner: int) -> int:
    height = 40 + sum(_lines(f"{c.word}: {c.text}", inner - 32) * 24 + 8 for c in view.key_cautions) - 8
    if view.other_warnings:
        height += 8 + _lines(" ".join(view.other_warnings), inner, 16, BOLD) * 24
    if view.more_cautions:
        height += 8 + _lines(f"{view.more_cautions} more to read about {view.title.pinyin}", inner) * 24
    return height


def _facts(facts: Mapping[str, Any], inner: int) -> int:
    """The Drug Facts box, in smaller type."""
    actives = sum(_lines(f"{row['name']} {row['amount']} {row['purpose']}", inner, 14) for row in facts["active"])
    warnings = sum(_lines(text, inner - 16, 14) for text in (*facts["warnings"], facts["pregnancy"]))
    rest = sum(1 + _lines(facts[key], inner, 14) for key in ("uses", "directions") if facts.get(key))
    label = 3 if inner > 360 else 5
    return 28 + 48 + (1 + actives + 1 + warnings + rest + label) * 20 + 4 * 16


def _buy(offer: Offer, inner: int, width: int) -> int:
    label = f"{offer.label} {offer.paid_link_label or ''}"
    button = len(label) * 16 * BOLD + 52
    height = 16 + 28 + _lines(label, inner - 52, 16, BOLD) * 24
    beside = inner - button - 16
    if width >= TWO_COLUMNS and beside >= 200:
        height = max(height, 16 + _lines(offer.disclosure, int(beside)) * 24)
    else:
        height += 8 + _lines(offer.disclosure, inner) * 24
    below = [offer.discount and offer.discount.text, offer.permission]
    return height + sum(8 + _lines(text, inner) * 24 for text in below if text)


def _lines(text: str, inner: int, size: int = 16, letter: float = LETTER) -> int:
    """Lines the text takes; each ends, on average, a little before the edge."""
    return max(1, math.ceil(len(text) * size * letter / (inner - 1.5 * size)))
