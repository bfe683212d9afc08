"""What the walk of the channel policy goes through: programs in every state, discounts, moments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from service.referrals.book import Book, KnownDiscount, KnownPractice, KnownProgram
from service.referrals.policy import PLACEMENTS
from tests.referrals.books import PUBLIC_URL, discount

START: Final = datetime(2026, 12, 1, 8, tzinfo=UTC)
END: Final = datetime(2026, 12, 8, 8, tzinfo=UTC)
# Each moment with whether a discount from START to END is in force; walked in this order, as time passes.
MOMENTS: Final = (
    ("before its start", START - timedelta(seconds=1), False),
    ("at its start", START, True),
    ("in its last second", END - timedelta(seconds=1), True),
    ("at its end", END, False),
)
CHANNELS: Final = ("public_web", "feed", "console", "message", "print", "speech")
AUDIENCES: Final = {
    "public": frozenset(CHANNELS),
    "patients": frozenset({"console", "message", "print", "speech"}),
    "practitioner": frozenset({"console"}),
}
WAYS: Final = ("automatic", "sign_in", "code")
LEAVE: Final = {"note": "Letter 88.", "given_on": "2026-01-02"}
LEAVE_TOLD: Final = "By written permission of 2 January 2026: Letter 88."


@dataclass(frozen=True)
class Account:
    """A program's account in one country, and what its rules let a discount be."""

    kind: str
    seller: str
    host: str
    templates: Mapping[str, str]
    settings: Mapping[str, str]
    percents: tuple[int, int] = (17, 23)
    over_cap: tuple[int, int] = (24, 47)
    takes_discounts: bool = True
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_fixed_percent(self) -> bool:
        return self.percents[0] == self.percents[1]

    def known(self, key: str, **changes: Any) -> KnownProgram:
        values: dict[str, Any] = {
            "key": key,
            "kind": self.kind,
            "seller": self.seller,
            "templates": self.templates,
            "allowed_hosts": (self.host,),
            "settings": self.settings,
            "placements": {},
            "marketplace": None,
            "takes_profit": True,
            "is_example": False,
            "policy": {},
            "disclosure": None,
            "enabled": True,
            "discounts": (),
        }
        return KnownProgram(**{**values, **self.changes, **changes})


def _fullscript(host: str, **changes: Any) -> Account:
    welcome = f"https://{host}/welcome/{{dispensary}}"
    return Account(
        "fullscript",
        "Fullscript",
        host,
        {"welcome": welcome, "search": welcome, "item": welcome},
        {"dispensary": "walked-practice"},
        **changes,
    )


ACCOUNTS: Final = {
    "Fullscript US": _fullscript("us.fullscript.com"),
    "Fullscript CA": _fullscript("ca.fullscript.com", over_cap=(24, 31), changes={"marketplace": "ca"}),
    "Fullscript without profit": _fullscript(
        "us.fullscript.com", percents=(10, 10), over_cap=(17, 23), changes={"takes_profit": False}
    ),
    "Amazon US": Account(
        "amazon_associates",
        "Amazon",
        "www.amazon.com",
        dict.fromkeys(("welcome", "search", "item"), "https://www.amazon.com/s?k=walked{&tag}"),
        {"tag": "walked-20"},
        takes_discounts=False,
    ),
    "a shop": Account(
        "template",
        "Herb Shop",
        "shop.example.net",
        dict.fromkeys(("welcome", "search", "item"), "https://shop.example.net/herbs{?rcode}"),
        {"rcode": "WALK1"},
    ),
}
# The table of the design, written out on its own: link and discount on each of CHANNELS.
DEFAULTS: Final = {
    "fullscript": "go/neutral page/none go/figure page/figure qr/none spoken/figure",
    "amazon_associates": "direct/none page/none page/none page/none qr/none page/none",
    "template": "go/figure page/figure go/figure page/figure qr/none page/figure",
}
FIGURE, DIRECT = {"discount": "figure"}, {"link": "direct"}
PERMITTED: Final = {"permission": LEAVE}
GO_FIGURE, DIRECT_FIGURE = {"link": "go", **FIGURE}, DIRECT | FIGURE
# Cells that got past their validation: too loose without a permission, or not to be had at all.
TAMPERED: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    "fullscript": dict.fromkeys(("public_web", "feed", "message", "print", "speech"), DIRECT_FIGURE),
    "amazon_associates": {
        "public_web": DIRECT_FIGURE,
        **dict.fromkeys(("feed", "console", "message"), DIRECT),
        **dict.fromkeys(("print", "speech"), GO_FIGURE),
    },
    "template": {"feed": DIRECT, "message": GO_FIGURE, "print": DIRECT_FIGURE, "speech": GO_FIGURE},
}
# What Amazon forbids whoever permits it.
BEYOND_PERMISSION: Final = {
    **dict.fromkeys(("public_web", "feed", "console", "message"), GO_FIGURE | PERMITTED),
    **dict.fromkeys(("print", "speech"), DIRECT | PERMITTED),
}


