"""Figures, what they should reach, and how they are printed."""

from dataclasses import dataclass
from itertools import zip_longest
from statistics import median

import click

HEADINGS = ("", "figure", "against bare Flask", "target", "")


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on a figure: at least it, or at most it."""

    bound: float
    unit: str
    at_least: bool = False

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g} {self.unit}"

    def is_met(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: what was measured, told in words, with its target where it has one.

    `reached` is the number the target is about.
    """

    name: str
    told: str
    ratio: str = ""
    target: Target | None = None
    reached: float = 0.0

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        return "met" if self.target.is_met(self.reached) else "MISSED"

    def cells(self) -> tuple[str, ...]:
        return self.name, self.told, self.ratio, str(self.target or ""), self.verdict


def median_ratio(over: list[float], under: list[float]) -> float:
    """The median of the rounds' own ratios, so that a noisy round weighs no more than another."""
    return median(top / bottom for top, bottom in zip(over, under, strict=True))


def tell_times(seconds: float) -> str:
    """A duration in the unit that reads best."""
    if seconds < 0.001:
        return f"{seconds * 1e6:.1f} µs"
    return f"{seconds * 1000:.2f} ms" if seconds < 1 else f"{seconds:.2f} s"


def print_table(title: str, figures: list[Figure], notes: tuple[str, ...] = ()) -> None:
    lines = [HEADINGS, *(figure.cells() for figure in figures)]
    widths = [max(map(len, column)) for column in zip_longest(*lines, fillvalue="")]
    click.echo(f"\n{title}")
    for line in lines:
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:4], widths[1:4], strict=True)]
        click.echo("  " + "  ".join([*cells, line[4]]).rstrip())
    for note in notes:
        click.echo(f"  {note}")


def print_missed(figures: list[Figure]) -> None:
    """The last word: which targets were missed, or that none was."""
    aimed = [figure for figure in figures if figure.target is not None]
    missed = [figure for figure in aimed if figure.verdict == "MISSED"]
    click.echo(f"\n{len(aimed) - len(missed)} of {len(aimed)} targets are met.")
    for figure in missed:
        click.echo(f"  missed: {figure.name}: {figure.told} {figure.ratio}, target {figure.target}")
