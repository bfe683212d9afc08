"""One small bar chart as a frozen view: every figure a template needs to draw it and to say it in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.clicks.queries import Total

WIDTH: Final = 320
HEIGHT: Final = 96
GAP: Final = 0.2


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in the chart's own units, its foot on the axis; `label` and `value` say it in words."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of WIDTH by HEIGHT units (an SVG viewBox), with the table that says the same.

    `top` is the value at the upper edge; `first` and `last` stand at the ends of the axis below.
    """

    title: str
    bars: tuple[Bar, ...]
    top: int
    first: str
    last: str
    summary: str
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def rows(self) -> Sequence[tuple[str, int]]:
        """Label and value of every bar, for the table beside the drawing."""
        return [(bar.label, bar.value) for bar in self.bars]


def draw_bars(title: str, totals: Sequence[Total]) -> Chart:
    """A chart of the counted clicks of days, products or the like, in the order given."""
    points = [(total.name, total.counted) for total in totals]
    top = round_up(max((value for _, value in points), default=0))
    step = WIDTH / max(1, len(points))
    bars = tuple(_bar(place, label, value, step=step, top=top) for place, (label, value) in enumerate(points))
    return Chart(
        title=title,
        bars=bars,
        top=top,
        first=points[0][0] if points else "",
        last=points[-1][0] if points else "",
        summary=_in_words(title, points),
    )


def round_up(value: int) -> int:
    """The least of 1, 2, 5, 10, 20, 50 … that is not below the value."""
    power = 1
    while True:
        for step in (1, 2, 5):
            if value <= step * power:
                return step * power
        power *= 10


def _bar(place: int, label: str, value: int, *, step: float, top: int) -> Bar:
    height = round(HEIGHT * value / top, 2)
    return Bar(
        x=round((place + GAP / 2) * step, 2),
        y=round(HEIGHT - height, 2),
        width=round((1 - GAP) * step, 2),
        height=height,
        label=label,
        value=value,
    )


def _in_words(title: str, points: Sequence[tuple[str, int]]) -> str:
    """The text alternative: how many in all, and where the most."""
    total = sum(value for _, value in points)
    if not total:
        return f"{title}: no clicks."
    label, most = max(points, key=lambda point: point[1])
    return f"{title}: {total:,} in all, the most {most:,} ({label})."