@dataclass(frozen=True)
class State:
    """A program as the walk finds it, and what may then stand on each channel: `cells` as in DEFAULTS."""

    name: str
    account: Account
    cells: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    # The channels whose cell rests on a permission.
    permitted: frozenset[str] = frozenset()
    is_tampered: bool = False
    # Whether a link can be made at all.
    is_offered: bool = True
    # What stands in where the first way to buy is dead.
    substitute: str | None = None

    def cell(self, channel: str) -> tuple[str, str]:
        link, view = self.cells.split()[CHANNELS.index(channel)].split("/")
        return link, view


def _policy(**cells: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"policy": cells}


def _states_of(name: str, account: Account) -> Iterator[State]:
    plain = DEFAULTS[account.kind]
    yield State(name, account, plain)
    yield State(f"{name}, switched off", account, plain, {"enabled": False}, is_offered=False)
    if account.kind == "fullscript":
        loosened = "go/figure direct/figure go/figure direct/figure qr/figure spoken/figure"
        loose = _policy(
            public_web=FIGURE | PERMITTED,
            feed=FIGURE | DIRECT | PERMITTED,
            message=DIRECT | PERMITTED,
            print=FIGURE | PERMITTED,
        )
    elif account.kind == "amazon_associates":
        loosened = "direct/none page/none direct/none direct/none qr/none page/none"
        loose = _policy(console=DIRECT | PERMITTED, message=DIRECT | PERMITTED)
    else:
        loosened = "go/figure direct/figure go/figure direct/figure qr/figure page/figure"
        loose = _policy(feed=DIRECT | PERMITTED, message=DIRECT | PERMITTED, print=FIGURE | PERMITTED)
    permitted = frozenset(channel for channel, own in loose["policy"].items() if "permission" in own)
    yield State(f"{name}, loosened by permission", account, loosened, loose, permitted)
    tampered: dict[str, Any] = {"policy": TAMPERED[account.kind]}
    if account.kind != "template":
        tampered["disclosure"] = "Patients save 51 % off retail, now only $9.99."
    yield State(f"{name}, tampered with", account, plain, tampered, is_tampered=True)


def states() -> list[State]:
    """Every program in every state, each once."""
    shop, amazon, us = ACCOUNTS["a shop"], ACCOUNTS["Amazon US"], ACCOUNTS["Fullscript US"]
    found = [state for name, account in ACCOUNTS.items() for state in _states_of(name, account)]
    own = _policy(
        public_web={"link": "direct", "discount": "neutral"},
        feed={"discount": "none"},
        console={"link": "page"},
        message={"discount": "none"},
        speech={"discount": "neutral"},
    )
    own_cells = "direct/neutral page/none page/figure page/none qr/none page/neutral"
    found.append(State("a shop with cells of its own", shop, own_cells, own))
    limits = DEFAULTS["amazon_associates"]
    found.append(
        State("Amazon US, permitted too much", amazon, limits, {"policy": BEYOND_PERMISSION}, is_tampered=True)
    )
    # A kind of program stands for the rules of its hosts.
    for name, account in (("Amazon", amazon), ("Fullscript", us)):
        told = replace(account, kind="template")
        found.append(State(f"{name} as a template", told, DEFAULTS["template"], is_tampered=True, is_offered=False))
    for name, account, stands_in in (
        ("Fullscript US, dead", us, "Amazon US"),
        ("Amazon US, dead", amazon, "Fullscript US"),
        ("a shop, dead", shop, "Amazon US"),
        ("Fullscript US, dead, a shop stands in", us, "a shop"),
    ):
        found.append(State(name, account, DEFAULTS[account.kind], substitute=stands_in))
    return found


