"""How tall a card is at a width, so that a page can keep its place before it loads.

An estimate from the card's own measures (`card.css`): lines of text at the average width of a
letter, rounded up, plus the gaps. The browser tests hold it against the real thing.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

from service.cards.presenter import FormulaView

NARROW: Final = 320
WIDE: Final = 640
PADDING: Final = 48
LETTER: Final = 7.4
LINE: Final = 24
SMALL_LETTER: Final = 6.6
SMALL_LINE: Final = 20
HEAD: Final = 132
BUTTON: Final = 64


def card_height(view: FormulaView, width: int) -> int:
    """Pixels, on the 8-pixel grid, for a card in a frame of this width."""
    inner = max(width, 240) - PADDING - 2
    height = HEAD + PADDING
    height += sum(_lines(text, inner) for text, _ in view.purposes) * LINE + 16
    height += sum(_lines(f"{c.sign} {c.word}. {c.text}", inner - 40) * LINE + 8 for c in view.key_cautions) + 40
    height += LINE * 2 if view.more_cautions else 0
    product = view.first_product
    if product is not None and product.offer is not None:
        beside = inner if width < 480 else inner // 2
        height += BUTTON + _lines(product.offer.disclosure, beside) * LINE
        height += _lines(product.offer.discount.text, inner) * LINE if product.offer.discount else 0
    if product is not None and product.facts is not None:
        height += _facts_height(product.facts, inner - 32)
    small = [*view.statements, view.ask_first, view.review]
    height += sum(_lines(text, inner, SMALL_LETTER) * SMALL_LINE + 8 for text in small) + 24
    return math.ceil(height / 8) * 8


def _facts_height(facts: Mapping[str, Any], inner: int) -> int:
    """The Drug Facts box: each active ingredient, uses, warnings, directions, in small type."""
    actives = [f"{active['name']} {active['amount']} {active['purpose']}" for active in facts["active"]]
    texts = [
        *actives,
        facts.get("uses", ""),
        *facts["warnings"],
        facts["pregnancy"],
        facts.get("directions", ""),
    ]
    headings = 5
    return sum(_lines(text, inner, SMALL_LETTER) for text in texts if text) * (SMALL_LINE + 2) + headings * 28 + 48


def _lines(text: str, inner: int, letter: float = LETTER) -> int:
    return max(1, math.ceil(len(text) * letter / inner * 1.06))
