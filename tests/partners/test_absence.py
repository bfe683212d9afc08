"""Unset, the partner costs nothing; set, its secrets stay out of logs and texts."""

import os
import subprocess
import sys

import pytest
from flask import Flask

from service.config import PROJECT, SettingsError, load_settings
from service.partners.application import HOSTS, application_of
from tests.conftest import settings_for
from tests.partners.conftest import CHALLENGE, SECRET_KEY, SETTINGS, WEBHOOK_SECRET
from tests.partners.fake_fullscript import CLIENT_SECRET, VARIANT, FakeFullscript

HEAVY = ("requests", "authlib", "cryptography")
START = "import sys; from service.app import create_app; create_app(); print(sorted(sys.modules))"
# Everything a log could take a secret from: connecting, reading, a refusal, a webhook, at the most talkative level.
TALK = """
import json, logging, sys, time
from dataclasses import replace
from datetime import UTC, datetime
from service.app import create_app
from service.config import load_settings
from service.extensions import transaction
from service.partners.connection import connect_account, current_fullscript, keep_application
from service.partners.webhooks import sign
url, code, variant = sys.argv[1:]
logging.basicConfig(level="DEBUG", force=True)
settings = load_settings()
app = create_app(settings)
keep_application(app, replace(app.extensions["fullscript"], base_url=url))
logging.getLogger().setLevel("DEBUG")
print(settings, app.extensions["fullscript"], file=sys.stderr)
with app.app_context():
    with transaction():
        connect_account(code=code, connected_by="a test", now=datetime.now(UTC))
    current_fullscript().look_up_variant(variant)
    for call in (lambda: current_fullscript().look_up_variant("no-such"), lambda: connect_account(
        code="spent-code-9999", connected_by="a test", now=datetime.now(UTC))):
        try:
            call()
        except Exception as error:
            logging.exception("told")
client = app.test_client()
body = json.dumps({"event": {"id": "e1", "type": "patient.created", "data": {"first_name": "Jane-Doe"}}}).encode()
moment = str(int(time.time()))
header = f"t={moment},v1={sign(body, time=moment, secret=settings.fullscript_webhook_secret)}"
for sent in (header, header[:-1], "t=1"):
    client.post("/partners/fullscript/webhook", data=body, headers={"Fullscript-Signature": sent})
client.get("/partners/fullscript/callback?code=secret-code-in-a-query&state=secret-state")
"""


def run(script: str, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", script, *words],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=True,
        timeout=90,
    )


@pytest.mark.parametrize("settings", [{}, SETTINGS], ids=["unset", "set"])
def test_a_start_loads_none_of_the_libraries(tmp_path: object, settings: dict[str, str]) -> None:
    loaded = run(START, DATABASE_URL=f"sqlite:///{tmp_path}/x.sqlite3", **settings).stdout
    for library in HEAVY:
        assert f"'{library}'" not in loaded


def test_no_secret_and_nobodys_name_reaches_a_log(partnered: Flask, fake: FakeFullscript) -> None:
    url, code = partnered.config["FORMULARY"].database_url, fake.issue_code()
    told = run(
        TALK,
        fake.url,
        code,
        VARIANT,
        DATABASE_URL=url,
        LOG_LEVEL="debug",
        PUBLIC_URL="https://herbs.example.com",
        **SETTINGS,
    )
    written = told.stdout + told.stderr
    assert "partner_event" in written
    assert "partner_refused" in written
    assert "told" in written
    secrets = (SECRET_KEY, CLIENT_SECRET, WEBHOOK_SECRET, CHALLENGE, "secret-", "Jane", code, "spent-code", "v1=")
    for secret in secrets:
        assert secret not in written, secret
    assert fake.issued > 1


def test_a_setting_tells_no_secret() -> None:
    settings = settings_for(
        "postgresql://user:pass-word@127.0.0.1/x", REDIS_URL="redis://:pass-word@127.0.0.1", **SETTINGS
    )
    for text in (repr(settings), str(settings), repr(application_of(settings))):
        for secret in (SECRET_KEY, CLIENT_SECRET, WEBHOOK_SECRET, CHALLENGE, "pass-word"):
            assert secret not in text


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"FULLSCRIPT_CLIENT_SECRET": ""}, "FULLSCRIPT_CLIENT_ID: set it together"),
        ({"FULLSCRIPT_CLIENT_ID": ""}, "FULLSCRIPT_CLIENT_ID: set it together"),
        ({"FULLSCRIPT_CLIENT_ID": "", "FULLSCRIPT_CLIENT_SECRET": ""}, "FULLSCRIPT_CLIENT_ID: set it where"),
        ({"FULLSCRIPT_CLIENT_ID": "short"}, "FULLSCRIPT_CLIENT_ID: copy it whole"),
        ({"FULLSCRIPT_CLIENT_SECRET": "with a space in the middle"}, "FULLSCRIPT_CLIENT_SECRET: copy it whole"),
        ({"FULLSCRIPT_WEBHOOK_SECRET": ""}, "FULLSCRIPT_WEBHOOK_SECRET: set it where"),
        ({"FULLSCRIPT_REGION": "uk"}, "FULLSCRIPT_REGION: 'uk' is not one of us, ca"),
        ({"FULLSCRIPT_SANDBOX": "yes"}, "FULLSCRIPT_SANDBOX: 'yes' is not one of off, on"),
        ({"SECRET_KEY": ""}, "SECRET_KEY: set it; Fullscript's tokens"),
    ],
)
def test_settings_that_do_not_belong_together_say_what_to_set(changes: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError) as told:
        load_settings({**SETTINGS, **changes})
    assert says in str(told.value)
    for secret in (CLIENT_SECRET, WEBHOOK_SECRET):
        assert secret not in str(told.value)


@pytest.mark.parametrize(("region", "sandbox"), list(HOSTS))
def test_each_region_has_its_own_address_over_https(region: str, sandbox: bool) -> None:
    settings = load_settings(
        {**SETTINGS, "FULLSCRIPT_REGION": region, "FULLSCRIPT_SANDBOX": "on" if sandbox else "off"}
    )
    application = application_of(settings)
    assert application is not None
    assert application.host.startswith(f"https://api-{region}")
    assert ("-snd." in application.host) is sandbox
    assert len(set(HOSTS.values())) == 4