@dataclass(frozen=True)
class Figure:
    """A discount of a case."""

    key: str
    audience: str = "public"
    how: str = "automatic"
    is_amount: bool = False
    is_second: bool = False
    is_windowed: bool = True
    product: str | None = None

    def is_admissible(self, state: State) -> bool:
        account = state.account
        if account.kind == "template":
            return True
        if not account.takes_discounts or state.is_tampered or self.is_amount or self.product:
            return False
        return not (self.is_second and account.has_fixed_percent)

    def numbers(self, state: State) -> tuple[str, ...]:
        """The figures it is told by; the catalog has none of them."""
        if self.is_amount:
            return ("8.57",) if self.is_second else ("6.43",)
        if state.is_tampered and state.account.kind != "template":
            # Where people sign in, the lower of the two is above the cap.
            low, high = state.account.over_cap
            return (str(high), str(low)) if self.how == "sign_in" else (str(low), str(high))
        return ("12", "14") if self.is_second else tuple(map(str, state.account.percents))

    def known(self, state: State, number: int, product: str) -> KnownDiscount:
        numbers = self.numbers(state)
        percents: dict[str, Any] = {"percent_min": None, "percent_max": None}
        if not self.is_amount:
            percents = {"percent_min": int(numbers[0]), "percent_max": int(numbers[-1])}
        elif state.is_tampered and state.account.kind != "template":
            # An amount that hides behind percents its program would admit.
            percents = dict(zip(percents, state.account.percents, strict=True))
        window = {"starts_at": START, "ends_at": END} if self.is_windowed else {}
        return discount(
            key=f"{self.key}-{number}",
            audience=self.audience,
            how=self.how,
            code=f"CODE{self.code}" if self.how == "code" else None,
            terms=f"Terms{self.code}",
            amount=numbers[0] if self.is_amount else None,
            currency="USD" if self.is_amount else None,
            product=product if self.product else None,
            **percents,
            **window,
        )

    @property
    def code(self) -> str:
        return self.key.upper()


# Discounts that stand together, the one to tell first before the others.
CASES: Final[tuple[tuple[Figure, ...], ...]] = (
    (),
    (Figure("undated", is_windowed=False),),
    *(
        (Figure(f"{audience}{how}{'amount' if is_amount else 'percent'}".replace("_", ""), audience, how, is_amount),)
        for audience in AUDIENCES
        for how in WAYS
        for is_amount in (False, True)
    ),
    (Figure("larger"), Figure("smaller", is_second=True, is_windowed=False)),
    (Figure("percent", "patients"), Figure("amount", is_amount=True, is_windowed=False)),
    (Figure("inner", "practitioner", "sign_in"), Figure("outer", "patients", is_second=True, is_windowed=False)),
    (Figure("own", is_amount=True, product="its"), Figure("whole", "patients", "sign_in", is_windowed=False)),
)


def book_of(state: State, cases: Mapping[str, tuple[Figure, ...]], products: Mapping[str, str]) -> Book:
    """A book in which each of the formulas' programs (by key) is in this state and has a case of its own.

    `products` names the product that a discount of a product's own is for, by program key.
    """
    programs = {}
    for number, (key, case) in enumerate(cases.items()):
        programs[key] = state.account.known(
            key,
            discounts=tuple(figure.known(state, number, products[key]) for figure in case),
            **state.changes,
        )
    dead: frozenset[tuple[str, int]] = frozenset()
    if state.substitute:
        account = ACCOUNTS[state.substitute]
        dead = frozenset((product, 0) for product in products.values())
        programs["shop"] = account.known("shop")
    return Book(
        practice=KnownPractice("Walked", "A Place", "https://practice.example.org"),
        programs=programs,
        public_url=PUBLIC_URL,
        dead=dead,
        placements=PLACEMENTS,
    )
