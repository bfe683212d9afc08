"""The database's tables and this code's migrations: are they the same, and make them so.

Alembic is imported where it is used: a worker that only serves does not pay for it at start.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from service.config import PROJECT
from service.extensions import db

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER: Final = PROJECT / "service" / "migrations"


def is_migrated() -> bool:
    """Whether the database stands at the newest migration."""
    from alembic.migration import MigrationContext

    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest_migration()


def migrate_database() -> None:
    """Bring the database to the newest migration; nothing happens when it is there."""
    if is_migrated():
        return
    from alembic import command

    command.upgrade(_config(), "head")


@lru_cache(maxsize=1)
def newest_migration() -> str | None:
    """The revision the migrations of this code end at."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config
