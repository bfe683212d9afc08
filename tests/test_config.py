import pytest

from service.config import SettingsError, load_settings

PRODUCTION = {"FORMULARY_ENV": "production", "PUBLIC_URL": "https://herbs.example.com", "SECRET_KEY": "x" * 32}


def test_nothing_set_gives_a_development_service_on_loopback() -> None:
    settings = load_settings({})
    assert (settings.environment, settings.host, settings.port) == ("development", "127.0.0.1", 8000)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.sqlite_file is not None
    assert len(settings.secret_key) >= 32


def test_production_is_complete_with_its_three_settings() -> None:
    assert load_settings(PRODUCTION).is_production


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "80a", "whole number"),
        ("PORT", "70000", "from 1 to 65535"),
        ("PORT", "٣", "whole number"),
        ("FORMULARY_ENV", "prod", "development, production, test"),
        ("DATABASE_URL", "mysql://x", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///", "sqlite:///"),
        ("REDIS_URL", "localhost", "redis://"),
        ("PUBLIC_URL", "herbs", "address visitors use"),
        ("PUBLIC_URL", "https://x/?q=1", "address visitors use"),
        ("PUBLIC_URL", "https://kräuter.example", "punycode"),
        ("SECRET_KEY", "short", "32 random characters"),
        ("FRAME_ANCESTORS", "a; script-src *", "frame a card"),
        ("TRUSTED_PROXIES", "-1", "whole number"),
        ("WORKERS", "0", "from 1 to 64"),
        ("LOG_LEVEL", "loud", "not one of"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_what_to_set(name: str, value: str, says: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: .*{says}"):
        load_settings({name: value})


def test_all_settings_at_fault_are_told_together() -> None:
    with pytest.raises(SettingsError) as told:
        load_settings({"PORT": "x", "WORKERS": "x", "LOG_LEVEL": "x"})
    assert [line.partition(":")[0] for line in str(told.value).splitlines()] == ["PORT", "WORKERS", "LOG_LEVEL"]


@pytest.mark.parametrize("missing", ["PUBLIC_URL", "SECRET_KEY"])
def test_production_stops_where_a_secret_or_address_is_missing(missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        load_settings({name: value for name, value in PRODUCTION.items() if name != missing})


def test_production_wants_an_https_address() -> None:
    with pytest.raises(SettingsError, match="PUBLIC_URL"):
        load_settings({**PRODUCTION, "PUBLIC_URL": "http://herbs.example.com"})


@pytest.mark.parametrize("spelling", ["postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"])
def test_every_spelling_of_postgresql_means_psycopg(spelling: str) -> None:
    assert load_settings({"DATABASE_URL": spelling}).database_url == "postgresql+psycopg://u@h/d"
