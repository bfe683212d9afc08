"""The requirements files pin everything with hashes, tell no one's registry, and are those of pyproject.toml."""

import re
import tomllib

import pytest

from service.config import PROJECT

FILES = ("requirements.txt", "requirements-dev.txt")
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)(\[[a-z0-9,-]+\])?==(?P<version>[^\s;]+)")


def entries(name: str) -> list[str]:
    """Each requirement with its continuation lines joined, comments left out."""
    lines = [line for line in (PROJECT / name).read_text().splitlines() if not line.lstrip().startswith("#")]
    return [entry.strip() for entry in "\n".join(lines).replace("\\\n", " ").splitlines() if entry.strip()]


def pins(name: str) -> dict[str, set[str]]:
    """The versions pinned for each library; more than one where a marker parts them."""
    found: dict[str, set[str]] = {}
    for entry in entries(name):
        pin = PIN.match(entry)
        assert pin is not None, f"{name}: not a pin: {entry}"
        found.setdefault(pin["name"], set()).add(pin["version"])
    return found


def declared(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~ ;]", text, maxsplit=1)[0].lower().replace("_", "-") for text in requirements}


@pytest.mark.parametrize("name", FILES)
def test_every_pin_holds_hashes(name: str) -> None:
    assert len(entries(name)) > 10
    for entry in entries(name):
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry


@pytest.mark.parametrize("name", FILES)
def test_no_registry_is_named(name: str) -> None:
    text = (PROJECT / name).read_text()
    assert not re.search(r"https?:|file:|--(extra-)?index|--find-links|--trusted-host", text)
    assert "make lock" in text.splitlines()[1]


def test_every_library_of_pyproject_is_pinned() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    assert declared(project["project"]["dependencies"]) <= pins("requirements.txt").keys()
    assert declared(project["dependency-groups"]["dev"]) <= pins("requirements-dev.txt").keys()


def test_the_tests_run_on_what_is_served() -> None:
    served, tested = pins("requirements.txt"), pins("requirements-dev.txt")
    shared = served.keys() & tested.keys()
    assert shared
    assert {name: tested[name] for name in shared} == {name: served[name] for name in shared}
