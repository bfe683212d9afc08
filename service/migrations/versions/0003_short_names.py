"""Short names of formulas, and those issued for good."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain statements, not a batch: a batch would rebuild the table on SQLite and take its rows' children along.
    op.add_column('formulas', sa.Column('short_name', sa.String(length=24), nullable=True))
    op.create_table('issued_short_names',
    sa.Column('key', sa.String(length=24), nullable=False),
    sa.Column('short_name', sa.String(length=24), nullable=False),
    sa.Column('formula', sa.String(length=80), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_issued_short_names'))
    )


def downgrade() -> None:
    op.drop_table('issued_short_names')
    op.drop_column('formulas', 'short_name')
