"""The command line's `fullscript` group, against the fake."""

import re

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from service import cli
from service.operations.doctor import examine
from service.partners.fullscript import Fullscript
from service.partners.queries import find_account
from tests.conftest import settings_for
from tests.partners.conftest import SETTINGS
from tests.partners.fake_fullscript import VARIANT, FakeFullscript, Fault


@pytest.fixture
def run(partnered: Flask, monkeypatch: pytest.MonkeyPatch) -> "Command":
    settings = partnered.config["FORMULARY"]
    monkeypatch.setattr(cli, "make_app", lambda: partnered)
    monkeypatch.setattr(cli, "load_settings", lambda: settings)
    return Command()


class Command:
    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(cli.main, ["fullscript", *words])


def test_status_says_what_to_do_before_and_who_connected_after(run: Command, request: pytest.FixtureRequest) -> None:
    told = run("status").stdout
    assert told == (
        "Fullscript US sandbox is set up and not connected; "
        "open https://herbs.example.com/partners/fullscript/connect.\n"
    )
    request.getfixturevalue("connected")
    told = run("status").stdout
    assert re.match(r"Fullscript US sandbox is connected since 20\d\d-\d\d-\d\d by a test; ", told)
    assert told.endswith("scopes granted: catalog:read, clinic:read, clinic:write.\n")


def test_status_says_when_it_has_to_be_connected_again(
    run: Command, connected: Fullscript, fake: FakeFullscript
) -> None:
    fake.revoke_everything()
    failed = run("discount")
    assert failed.exit_code == 2
    assert "connect Fullscript again" in failed.stderr
    assert "has to be connected again since" in run("status").stdout


def test_a_variant_is_told_line_by_line(run: Command, connected: Fullscript, fake: FakeFullscript) -> None:
    assert run("variant", VARIANT).stdout == "MSRP: 19.90\navailability: In Stock\nstatus: available\n"
    fake.variants[VARIANT]["msrp"] = None
    assert run("variant", VARIANT).stdout.startswith("MSRP: not told\n")


def test_the_discount_is_told_with_its_time(run: Command, connected: Fullscript) -> None:
    told = run("discount").stdout
    assert re.fullmatch(r"The dispensary's discount is 10\.0 % of the MSRP, read [\d-]{10} \d\d:\d\d UTC\.\n", told)


def test_a_search_is_told_as_not_granted_until_fullscript_grants_it(
    run: Command, connected: Fullscript, fake: FakeFullscript
) -> None:
    refused = run("search", "licorice", "root")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("Fullscript has not granted this to the application; ask Fullscript's API team")
    fake.search_granted = True
    lines = run("search", "licorice", "root").stdout.splitlines()
    assert lines[::2] == ["licorice root 1", "licorice root 2", "licorice root 3"]
    assert set(lines[1::2]) == {f"  {VARIANT}: MSRP: 19.90, availability: In Stock, status: available"}
    fake.faults["/api/catalog/search/products"] = [Fault(200, body=b'{"products": []}')]
    assert run("search", "licorice").stdout == "Fullscript's catalog has nothing by these words.\n"


@pytest.mark.parametrize("words", [("variant", VARIANT), ("search", "licorice"), ("discount",), ("disconnect",)])
def test_what_needs_a_connection_says_so(run: Command, words: tuple[str, ...]) -> None:
    told = run(*words)
    assert (told.exit_code, told.stdout, len(told.stderr.splitlines())) == (2, "", 1)


def test_disconnect_ends_the_token_there_and_forgets_it_here(
    run: Command, connected: Fullscript, fake: FakeFullscript
) -> None:
    told = run("disconnect")
    assert (told.exit_code, told.stdout) == (0, "Fullscript is disconnected; its tokens are forgotten here.\n")
    assert told.stderr == ""
    assert fake.revoked == ["secret-access-0002"]
    assert find_account() is None


def test_disconnect_forgets_also_where_fullscript_does_not_answer(
    run: Command, connected: Fullscript, fake: FakeFullscript
) -> None:
    fake.faults["/api/oauth/revoke"] = [Fault(500)]
    told = run("disconnect")
    assert told.exit_code == 0
    assert "could not be told" in told.stderr
    assert find_account() is None


def test_doctor_notes_the_connection_and_never_calls_it_wrong(partnered: Flask, app: Flask) -> None:
    url = partnered.config["FORMULARY"].database_url
    unset, unconnected = examine(settings_for(url)), examine(settings_for(url, **SETTINGS))
    assert [finding.text for finding in unset if "Fullscript's API" in finding.text] == [
        "Fullscript's API is not connected; it is optional."
    ]
    assert any("set up and not connected" in finding.text for finding in unconnected)
    assert not any(finding.is_wrong for finding in unset + unconnected)
