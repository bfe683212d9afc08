"""`formulary serve` that cannot serve says why in one sentence: no traceback, exit 2, nothing served."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from service.config import PROJECT

PRODUCTION = {
    "FORMULARY_ENV": "production",
    "PUBLIC_URL": "https://herbs.example.com",
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
}


def sentence_of_a_failed_start(tmp_path: Path, **settings: str) -> str:
    """What a start that must fail says on stderr."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOST": "127.0.0.1",
        "DATABASE_URL": f"sqlite:///{tmp_path}/formulary.sqlite3",
        **settings,
    }
    done = subprocess.run(
        [sys.executable, "-m", "service", "serve"],
        cwd=PROJECT,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "serves" not in done.stdout
    sentence = done.stderr.strip()
    assert "\n" not in sentence, sentence
    assert sentence.endswith(".")
    return sentence


@pytest.mark.parametrize("port", ["eighty", "0", "65536", "-1"])
def test_a_port_that_is_none(tmp_path: Path, port: str) -> None:
    told = sentence_of_a_failed_start(tmp_path, PORT=port)
    assert told == f"PORT: '{port}' is not a whole number from 1 to 65535."


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        told = sentence_of_a_failed_start(tmp_path, PORT=str(port))
    assert told.startswith(f"PORT: 127.0.0.1:{port} cannot be used: ")
    assert told.endswith("Set another PORT.")
    assert not (tmp_path / "formulary.sqlite3").exists(), "it prepared a catalog that it cannot serve"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = sentence_of_a_failed_start(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/file/catalog.sqlite3")
    assert told.startswith(f"DATABASE_URL: the folder {tmp_path}/file cannot be made: ")


def test_a_database_of_another_kind(tmp_path: Path) -> None:
    told = sentence_of_a_failed_start(tmp_path, DATABASE_URL="mysql://localhost/formulary")
    assert told == "DATABASE_URL: give sqlite:///path/to/file or postgresql://user@host/database."


def test_an_environment_that_is_none(tmp_path: Path) -> None:
    told = sentence_of_a_failed_start(tmp_path, FORMULARY_ENV="staging")
    assert told == "FORMULARY_ENV: 'staging' is not one of development, production, test."


@pytest.mark.parametrize("key", ["", "short"])
def test_production_without_a_secret(tmp_path: Path, key: str) -> None:
    told = sentence_of_a_failed_start(tmp_path, **{**PRODUCTION, "SECRET_KEY": key})
    assert told.startswith("SECRET_KEY: set at least 32 random characters")


@pytest.mark.parametrize("url", ["", "http://herbs.example.com"])
def test_production_without_its_https_address(tmp_path: Path, url: str) -> None:
    told = sentence_of_a_failed_start(tmp_path, **{**PRODUCTION, "PUBLIC_URL": url})
    assert told.startswith(f"PUBLIC_URL: '{url}' is not the address visitors use")


def test_production_with_the_example_accounts(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = sentence_of_a_failed_start(tmp_path, **PRODUCTION, PORT=str(port))
    assert told.startswith("seed_data/practice.yaml: the accounts of amazon, fullscript are still examples; ")
