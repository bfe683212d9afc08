"""The database's tables and this code's migrations: are they the same, and make them so.

Alembic is imported only to migrate: a start that finds the tables as they should be does not pay for it.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, text

from service.config import PROJECT
from service.extensions import db

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER: Final = PROJECT / "service" / "migrations"


def is_migrated() -> bool:
    """Whether the database stands at the newest migration."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == newest_migration()


def migrate_database() -> None:
    """Bring the database to the newest migration; nothing happens when it is there."""
    if is_migrated():
        return
    from alembic import command

    command.upgrade(_config(), "head")


@lru_cache(maxsize=1)
def newest_migration() -> str:
    """The revision the migrations of this code end at: files are named by it, in order."""
    return max(path.stem.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config
