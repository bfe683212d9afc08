"""The migrations lead to the tables of this code, and back."""

from contextlib import ExitStack
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from service.extensions import db
from service.operations import migrations
from service.shared.database import Base
from tests.conftest import Database, make_app


def test_the_newest_file_is_the_one_end_of_the_migrations() -> None:
    assert ScriptDirectory.from_config(migrations._config()).get_heads() == [migrations.newest_migration()]


def test_the_migrated_tables_are_those_of_the_models(seeded: object, database: Database, tmp_path: Path) -> None:
    with ExitStack() as stack:
        app = make_app(database.copy(stack, tmp_path))
        with app.app_context():
            with db.engine.connect() as connection:
                context = MigrationContext.configure(connection, opts={"compare_type": True})
                assert compare_metadata(context, Base.metadata) == []
            db.engine.dispose()


def test_a_database_can_be_migrated_back_and_forth(seeded: object, database: Database, tmp_path: Path) -> None:
    with ExitStack() as stack:
        app = make_app(database.copy(stack, tmp_path))
        with app.app_context():
            command.downgrade(migrations._config(), "base")
            assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
            migrations.migrate_database()
            assert "publications" in inspect(db.engine).get_table_names()
            db.engine.dispose()


def test_every_constraint_has_a_name() -> None:
    for table in Base.metadata.tables.values():
        assert all(constraint.name for constraint in table.constraints), table.name
