"""A program's form: what it is filled with, the shapes it is read into, and the field each fault belongs to.

Fields are named by their path in those shapes (policy/feed/link); those of a row are numbered (settings/0/value).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from marshmallow import Schema, ValidationError

from service.console.forms import Form, plain, seen_of
from service.referrals.destinations import variables_of
from service.referrals.marketplaces import ACCOUNT_SETTING, DEFAULT_MARKETPLACE, marketplace_of, templates_at
from service.referrals.models import Program
from service.referrals.policy import POLICY, Channel, links_of, views_of, wanted_cell
from service.referrals.presets import Preset
from service.referrals.schemas import AccountIn, ProgramIn

ROWS: Final[Mapping[str, tuple[str, ...]]] = {
    "settings": ("name", "value"),
    "placements": ("placement", "setting", "value"),
}
_FIELDS: Final = ("key", "seller", "marketplace", "disclosure", "templates", "allowed_hosts")
_ROW: Final = re.compile(r"(settings|placements)/([0-9]{1,3})/([a-z]+)")

Read = tuple[dict[str, Any], dict[str, Any]]


def filled_from(program: Program) -> dict[str, str]:
    """The form of a program as it stands."""
    ticks = {"enabled": program.enabled, "example": program.is_example, "takes_profit": program.takes_profit}
    account = [(setting, program.settings.get(setting, "")) for setting in _settings_of(program)]
    places = [
        (place, setting, value) for place, own in sorted(program.placements.items()) for setting, value in own.items()
    ]
    return {
        "seen": seen_of(program),
        "seller": program.seller,
        "marketplace": program.marketplace or DEFAULT_MARKETPLACE,
        "disclosure": program.disclosure or "",
        "templates": _lines_of(program.templates),
        "allowed_hosts": "\n".join(program.allowed_hosts),
        **{name: "yes" for name, is_so in ticks.items() if is_so},
        **_numbered("settings", account),
        **_numbered("placements", places),
        **dict(_cells_of(program)),
    }


def filled_from_preset(preset: Preset | None) -> dict[str, str]:
    """The form of a program to add."""
    if preset is None:
        return {"enabled": "yes"}
    return {
        "enabled": "yes",
        "key": preset.key,
        "seller": preset.seller,
        "templates": _lines_of(preset.templates),
        "allowed_hosts": "\n".join(preset.hosts),
        **_numbered("settings", [(setting, "") for setting in preset.settings]),
    }


def rows_of(form: Form, group: str) -> list[int]:
    """The numbers of the rows to show: those that are there, and an empty one after them."""
    there = {number: any(row) for number, row in _rows(form, group).items()}
    last = max(there, default=-1)
    return [*there, *([] if there and not there[last] else [last + 1])]


def read_program(form: Form, *, program: Program | None) -> Read:
    """What was sent, as a program and its account; of a program to add where there is none. Raises ValidationError."""
    kind = program.kind if program else "template"
    written = {"key": program.key if program else form.text("key"), "kind": kind, "enabled": "enabled" in form.values}
    account: dict[str, Any] = {"example": "example" in form.values, **_read_settings(form), **_read_placements(form)}
    if kind == "fullscript":
        account["takes_profit"] = "takes_profit" in form.values
    if program is None or kind == "template":
        written |= {"seller": form.text("seller"), "templates": _read_templates(form), "allowed_hosts": _hosts(form)}
    else:
        written |= {"seller": program.seller, **_at_marketplace(program, form.text("marketplace"))}
    written |= {"disclosure": form.text("disclosure"), "policy": _read_policy(form)}
    faults: dict[str, Any] = {}
    left_out = {name: value for name, value in written.items() if value != ""}
    loaded = _load(ProgramIn(), left_out, faults), _load(AccountIn(), account, faults)
    if faults:
        raise ValidationError(faults)
    return loaded


def refuse(form: Form, kind: str) -> Form:
    """A refused form with each fault at its field, and at the top what belongs to none."""

    def place(path: str, sentence: str) -> tuple[str, str]:
        group, _, rest = path.partition("/")
        if path in form.values or path in _FIELDS or _ROW.fullmatch(path):
            return path, sentence
        if group == "templates" and rest:
            return group, f"{_first(rest)}: {sentence}"
        if group == "allowed_hosts":
            return group, sentence
        if group == "policy":
            return _field_of_cell(form, kind, rest), sentence
        return (_field_of_row(form, group, rest), sentence) if group in ROWS else ("", sentence)

    placed = form.placed(place)
    # Where templates are not to be edited here, what is told of them belongs to no field.
    return (
        placed if kind == "template" else placed.placed(lambda name, told: (name if name != "templates" else "", told))
    )


def _settings_of(program: Program) -> list[str]:
    """The settings to ask for: those an account cannot do without, those that are set, and a template's variables."""
    needed = [ACCOUNT_SETTING[program.kind]] if program.kind in ACCOUNT_SETTING else variables_of(program.templates)
    return list(dict.fromkeys([*needed, *program.settings]))


def _lines_of(templates: Mapping[str, str]) -> str:
    return "\n".join(f"{name} {text}" for name, text in templates.items())


def _numbered(group: str, rows: Sequence[tuple[str, ...]]) -> dict[str, str]:
    return {
        f"{group}/{number}/{part}": value
        for number, row in enumerate(rows)
        for part, value in zip(ROWS[group], row, strict=True)
    }


