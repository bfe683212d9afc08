"""Settings from the environment, read once at start, checked together, then frozen."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ("development", "production", "test")
LOG_LEVELS = ("debug", "info", "warning", "error")
FULLSCRIPT_REGIONS = ("us", "ca")
SWITCH = ("on", "off")


class SettingsError(Exception):
    """One or more settings cannot be used; the message says which, and what to set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the service reads from its environment. What is or may hold a secret stays out of its text."""

    environment: str
    host: str
    port: int
    workers: int
    public_url: str
    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    secret_key: str = field(repr=False)
    frame_ancestors: str
    trusted_proxies: int
    log_level: str
    fullscript_client_id: str | None
    fullscript_client_secret: str | None = field(repr=False)
    fullscript_region: str
    fullscript_sandbox: bool
    fullscript_webhook_secret: str | None = field(repr=False)
    fullscript_webhook_challenge: str | None = field(repr=False)
    clicks_dir: Path
    counts_clicks: bool

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def sqlite_file(self) -> Path | None:
        """The database's file, or None when the database is not SQLite."""
        return _sqlite_file(self.database_url)


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
    database_url = read("DATABASE_URL", f"sqlite:///{PROJECT}/var/formulary.sqlite3", _database_url)
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
        database_url=database_url,
        redis_url=read("REDIS_URL", "", _redis_url),
        secret_key=read("SECRET_KEY", "" if is_production else secrets.token_hex(32), _secret),
        frame_ancestors=read("FRAME_ANCESTORS", "*", _frame_ancestors),
        trusted_proxies=read("TRUSTED_PROXIES", "0", _whole_number(0, 9)),
        log_level=read("LOG_LEVEL", "info", _one_of(LOG_LEVELS)),
        fullscript_client_id=read("FULLSCRIPT_CLIENT_ID", "", _credential),
        fullscript_client_secret=read("FULLSCRIPT_CLIENT_SECRET", "", _credential),
        fullscript_region=read("FULLSCRIPT_REGION", "us", _one_of(FULLSCRIPT_REGIONS)),
        fullscript_sandbox=read("FULLSCRIPT_SANDBOX", "off", _one_of(("off", "on"))) == "on",
        fullscript_webhook_secret=read("FULLSCRIPT_WEBHOOK_SECRET", "", _credential),
        fullscript_webhook_challenge=read("FULLSCRIPT_WEBHOOK_CHALLENGE", "", _credential),
        clicks_dir=read("CLICKS_DIR", str(_clicks_beside(database_url)), _folder),
        counts_clicks=read("CLICKS", "on", _one_of(SWITCH)) == SWITCH[0],
    )
    faults += _fullscript_faults(settings, has_own_key=bool(values.get("SECRET_KEY", "").strip()))
    if faults:
        raise SettingsError("\n".join(faults))
    return settings


def _fullscript_faults(settings: Settings, *, has_own_key: bool) -> list[str]:
    """Fullscript is set up whole or not at all."""
    given = (settings.fullscript_client_id, settings.fullscript_client_secret)
    if not any(given):
        is_alone = settings.fullscript_webhook_secret or settings.fullscript_webhook_challenge
        return ["FULLSCRIPT_CLIENT_ID: set it where the webhook's settings are set."] if is_alone else []
    faults = []
    if not all(given):
        faults.append("FULLSCRIPT_CLIENT_ID: set it together with FULLSCRIPT_CLIENT_SECRET, or neither.")
    if not has_own_key:
        faults.append("SECRET_KEY: set it; Fullscript's tokens are kept encrypted with it.")
    if settings.fullscript_webhook_challenge and not settings.fullscript_webhook_secret:
        faults.append("FULLSCRIPT_WEBHOOK_SECRET: set it where FULLSCRIPT_WEBHOOK_CHALLENGE is set.")
    return faults


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
        if not text.isascii():
            raise ValueError(
                f"{text!r} has letters that an SMS would change; write it in ASCII, "
                "its host as punycode like https://xn--kruter-cua.example"
            )
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


def _sqlite_file(database_url: str) -> Path | None:
    path = database_url.removeprefix("sqlite:///")
    return Path(path) if path != database_url else None


def _clicks_beside(database_url: str) -> Path:
    """The folder for clicks where none is named: beside the SQLite file, else in `var`."""
    file = _sqlite_file(database_url)
    return (file.parent if file else PROJECT / "var") / "clicks"


def _folder(text: str) -> Path:
    if "\0" in text:
        raise ValueError("give the path of a folder")
    return Path(text).resolve()


def _redis_url(text: str) -> str | None:
    if text and not text.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("give redis://host:port/number, or leave it unset")
    return text or None


def _secret(text: str) -> str:
    if len(text) < 32:
        raise ValueError("set at least 32 random characters, for example from: openssl rand -hex 32")
    return text


def _credential(text: str) -> str | None:
    if not (text.isascii() and text.isprintable()) or " " in text or 0 < len(text) < 8:
        raise ValueError("copy it whole from Fullscript's API Dashboard: 8 characters at least, without spaces")
    return text or None


def _frame_ancestors(text: str) -> str:
    if any(character in text for character in ";,\r\n"):
        raise ValueError("give the sites that may frame a card, parted by spaces, or *")
    return text
