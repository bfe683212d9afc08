"""Reading seed files: YAML that knows its line numbers and is strict where YAML is lenient."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from marshmallow import Schema, ValidationError


class SeedError(Exception):
    """One or more seed rows cannot be used; each line names file, line and field."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # libyaml where the wheel has it
    """Dates stay text, as in JSON."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class SeedFile:
    """One file: its data, and the tree that tells where each value stands."""

    path: Path
    data: Any
    node: yaml.Node

    def where(self, path: tuple[str | int, ...]) -> str:
        """`file, line N: field` for a path of keys and positions."""
        return f"{self.path}, line {self._line(path)}: {_dotted(path)}"

    def _line(self, path: tuple[str | int, ...]) -> int:
        node = self.node
        line = node.start_mark.line
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            line, node = found
        return line + 1


def read_seed_file(path: Path) -> SeedFile:
    """Parse a file. Raises SeedError for broken YAML and for a key that stands twice."""
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        if node is None:
            raise SeedError([f"{path}: the file is empty."])
        repeated = [f"{path}, line {line + 1}: {key} stands twice." for key, line in _repeated_keys(node)]
        if repeated:
            raise SeedError(repeated)
        return SeedFile(path, loader.construct_document(node), node)
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        raise SeedError([f"{path}, line {line}: not valid YAML: {fault.problem}."]) from fault
    except (OSError, UnicodeDecodeError) as fault:
        raise SeedError([f"{path}: cannot be read: {fault}."]) from fault


def load_rows(file: SeedFile, key: str, schema: Schema) -> list[dict[str, Any]]:
    """The rows of a file's one list. Raises SeedError with every row's faults."""
    rows = file.data.get(key) if isinstance(file.data, dict) else None
    if not isinstance(rows, list):
        raise SeedError([f"{file.path}, line 1: begin with `{key}:` and a list of rows."])
    loaded, faults = [], []
    for position, row in enumerate(rows):
        try:
            loaded.append(schema.load(row))
        except ValidationError as fault:
            faults += [f"{file.where((key, position, *path))}: {text}" for path, text in _messages(fault.messages)]
    if faults:
        raise SeedError(faults)
    return loaded


def load_document(file: SeedFile, schema: Schema) -> dict[str, Any]:
    """The one mapping of a file. Raises SeedError with every fault."""
    try:
        document: dict[str, Any] = schema.load(file.data)
    except ValidationError as fault:
        messages = _messages(fault.messages)
        raise SeedError([f"{file.where(path)}: {text}" for path, text in messages]) from fault
    return document


def _messages(messages: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(messages, Mapping):
        for key, value in messages.items():
            yield from _messages(value, path if key == "_schema" else (*path, key))
    elif isinstance(messages, list):
        for message in messages:
            yield from _messages(message, path)
    else:
        yield path, str(messages)


def _child(node: yaml.Node, step: str | int) -> tuple[int, yaml.Node] | None:
    """The line and node of one key or position below a node."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if str(key.value) == str(step):
                return key.start_mark.line, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        value = node.value[step]
        return value.start_mark.line, value
    return None


def _repeated_keys(node: yaml.Node) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield str(key.value), key.start_mark.line
            seen.add(key.value)
            yield from _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated_keys(value)


def _dotted(path: tuple[str | int, ...]) -> str:
    dotted = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return dotted.removeprefix(".") or "the whole document"
