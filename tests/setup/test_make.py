"""What the Makefile promises, run with a stand-in for Python that writes down what it is asked."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.config import PROJECT

TARGETS = ("serve", "test", "bench", "format", "lock", "clean", "help")
# What it is asked goes to calls.log; `-m venv` makes a folder whose python is this same script.
STAND_IN = """#!/bin/sh
echo "$@" >> '{log}'
case "$1 $2" in
  "-c "*) echo {version};;
  "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python";;
esac
"""


@dataclass(frozen=True)
class Project:
    """A copy of what make reads, with a Python of the given version."""

    folder: Path
    python: Path
    log: Path

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", f"PYTHON={self.python}", *arguments],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def calls(self) -> list[str]:
        """What Python was asked since the last time."""
        asked = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return asked


def make_project(folder: Path, *, version: str) -> Project:
    project = Project(folder / "project", folder / f"python{version}", folder / "calls.log")
    project.folder.mkdir()
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(PROJECT / name, project.folder)
    project.python.write_text(STAND_IN.format(log=project.log, version=version))
    project.python.chmod(0o755)
    return project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path, version="3.12")


def installs(calls: list[str]) -> list[str]:
    return [call for call in calls if " install " in call]


def test_help_lists_every_target(project: Project) -> None:
    told = project.make("help").stdout
    assert re.findall(r"^  make (\w+) +\S", told, re.MULTILINE) == list(TARGETS)
    phony = re.search(r"^\.PHONY: (.*)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == set(TARGETS)


def test_make_alone_changes_nothing(project: Project) -> None:
    assert project.make().stdout == project.make("help").stdout
    assert project.calls() == []


@pytest.mark.parametrize("version", ["2.7", "3.9", "3.10"])
@pytest.mark.parametrize("target", ["serve", "test"])
def test_an_older_python_is_told_in_one_sentence_before_anything_is_made(
    tmp_path: Path, version: str, target: str
) -> None:
    project = make_project(tmp_path, version=version)
    done = project.make(target)
    told = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert done.returncode != 0
    assert "\n".join(told) == (
        f"Formulary needs Python 3.11 or newer, and '{project.python}' is {version}: "
        "name a newer one, for example: make PYTHON=python3.12 serve"
    )
    assert not (project.folder / ".venv").exists()


def test_a_python_that_is_not_there_is_told_in_one_sentence(project: Project) -> None:
    done = project.make("serve", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert "'no-such-python' is not to be run here" in done.stderr
    assert not (project.folder / ".venv").exists()


@pytest.mark.parametrize("version", ["3.11", "3.14", "3.20"])
def test_a_newer_python_serves(tmp_path: Path, version: str) -> None:
    project = make_project(tmp_path, version=version)
    done = project.make("serve")
    assert done.returncode == 0, done.stderr
    assert project.calls()[-1] == "-m service serve"


def test_serve_installs_with_hashes_once_and_again_when_the_requirements_change(project: Project) -> None:
    project.make("serve")
    (first,) = installs(project.calls())
    assert "--require-hashes" in first
    assert first.endswith("-r requirements.txt")

    project.make("serve")
    assert project.calls() == ["-m service serve"]

    stamp = (project.folder / ".venv" / "serve.stamp").stat()
    os.utime(project.folder / "requirements.txt", (stamp.st_mtime + 1, stamp.st_mtime + 1))
    project.make("serve")
    assert installs(project.calls()) == [first]


def test_tests_need_both_requirements_files(project: Project) -> None:
    project.make("bench")
    calls = project.calls()
    assert [call.rsplit(" ", 1)[-1] for call in installs(calls)] == ["requirements.txt", "requirements-dev.txt"]
    assert all("--require-hashes" in call for call in installs(calls))
    assert calls[-1] == "-m tests.bench"


def test_a_failed_install_is_tried_again(project: Project) -> None:
    project.make("serve")
    project.calls()
    (project.folder / ".venv" / "serve.stamp").unlink()
    python = project.folder / ".venv" / "bin" / "python"
    working = python.read_text()
    python.write_text(working + "exit 1\n")
    assert project.make("serve").returncode != 0
    python.write_text(working)
    project.calls()
    assert project.make("serve").returncode == 0
    assert len(installs(project.calls())) == 1


def test_the_formulary_command_runs_in_the_project_from_anywhere(project: Project, tmp_path: Path) -> None:
    project.make("serve")
    project.calls()
    python = project.folder / ".venv" / "bin" / "python"
    python.write_text(python.read_text() + f"pwd >> '{project.log}'\n")
    command = project.folder / ".venv" / "bin" / "formulary"
    subprocess.run([command, "look", "du huo"], cwd=tmp_path, check=True, timeout=10)
    assert project.calls() == ["-m service look du huo", str(project.folder)]


def test_the_tests_run_after_the_quick_checks(project: Project) -> None:
    plan = project.make("--dry-run", "test").stdout
    steps = ("ruff format --check", "ruff check", "mypy", "lint-imports", ".ci/browser", "-m pytest")
    places = [plan.index(step) for step in steps]
    assert places == sorted(places)


def test_clean_leaves_the_catalog(project: Project) -> None:
    catalog = project.folder / "var" / "formulary.sqlite3"
    catalog.parent.mkdir()
    catalog.touch()
    for name in ("service", "tests"):
        (project.folder / name / "__pycache__").mkdir(parents=True)
    project.make("serve")
    assert project.make("clean").returncode == 0
    assert catalog.exists()
    assert not (project.folder / ".venv").exists()
    assert not list(project.folder.rglob("__pycache__"))


@pytest.mark.parametrize("name", ["run", "browser"])
def test_what_make_and_the_checks_call_can_be_run(name: str) -> None:
    script = PROJECT / ".ci" / name
    assert os.access(script, os.X_OK)
    shell = script.read_text().splitlines()[0].removeprefix("#!").split()
    subprocess.run([*shell, "-n", script], check=True, timeout=10)
