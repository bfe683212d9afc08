"""What the container files promise, read from the files themselves."""

import json
import re
import tomllib
from dataclasses import fields
from typing import Any

import pytest
import yaml

from service.config import PROJECT, Settings

DEFAULT_SETTINGS = {"FORMULARY_ENV", *(field.name.upper() for field in fields(Settings))}


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, each on one line."""
    text = re.sub(r"^\s*#.*\n", "", (PROJECT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


@pytest.fixture(scope="module")
def final(instructions: list[tuple[str, str]]) -> dict[str, str]:
    """The last stage's instructions; of those that are repeated, the last."""
    start = max(place for place, (name, _) in enumerate(instructions) if name == "FROM")
    return dict(instructions[start:])


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    composed: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text())
    found: dict[str, Any] = composed["services"]
    return found


def version_of(image: str) -> tuple[int, int]:
    version = re.fullmatch(r"python:(\d+)\.(\d+)-slim", image)
    assert version is not None, image
    return int(version[1]), int(version[2])


def test_every_stage_starts_from_one_pinned_python_that_the_project_takes(
    instructions: list[tuple[str, str]],
) -> None:
    images = {text.split()[0] for name, text in instructions if name == "FROM"}
    (image,) = images
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    least = tuple(int(part) for part in project["requires-python"].removeprefix(">=").split("."))
    assert version_of(image) >= least


def test_libraries_are_installed_with_their_hashes(instructions: list[tuple[str, str]]) -> None:
    installs = [text for name, text in instructions if name == "RUN" and " install " in text and "pip" in text]
    assert any("requirements.txt" in text for text in installs)
    for text in installs:
        for command in text.split("&&"):
            assert "--require-hashes" in command or "-m pip" not in command


def test_it_runs_as_a_fixed_user_who_is_not_root(final: dict[str, str]) -> None:
    user = re.fullmatch(r"(\d+):(\d+)", final["USER"])
    assert user is not None
    assert min(int(user[1]), int(user[2])) > 0


def test_it_keeps_its_catalog_in_the_volume(final: dict[str, str]) -> None:
    assert final["VOLUME"] == "/data"
    assert "DATABASE_URL=sqlite:////data/" in final["ENV"]


def test_it_serves_by_the_command_people_use_and_takes_signals_itself(final: dict[str, str]) -> None:
    assert json.loads(final["CMD"]) == ["python", "-m", "service", "serve"]
    assert "ENTRYPOINT" not in final
    assert f"PORT={final['EXPOSE']}" in final["ENV"].split()


def test_its_health_is_asked_with_what_the_image_holds(final: dict[str, str]) -> None:
    command = json.loads(final["HEALTHCHECK"].split("CMD", 1)[1])
    assert command[:2] == ["python", "-c"]
    assert "/healthz" in command[2]
    compile(command[2], "HEALTHCHECK", "exec")


def test_the_image_holds_what_it_runs_and_nothing_else() -> None:
    lines = [line for line in (PROJECT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == {"requirements.txt", "service", "seed_data"}
    assert {"tests", ".git", "var", ".venv"} <= set(lines)


def test_every_composed_service_is_pinned_healthy_and_held_in(services: dict[str, Any]) -> None:
    assert len(services) == 3
    for name, service in services.items():
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert "no-new-privileges:true" in service["security_opt"], name
        if "image" in service:
            assert re.search(r":\d+\.\d+", service["image"]), name


def test_the_composed_service_waits_for_what_it_needs(services: dict[str, Any]) -> None:
    needs = services["service"]["depends_on"]
    assert needs.keys() == services.keys() - {"service"}
    assert all(need == {"condition": "service_healthy"} for need in needs.values())


def test_the_composed_service_is_locked_down(services: dict[str, Any]) -> None:
    service = services["service"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["tmpfs"] == ["/tmp"]  # noqa: S108 - a container's own


def test_the_composed_service_is_given_settings_that_there_are(services: dict[str, Any]) -> None:
    environment = services["service"]["environment"]
    assert environment.keys() <= DEFAULT_SETTINGS
    assert environment["FORMULARY_ENV"] == "production"


def test_a_missing_secret_stops_compose_with_a_sentence(services: dict[str, Any]) -> None:
    given = {**services["service"]["environment"], **services["database"]["environment"]}
    for name in ("SECRET_KEY", "PUBLIC_URL", "POSTGRES_PASSWORD"):
        assert re.fullmatch(rf"\$\{{{name}:\?Set {name} to [^}}]+\}}", given[name])