def _cells_of(program: Program) -> Iterator[tuple[str, str]]:
    for channel in Channel:
        own, default = program.policy.get(channel, {}), POLICY[program.kind][channel]
        for name, usual in (("link", default.link), ("discount", default.discount)):
            yield f"policy/{channel}/{name}", "" if own.get(name, usual) == usual else own[name]
        for name in ("note", "given_on"):
            yield f"policy/{channel}/permission/{name}", own.get("permission", {}).get(name, "")


def _rows(form: Form, group: str) -> dict[int, tuple[str, ...]]:
    """The rows that were sent, by number."""
    found = (_ROW.fullmatch(name) for name in form.values)
    numbers = sorted({int(match[2]) for match in found if match and match[1] == group})
    return {number: tuple(form.text(f"{group}/{number}/{part}") for part in ROWS[group]) for number in numbers}


def _read_settings(form: Form) -> dict[str, Any]:
    settings: dict[str, str] = {}
    for number, (name, value) in _rows(form, "settings").items():
        if value and not name:
            raise ValidationError({f"settings/{number}/name": ["Name the setting, as the templates name it."]})
        if value and name in settings:
            raise ValidationError({f"settings/{number}/name": [f"{name} stands above already; give it once."]})
        if value:
            settings[name] = value
    return {"settings": settings}


def _read_placements(form: Form) -> dict[str, Any]:
    placements: dict[str, dict[str, str]] = {}
    for number, row in _rows(form, "placements").items():
        if not any(row):
            continue
        missing = next((part for part, text in zip(ROWS["placements"], row, strict=True) if not text), None)
        if missing:
            raise ValidationError({f"placements/{number}/{missing}": ["Fill in all three, or leave all three empty."]})
        place, setting, value = row
        if setting in placements.setdefault(place, {}):
            told = f"{setting} stands above already for {place}; give it once."
            raise ValidationError({f"placements/{number}/setting": [told]})
        placements[place][setting] = value
    return {"placements": placements}


def _read_templates(form: Form) -> dict[str, str]:
    templates: dict[str, str] = {}
    for line in filter(None, map(plain, form.values.get("templates", "").splitlines())):
        name, _, text = line.partition(" ")
        if not text:
            raise ValidationError({"templates": [f"{line}: write a name, a space and the address."]})
        if name in templates:
            raise ValidationError({"templates": [f"{name} stands twice; give each template a name of its own."]})
        templates[name] = text
    if not templates:
        raise ValidationError({"templates": ["Write at least one template: a name, a space and the address."]})
    return templates


def _hosts(form: Form) -> list[str]:
    return list(filter(None, map(plain, form.values.get("allowed_hosts", "").splitlines())))


def _at_marketplace(program: Program, wanted: str) -> dict[str, Any]:
    """A program's marketplace, host and templates; another marketplace has another host."""
    as_it_is = {"templates": program.templates, "allowed_hosts": program.allowed_hosts}
    if wanted == (program.marketplace or DEFAULT_MARKETPLACE):
        return as_it_is | ({"marketplace": program.marketplace} if program.marketplace else {})
    place = marketplace_of(program.kind, wanted)
    if place is not None:
        as_it_is = {"templates": templates_at(place, program.templates), "allowed_hosts": [place.host]}
    return {"marketplace": wanted, **as_it_is}


def _read_policy(form: Form) -> dict[str, Any]:
    """The cells that differ from the default, and every permission that was written down."""
    policy = {}
    for channel in Channel:
        path = f"policy/{channel}"
        cell: dict[str, Any] = {name: form.text(f"{path}/{name}") for name in ("link", "discount")}
        cell["permission"] = {
            name: text for name in ("note", "given_on") if (text := form.text(f"{path}/permission/{name}"))
        }
        policy[str(channel)] = {name: value for name, value in cell.items() if value}
    return {channel: cell for channel, cell in policy.items() if cell}


def _load(schema: Schema, data: Mapping[str, Any], faults: dict[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(data)
    except ValidationError as fault:
        faults |= {**fault.messages_dict}
        return {}
    return loaded


def _first(path: str) -> str:
    return path.partition("/")[0]


def _field_of_cell(form: Form, kind: str, path: str) -> str:
    """A shape's own fault names its field; a rule's is told at what breaks it."""
    name, *rest = [part for part in path.split("/") if part not in ("key", "value")]
    if rest:
        return f"policy/{name}/{'/'.join(rest)}"
    channel = Channel(name)
    own = _read_policy(form).get(name, {})
    wanted = wanted_cell(kind, channel, own)
    if wanted.link not in links_of(kind, channel):
        return f"policy/{name}/link"
    return f"policy/{name}/{'permission/note' if wanted.discount in views_of(kind) else 'discount'}"


def _field_of_row(form: Form, group: str, path: str) -> str:
    """The row whose names the path begins with; the first where none does."""
    for number, row in _rows(form, group).items():
        names = "/".join(row[:-1])
        if any(row) and (path == names or path.startswith(f"{names}/")):
            return f"{group}/{number}/value"
    for number, row in _rows(form, group).items():
        if row[0] and _first(path) == row[0]:
            return f"{group}/{number}/{ROWS[group][0]}"
    return ""
