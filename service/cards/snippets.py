"""The embed code that carries a card: no script, its place kept before it loads."""

from itertools import pairwise
from typing import Final

from markupsafe import Markup

from service.cards.heights import NARROW, WIDE, card_height
from service.cards.presenter import FormulaView

# Measured in `cqw`, the frame's height follows the column it stands in, not the window. The intrinsic size
# keeps the card visible in a parent that shrinks to what it holds.
_EMBED: Final = Markup(
    '<div style="container-type:inline-size;contain-intrinsic-inline-size:280px;width:100%;max-width:{wide}px">'
    '<iframe src="{src}" title="{title}" width="100%" height="{tall}" loading="lazy" '
    'style="border:0;display:block;width:100%;height:max({heights})"></iframe></div>'
)
_FIXED: Final = Markup(
    '<iframe src="{src}" title="{title}" width="{width}" height="{height}" style="border:0;max-width:100%"></iframe>'
)
_KNOTS: Final = (NARROW, 320, 440, WIDE)


def iframe_of(view: FormulaView) -> Markup:
    """The embed code: straight lines between the heights at a few widths, the highest of them counting."""
    heights = {width: card_height(view, width) for width in _KNOTS}
    lines = [f"{heights[WIDE]}px"]
    for narrow, wide in pairwise(_KNOTS):
        slope = (heights[narrow] - heights[wide]) / (wide - narrow)
        lines.append(f"{heights[wide] + slope * wide:.0f}px - {slope * 100:.0f}cqw")
    return _EMBED.format(
        src=view.card_url,
        title=_title(view),
        wide=WIDE,
        tall=heights[NARROW],
        heights=",".join(lines),
    )


def fixed_iframe(view: FormulaView, *, width: int, height: int) -> Markup:
    """An iframe of a given size in pixels, as oEmbed consumers expect it."""
    return _FIXED.format(src=view.card_url, title=_title(view), width=width, height=height)


def _title(view: FormulaView) -> str:
    return f"{view.title.pinyin}, {view.title.english}"
