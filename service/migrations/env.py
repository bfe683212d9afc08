"""Alembic's environment: the app's own engine and metadata, batch mode for SQLite."""

from alembic import context

import service.accounts.models
import service.catalog.models
import service.partners.models
import service.referrals.models
import service.safety.models  # noqa: F401 - the imports fill the metadata
from service.extensions import db
from service.shared.database import Base


def run() -> None:
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
