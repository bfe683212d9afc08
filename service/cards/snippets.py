"""The iframe that carries a card: no script, its place kept before it loads."""

from typing import Final

from markupsafe import Markup

from service.cards.heights import NARROW, WIDE, card_height
from service.cards.presenter import FormulaView

_IFRAME: Final = Markup(
    '<iframe src="{src}" title="{title}" width="100%" height="{tall}" loading="lazy" '
    'style="border:0;width:100%;max-width:640px;height:clamp({short}px,calc({base}px - {slope}vw),{tall}px)"></iframe>'
)


def iframe_of(view: FormulaView) -> Markup:
    """The embed code: its height goes from the narrow card's to the wide one's with the window's width."""
    tall, short = card_height(view, NARROW), card_height(view, WIDE)
    slope = (tall - short) / (WIDE - NARROW) * 100
    return _IFRAME.format(
        src=view.card_url,
        title=f"{view.title.pinyin}, {view.title.english}",
        tall=tall,
        short=short,
        base=round(tall + slope * (NARROW + 40) / 100),
        slope=f"{slope:.1f}",
    )


def fixed_iframe(view: FormulaView, *, width: int, height: int) -> Markup:
    """An iframe of a given size in pixels, as oEmbed consumers expect it."""
    return Markup(
        '<iframe src="{src}" title="{title}" width="{width}" height="{height}" style="border:0"></iframe>'
    ).format(
        src=view.card_url,
        title=f"{view.title.pinyin}, {view.title.english}",
        width=width,
        height=height,
    )
