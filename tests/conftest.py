"""Fixtures: the real app on real databases, seeded with the real seed."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.test import TestResponse

from service.accounts.actions import create_api_key, make_one_time_link, set_passphrase
from service.app import create_app
from service.config import PROJECT, Settings, load_settings
from service.extensions import db, transaction
from service.operations.migrations import migrate_database
from service.seeding.actions import seed_catalog
from tests.databases import NO_POSTGRES, postgres_database, postgres_server
from tests.partners.web import Web, outside_web

SEED = PROJECT / "seed_data"
PUBLIC_URL = "https://herbs.example.com"


# Apps are made by the thousand here; their templates are compiled once.
TEMPLATES = TemporaryDirectory(prefix="formulary-templates-")


@lru_cache(maxsize=1000)
def parse_strictly(text: str) -> None:
    """Raises html5lib's ParseError."""
    html5lib.HTMLParser(strict=True).parse(text)


class StrictClient(FlaskClient):
    """Fails on HTML that a strict parser refuses, and on changes that no transaction kept."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.data and "Content-Encoding" not in response.headers:
            parse_strictly(response.get_data(as_text=True))
        return response


@dataclass(frozen=True)
class Database:
    """A kind of database, and how to get another with the same content."""

    kind: str
    url: str
    copy: Callable[[ExitStack, Path], str]


def settings_for(url: str, **changes: str) -> Settings:
    return load_settings(
        {
            "FORMULARY_ENV": "test",
            "DATABASE_URL": url,
            "PUBLIC_URL": PUBLIC_URL,
            "LOG_LEVEL": "error",
            "CLICKS": "off",
            **changes,
        }
    )


def make_app(url: str, **changes: str) -> Flask:
    app = create_app(settings_for(url, **changes))
    app.testing = True
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(TEMPLATES.name)
    app.test_client_class = StrictClient

    @app.after_request
    def nothing_is_left_over(response: Any) -> Any:
        assert not db.session.new, "an endpoint left new rows uncommitted"
        assert not db.session.dirty, "an endpoint left changes uncommitted"
        return response

    return app


@pytest.fixture(scope="session")
def postgres() -> Iterator[str | None]:
    # Not in pytest's own folder, which another run may clear while this server lives.
    with TemporaryDirectory(prefix="formulary-postgres-") as folder, postgres_server(Path(folder)) as server:
        yield server


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("database") / "formulary.sqlite3"

        def copy_file(_stack: ExitStack, folder: Path) -> str:
            copied = folder / "copy.sqlite3"
            shutil.copy(file, copied)
            return f"sqlite:///{copied}"

        yield Database("sqlite", f"sqlite:///{file}", copy_file)
        return
    server = request.getfixturevalue("postgres")
    if server is None:
        pytest.skip(NO_POSTGRES)
    with postgres_database(server) as url:

        def copy_database(stack: ExitStack, _folder: Path) -> str:
            return stack.enter_context(postgres_database(server, template=url))

        yield Database("postgresql", url, copy_database)


@pytest.fixture(scope="session")
def seeded(database: Database) -> Flask:
    """The app on a migrated and seeded database that no test writes to."""
    app = make_app(database.url)
    with app.app_context():
        migrate_database()
        with transaction():
            seed_catalog(SEED, public_url=PUBLIC_URL, tell=lambda _: None)
        db.engine.dispose()
    return app


@pytest.fixture
def client(seeded: Flask) -> Iterator[FlaskClient]:
    """Reads of the seeded catalog."""
    yield seeded.test_client()
    with seeded.app_context():
        db.engine.dispose()


@pytest.fixture
def app(seeded: Flask, database: Database, tmp_path: Path) -> Iterator[Flask]:
    """An app of the test's own, on a copy of the seeded database, to change as it likes."""
    with seeded.app_context():
        db.engine.dispose()
    with ExitStack() as stack:
        copied = make_app(database.copy(stack, tmp_path))
        with copied.app_context():
            yield copied
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def practitioner(app: Flask) -> dict[str, str]:
    """The headers of a key that may read what practitioners read."""
    with transaction():
        key = create_api_key(name="a practice", scopes=["read:practitioner"], days=None)
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def administrator(app: Flask) -> dict[str, str]:
    """The headers of a key that may look after the service."""
    with transaction():
        key = create_api_key(name="the owner", scopes=["admin"], days=None)
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """A fake outside web on loopback."""
    with outside_web(tmp_path) as found:
        yield found


SignInAs = Callable[..., FlaskClient]
WORDS = "river lamp sixteen walnut"


@pytest.fixture
def sign_in_as(app: Flask) -> SignInAs:
    """Makes a client of a person of this role who is signed in, as a browser on our own pages sends its requests."""

    def enter(role: str = "owner", name: str = "Ana") -> FlaskClient:
        with transaction():
            token = set_passphrase(token=make_one_time_link(name=name, role=role), passphrase=WORDS)
        return with_token(app, token)

    return enter


def with_token(app: Flask, token: str | None) -> FlaskClient:
    """A client of a browser that holds this token, on our own pages."""
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    if token:
        client.set_cookie("__Host-formulary", token)
    return client
