"""Since when a link is known to be dead, apart from since when it is flagged."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('link_states', sa.Column('dead_at', sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE link_states SET dead_at = flagged_at WHERE verdict IN ('dead', 'wrong')")


def downgrade() -> None:
    op.drop_column('link_states', 'dead_at')
