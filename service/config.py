"""Settings from the environment, read once at start, checked together, then frozen."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ("development", "production", "test")
LOG_LEVELS = ("debug", "info", "warning", "error")


class SettingsError(Exception):
    """One or more settings cannot be used; the message says which, and what to set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the service reads from its environment."""

    environment: str
    host: str
    port: int
    workers: int
    public_url: str
    database_url: str
    redis_url: str | None
    secret_key: str
    frame_ancestors: str
    trusted_proxies: int
    log_level: str

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def sqlite_file(self) -> Path | None:
        """The database's file, or None when the database is not SQLite."""
        prefix = "sqlite:///"
        if not self.database_url.startswith(prefix):
            return None
        return Path(self.database_url.removeprefix(prefix))


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises SettingsError naming every setting at fault."""
    values = os.environ if environ is None else environ
    faults: list[str] = []

    def read(name: str, default: str, parse: Callable[[str], Any]) -> Any:
        try:
            return parse(values.get(name, "").strip() or default)
        except ValueError as fault:
            faults.append(f"{name}: {fault}.")
            return default

    environment = read("FORMULARY_ENV", "development", _one_of(ENVIRONMENTS))
    host = read("HOST", "127.0.0.1", str)
    port = read("PORT", "8000", _whole_number(1, 65535))
    is_production = environment == "production"
    settings = Settings(
        environment=environment,
        host=host,
        port=port,
        workers=read("WORKERS", "1", _whole_number(1, 64)),
        public_url=read(
            "PUBLIC_URL",
            "" if is_production else local_url(host, port),
            _public_url(is_production),
        ),
        database_url=read("DATABASE_URL", f"sqlite:///{PROJECT}/var/formulary.sqlite3", _database_url),
        redis_url=read("REDIS_URL", "", _redis_url),
        secret_key=read("SECRET_KEY", "" if is_production else secrets.token_hex(32), _secret),
        frame_ancestors=read("FRAME_ANCESTORS", "*", _frame_ancestors),
        trusted_proxies=read("TRUSTED_PROXIES", "0", _whole_number(0, 9)),
        log_level=read("LOG_LEVEL", "info", _one_of(LOG_LEVELS)),
    )
    if faults:
        raise SettingsError("\n".join(faults))
    return settings


def local_url(host: str, port: int) -> str:
    """The address to open on this machine; a host that means every address is this one."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not listened on
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _one_of(allowed: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{text!r} is not one of {', '.join(allowed)}")
        return text

    return parse


def _whole_number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ValueError(f"{text!r} is not a whole number from {low} to {high}")
        return int(text)

    return parse


def _public_url(https_only: bool) -> Callable[[str], str]:
    def parse(text: str) -> str:
        parts = urlsplit(text)
        schemes = ("https",) if https_only else ("https", "http")
        if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{text!r} is not the address visitors use; set one like https://herbs.example.com")
        return text.rstrip("/")

    return parse


def _database_url(text: str) -> str:
    for spelling in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if text.startswith(spelling):
            return "postgresql+psycopg://" + text.removeprefix(spelling)
    path = text.removeprefix("sqlite:///")
    if path and path != text:
        return f"sqlite:///{Path(path).resolve()}"
    raise ValueError("give sqlite:///path/to/file or postgresql://user@host/database")


def _redis_url(text: str) -> str | None:
    if text and not text.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("give redis://host:port/number, or leave it unset")
    return text or None


def _secret(text: str) -> str:
    if len(text) < 32:
        raise ValueError("set at least 32 random characters, for example from: openssl rand -hex 32")
    return text


def _frame_ancestors(text: str) -> str:
    if any(character in text for character in ";,\r\n"):
        raise ValueError("give the sites that may frame a card, parted by spaces, or *")
    return text
