"""Every promise of the documents is one the code keeps."""

import re
import tomllib
from dataclasses import fields

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.cli import main
from service.config import PROJECT, Settings

README = (PROJECT / "README.md").read_text(encoding="utf-8")
DECISIONS = (PROJECT / "service" / "DECISIONS.md").read_text(encoding="utf-8")
ALL = [README, DECISIONS, (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")]


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    source = (PROJECT / "service" / "config.py").read_text(encoding="utf-8")
    read = set(re.findall(r'read\(\s*"([A-Z_]+)"', source))
    table = README.partition("| setting |")[2].partition("\n\n")[0]
    documented = {name for cell in re.findall(r"^\| (`[^|]+) \|", table, re.M) for name in re.findall(r"[A-Z_]+", cell)}
    assert documented == read
    assert len(read) == len(fields(Settings))


def test_every_make_target_the_readme_names_exists() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    named = set(re.findall(r"`?make ([a-z]+)\b", README))
    assert {"serve", "test", "help", "bench"} <= named
    assert named <= targets


def test_every_command_the_readme_names_exists() -> None:
    named = set(re.findall(r"bin/formulary ([a-z-]+)", README))
    assert named
    assert named <= set(main.commands)


def test_every_command_is_in_the_changelog() -> None:
    for name in main.commands:
        assert f"`{name}`" in ALL[2]


@pytest.mark.parametrize("path", sorted(set(re.findall(r"http://127\.0\.0\.1:8000(/[^\s<>\"'?)]*)", README))))
def test_every_address_the_readme_opens_answers(client: FlaskClient, path: str) -> None:
    if path.endswith("/offers"):
        path += "?channel=public_web"
    assert client.get(path).status_code == 200


def test_every_address_of_the_integrators_table_is_a_route(seeded: Flask) -> None:
    table = README.partition("| address | what |")[2].partition("\n\n")[0]
    routes = {rule.rule for rule in seeded.url_map.iter_rules()}
    addresses = {found.partition("?")[0] for found in re.findall(r"`(/[^`]*)`", table)}
    assert addresses
    assert addresses <= routes


def test_every_library_has_its_reason() -> None:
    pyproject = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    reasons = DECISIONS.partition("| library | reason |")[2].lower()
    for dependency in pyproject["project"]["dependencies"]:
        assert re.split(r"[\[<>=]", dependency)[0].lower() in reasons, dependency


def test_the_project_speaks_of_itself_alone() -> None:
    for text in ALL:
        for word in ("/root", "/work", "index-url", "pypi.org"):
            assert word not in text
