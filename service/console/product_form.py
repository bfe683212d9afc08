"""A product's form: its ways to buy as choices of a program and what its link needs, and its retail price."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from marshmallow import ValidationError

from service.console.forms import Form, plain
from service.console.words import NEED_WORDS
from service.referrals.destinations import variables_of, ways_of
from service.referrals.models import Program
from service.referrals.schemas import ListingIn

PASTED: Final = "pasted"
_WAY: Final = re.compile(r"ways/([0-9]{1,2})/(choice|needs)")
_PRICE: Final = ("amount", "currency", "as_of")

Options = Sequence[tuple[str, str]]


def filled_from(product: Mapping[str, Any], programs: Mapping[str, Program]) -> dict[str, str]:
    """The form of a product as it is sold now."""
    price = product.get("retail_price", {})
    values = {f"retail_price/{name}": price.get(name, "") for name in _PRICE}
    values["retail_price/currency"] = price.get("currency", "USD")
    for number, way in enumerate(ways_of(product)):
        destination = way["destination"]
        values[f"ways/{number}/choice"] = f"{way['program']} {destination.get('template', PASTED)}"
        values[f"ways/{number}/needs"] = destination.get("url") or _told_needs(way, programs)
    return values


def rows_of(form: Form) -> list[int]:
    """The numbers of the ways to show: those that are there, and an empty one after them."""
    numbers = [number for number, *_ in _ways(form)]
    return [*numbers, max(numbers, default=-1) + 1]


def choices_of(programs: Mapping[str, Program]) -> Options:
    """What a way may be: each program's templates with what they need, or an address pasted from its seller."""
    found = [("", "none")]
    for key, program in programs.items():
        off = "" if program.enabled else " (off)"
        found.append((f"{key} {PASTED}", f"{program.seller}{off}: an address, pasted"))
        for name in program.templates:
            needs = ", ".join(NEED_WORDS.get(need, need) for need in _needs_of(program, name)) or "nothing more"
            found.append((f"{key} {name}", f"{program.seller}{off}: {name}, which needs {needs}"))
    return found


def read_listing(form: Form, programs: Mapping[str, Program]) -> dict[str, Any]:
    """What was sent, in its shape. Raises ValidationError."""
    ways = [_read_way(number, choice, needs, programs) for number, choice, needs in _ways(form)]
    if not ways:
        raise ValidationError({"ways/0/choice": ["Choose at least one way to buy it."]})
    written: dict[str, Any] = {**ways[0], "substitutes": ways[1:]}
    price = {name: form.text(f"retail_price/{name}") for name in _PRICE}
    if price["amount"] or price["as_of"]:
        written["retail_price"] = {name: text for name, text in price.items() if text}
    loaded: dict[str, Any] = ListingIn().load(written)
    return loaded


def refuse(form: Form) -> Form:
    """A refused form with each fault at its field."""
    numbers = [number for number, *_ in _ways(form)]

    def place(path: str, sentence: str) -> tuple[str, str]:
        group, _, rest = path.partition("/")
        if path in form.values or _WAY.fullmatch(path) or group == "retail_price":
            return path, sentence
        position = {"program": "0", "destination": "0", "substitutes": f"{rest.partition('/')[0]}"}.get(group)
        if group == "ways":
            return f"ways/{numbers[int(rest)]}/needs", sentence
        if position is not None and position.isdigit():
            return f"ways/{numbers[int(position) + (group == 'substitutes')]}/needs", sentence
        return "", sentence

    return form.placed(place)


def _ways(form: Form) -> Iterator[tuple[int, str, str]]:
    """Number, choice and needs of each way that was sent and is not empty, in order."""
    numbers = sorted({int(match[1]) for match in map(_WAY.fullmatch, form.values) if match})
    for number in numbers:
        choice, needs = form.text(f"ways/{number}/choice"), form.values.get(f"ways/{number}/needs", "").strip()
        if choice or needs:
            yield number, choice, needs


def _read_way(number: int, choice: str, needs: str, programs: Mapping[str, Program]) -> dict[str, Any]:
    key, _, template = choice.partition(" ")
    program = programs.get(key)
    if program is None:
        raise ValidationError({f"ways/{number}/choice": ["Choose what this address is of, or empty it."]})
    if template == PASTED:
        if not plain(needs):
            raise ValidationError({f"ways/{number}/needs": ["Paste the address, as the seller gave it."]})
        return {"program": key, "destination": {"url": plain(needs)}}
    wanted = _needs_of(program, template)
    variables = _read_variables(number, wanted, needs)
    return {"program": key, "destination": {"template": template, **({"variables": variables} if variables else {})}}


def _read_variables(number: int, wanted: Sequence[str], needs: str) -> dict[str, str]:
    """What a template needs: one thing stands alone, several stand one on a line after their names."""
    field = f"ways/{number}/needs"
    lines = list(filter(None, map(plain, needs.splitlines())))
    if not wanted:
        if lines:
            raise ValidationError({field: ["This link needs nothing more; empty this."]})
        return {}
    if len(wanted) == 1:
        if len(lines) != 1:
            raise ValidationError({field: [f"Write {NEED_WORDS.get(wanted[0], wanted[0])}, on one line."]})
        return {wanted[0]: lines[0]}
    given = {name: text for name, _, text in (line.partition(" ") for line in lines) if text}
    if set(given) != set(wanted):
        raise ValidationError({field: [f"Write one on a line, its name and a space before it: {', '.join(wanted)}."]})
    return given


def _needs_of(program: Program, template: str) -> list[str]:
    """The variables of a template that the account does not give."""
    text = program.templates.get(template, "")
    return [name for name in variables_of({template: text}) if name not in program.settings]


def _told_needs(way: Mapping[str, Any], programs: Mapping[str, Program]) -> str:
    """What a way gives its template, as it is read back."""
    program, variables = programs.get(way["program"]), way["destination"].get("variables", {})
    wanted = _needs_of(program, way["destination"]["template"]) if program else []
    if len(wanted) == 1:
        return str(variables.get(wanted[0], ""))
    return "\n".join(f"{name} {variables[name]}" for name in wanted if name in variables)
