"""What each surface has to be at a moment, worked out from the tables of the walk alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from tests.contracts.combinations import ACCOUNTS, AUDIENCES, CASES, CHANNELS, DEFAULTS, Figure, State
from tests.contracts.observations import Due
from tests.contracts.surfaces import Shown

RETAIL: Final = "41.79"
CENT: Final = Decimal("0.01")
# The owner entered a retail price for some products, and named a substitute for some.
PRICED: Final = frozenset({"du-huo-ji-sheng-tang-fullscript", "zheng-gu-shui-regular"})
SUBSTITUTED: Final = PRICED
# California asks for a warning with these.
WARNED: Final = PRICED
PROP_65: Final = "WARNING: a walked product can expose you to lead."
FORMULAS: Final = (
    Shown("du-huo-ji-sheng-tang", "fullscript", ("du-huo-ji-sheng-tang-fullscript",)),
    Shown("shao-yao-gan-cao-tang", "second", ("shao-yao-gan-cao-tang-fullscript",)),
    Shown("zheng-gu-shui", "amazon", ("zheng-gu-shui-regular", "zheng-gu-shui-ultra"), is_topical=True),
)
# The product that a discount of a product's own is for, by program.
PRODUCTS: Final = {formula.program: formula.products[0] for formula in FORMULAS}
Cases = Mapping[str, tuple[Figure, ...]]


@dataclass(frozen=True)
class Moment:
    """A formula at one moment of the walk."""

    state: State
    formula: Shown
    case: tuple[Figure, ...]
    number: int
    is_in_window: bool

    def told_on(self, channel: str, product: str) -> list[Figure]:
        """The admissible discounts in force for a product that its audience may be told of here, in order."""
        return [figure for figure in self._in_force(product) if channel in AUDIENCES[figure.audience]]

    def _in_force(self, product: str) -> list[Figure]:
        return [
            figure
            for figure in self.case
            if figure.is_admissible(self.state)
            and (self.is_in_window or not figure.is_windowed)
            and (not figure.product or product == self.formula.products[0])
        ]

    def marks(self) -> frozenset[str]:
        """What gives a discount away beside its figure; a key alone may be named as outranked."""
        return frozenset(mark for figure in self.case for mark in _marks(figure, self.number))

    def told_marks(self, channel: str, products: tuple[str, ...]) -> frozenset[str]:
        """The marks of what is told here, and the keys of what it stands before."""
        found: set[str] = set()
        for product in products:
            told = self.told_on(channel, product)
            if told and self._view(channel, product) == "figure":
                found |= _marks(told[0], self.number) | {f"{figure.key}-{self.number}" for figure in told}
        return frozenset(found)

    def _view(self, channel: str, product: str) -> str:
        return self._cell(channel, product)[1]

    def _has_substitute(self, product: str) -> bool:
        return self.state.substitute is not None and product in SUBSTITUTED

    def _cell(self, channel: str, product: str) -> tuple[str, str]:
        if not self._has_substitute(product):
            return self.state.cell(channel)
        kind = ACCOUNTS[str(self.state.substitute)].kind
        return State("", ACCOUNTS[str(self.state.substitute)], DEFAULTS[kind]).cell(channel)

    @staticmethod
    def _default(kind: str, channel: str) -> tuple[str, str]:
        link, view = DEFAULTS[kind].split()[CHANNELS.index(channel)].split("/")
        return link, view

    def due(self, channel: str) -> tuple[Due, ...]:
        if not self.state.is_offered:
            return ()
        return tuple(self._due(channel, product) for product in self.formula.products)

    def _due(self, channel: str, product: str) -> Due:
        stands_in = self._has_substitute(product)
        account = ACCOUNTS[str(self.state.substitute)] if stands_in else self.state.account
        link, view = self._cell(channel, product)
        told = [] if stands_in or view != "figure" else self.told_on(channel, product)
        looser_link = link in ("direct", "go") and self._default(account.kind, channel)[0] not in ("direct", "go")
        kept_back = [] if stands_in or told or view == "none" else self._in_force(product)
        is_neutral = any(figure.how == "sign_in" and figure.audience != "practitioner" for figure in kept_back)
        default_view = self._default(account.kind, channel)[1]
        told_more = (bool(told) and default_view != "figure") or (is_neutral and default_view == "none")
        return Due(
            product=product,
            kind=account.kind,
            host=account.host,
            link=link,
            figures=told[0].numbers(self.state) if told else (),
            is_neutral=is_neutral,
            # It is shown where it is made use of: a looser link, or more told of a discount than the default tells.
            is_permitted=channel in self.state.permitted and not stands_in and (looser_link or told_more),
            price=self._price(told) if self._is_priced(channel, product, account.kind, view) else None,
            tag=account.settings.get("tag"),
            warning=PROP_65 if product in WARNED else None,
        )

    def _is_priced(self, channel: str, product: str, kind: str, view: str) -> bool:
        is_private = channel in ("console", "message", "speech")
        return product in PRICED and is_private and view == "figure" and kind != "amazon_associates"

    def _price(self, told: list[Figure]) -> tuple[str, str, str]:
        full = Decimal(RETAIL)
        if not told:
            return RETAIL, RETAIL, RETAIL
        numbers = told[0].numbers(self.state)
        if told[0].is_amount:
            reduced = str(full - Decimal(numbers[0]))
            return RETAIL, reduced, reduced
        low, high = ((full * (100 - int(number)) / 100).quantize(CENT, ROUND_HALF_UP) for number in numbers[::-1])
        return RETAIL, str(low), str(high)


def _marks(figure: Figure, number: int) -> set[str]:
    code = {f"CODE{figure.code}"} if figure.how == "code" else set()
    return {f"{figure.key}-{number}", f"Terms{figure.code}", *code}


def rounds() -> Iterator[Cases]:
    """Each case of discounts with each formula once."""
    for turn in range(len(CASES) // len(FORMULAS)):
        yield {
            formula.program: CASES[(turn + number * (len(CASES) // len(FORMULAS))) % len(CASES)]
            for number, formula in enumerate(FORMULAS)
        }
