"""The command line, run as a user runs it."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from service.config import PROJECT
from service.shared.locks import only_one_here


def run(*words: str, database: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "service", *words],
        cwd=PROJECT,
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": f"sqlite:///{database}",
            "LOG_LEVEL": "error",
            **environ,
        },
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("cli") / "formulary.sqlite3"
    assert run("migrate", database=database).returncode == 0
    seeded = run("seed", database=database)
    assert seeded.returncode == 0, seeded.stderr
    assert "formulas: 3 changed" in seeded.stdout
    return database


def test_look_finds_a_formula_by_any_name(catalog: Path) -> None:
    found = run("look", "shao", "yao", "gan", "cao", database=catalog)
    assert found.stdout.startswith("shao-yao-gan-cao-tang: 芍药甘草汤")
    nothing = run("look", "xyzzy", database=catalog)
    assert (nothing.returncode, nothing.stderr) == (2, "Nothing in this catalog goes by that name.\n")


def test_withdraw_and_publish_tell_the_revision(catalog: Path) -> None:
    withdrawn = run("withdraw", "zheng-gu-shui", "--reason", "a test", database=catalog)
    assert withdrawn.stdout == "zheng-gu-shui is withdrawn as revision 2.\n"
    published = run("publish", "zheng-gu-shui", "--reason", "a test", database=catalog)
    assert published.stdout == "zheng-gu-shui is published as revision 3.\n"


def test_a_key_is_made_once_and_revoked(catalog: Path) -> None:
    made = run("create-key", "a service", "--scope", "read:practitioner", database=catalog)
    assert made.stdout.startswith("frm_")
    again = run("create-key", "a service", "--scope", "read:practitioner", database=catalog)
    assert (again.returncode, "already" in again.stderr) == (2, True)
    assert run("revoke-key", "a service", database=catalog).returncode == 0


def test_a_console_link_is_printed_for_a_person(catalog: Path) -> None:
    made = run("console-link", database=catalog, PUBLIC_URL="https://herbs.example.com")
    assert re.fullmatch(r"https://herbs\.example\.com/console/enter/[\w-]{43}\n", made.stdout), made.stderr
    unknown = run("console-link", "Ben", database=catalog)
    assert (unknown.returncode, "--role" in unknown.stderr) == (2, True)
    assert run("console-link", "Ben", "--role", "staff", database=catalog).returncode == 0
    ended = run("disable-account", "ben", database=catalog)
    assert ended.stdout == "ben can no longer sign in.\n"


def test_the_doctor_finds_nothing_wrong_with_a_fresh_seed(catalog: Path) -> None:
    told = run("doctor", database=catalog)
    assert told.returncode == 0
    assert told.stdout.endswith("Nothing is wrong.\n")


def test_the_doctor_names_a_database_that_is_not_migrated(tmp_path: Path) -> None:
    told = run("doctor", database=tmp_path / "empty.sqlite3")
    assert told.returncode == 1
    assert "formulary migrate" in told.stdout


@pytest.mark.parametrize("words", [("look", "x"), ("seed",), ("publish", "x", "--reason", "x"), ("doctor",)])
def test_a_database_that_is_no_database_is_told_in_one_sentence(tmp_path: Path, words: tuple[str, ...]) -> None:
    junk = tmp_path / "junk.sqlite3"
    junk.write_text("this is not a database" * 100)
    told = run(*words, database=junk)
    assert told.returncode in (1, 2)
    assert "formulary migrate" in told.stderr + told.stdout
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    "words", [("publish", "no-such", "--reason", "x"), ("revoke-key", "nobody"), ("disable-account", "nobody")]
)
def test_what_is_not_there_is_told_in_one_sentence(catalog: Path, words: tuple[str, ...]) -> None:
    told = run(*words, database=catalog)
    assert told.returncode == 2
    assert len(told.stderr.splitlines()) == 1


def test_a_bad_seed_folder_is_told_and_writes_nothing(catalog: Path, tmp_path: Path) -> None:
    told = run("seed", "--folder", str(tmp_path), database=catalog)
    assert told.returncode == 2
    assert "practice.yaml: cannot be read" in told.stderr
    assert "Traceback" not in told.stderr


def test_logs_are_json_lines_without_query_or_address(catalog: Path) -> None:
    script = (
        "from service.app import create_app\n"
        "client = create_app().test_client()\n"
        "client.get('/?q=jane+doe+warfarin', headers={'User-Agent': 'secret-agent'})\n"
        "client.get('/f/jane-doe')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{catalog}"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["route"] for line in lines] == ["/", "/f/<slug>"]
    for word in ("jane", "warfarin", "secret-agent", "127.0.0.1"):
        assert word not in done.stderr


class TestLinksCheck:
    # Amazon's links are checked by their form alone, so that nothing leaves this machine.
    AMAZON = ("links", "check", "--product", "zheng-gu-shui-regular")

    @pytest.fixture
    def database(self, catalog: Path, tmp_path: Path) -> Path:
        copied = tmp_path / "formulary.sqlite3"
        with closing(sqlite3.connect(catalog)) as source, closing(sqlite3.connect(copied)) as target:
            source.backup(target)
        return copied

    def test_each_link_is_told_with_its_number_and_a_summary_ends_it(self, database: Path) -> None:
        done = run(*self.AMAZON, database=database)
        assert (done.returncode, done.stderr) == (0, "")
        first, summary = done.stdout.splitlines()
        assert first.startswith("1 of 1: zheng-gu-shui-regular at amazon: alive. It is made right")
        assert summary == "1 checked: 1 alive; 0 flagged."

    def test_a_link_that_fails_twice_is_flagged_and_ends_with_1(self, database: Path) -> None:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("""UPDATE programs SET templates = '{"search": "https://www.amazon.com/s{?k}"}'""")
            connection.commit()
        assert run(*self.AMAZON, database=database).returncode == 0
        again = run(*self.AMAZON, database=database, LOG_LEVEL="warning")
        assert again.returncode == 1
        assert "amazon: wrong FLAGGED." in again.stdout
        assert again.stdout.endswith("1 checked: 1 wrong; 1 flagged.\n")
        (line,) = [json.loads(text) for text in again.stderr.splitlines() if "link_flagged" in text]
        assert (line["event"], line["product"], line["failures"]) == ("link_flagged", "zheng-gu-shui-regular", 2)
        told = run("doctor", database=database)
        assert "note: The link of zheng-gu-shui-regular at amazon has failed 2 times in a row" in told.stdout

    def test_it_does_not_run_twice_at_once(self, database: Path) -> None:
        with only_one_here(database.parent, "links-check") as is_ours:
            assert is_ours
            done = run(*self.AMAZON, database=database)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
        assert "wait until it has ended" in done.stderr

    def test_a_product_nobody_offers_is_told_in_one_sentence(self, database: Path) -> None:
        done = run("links", "check", "--product", "nothing", database=database)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
