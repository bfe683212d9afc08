"""Clicks, added up, and how far each log of them has been read."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('click_counts',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('hour', sa.Integer(), nullable=False),
    sa.Column('product', sa.String(length=80), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('placement', sa.String(length=80), nullable=False),
    sa.Column('device', sa.String(length=10), nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('hour BETWEEN 0 AND 23', name=op.f('ck_click_counts_hour')),
    sa.PrimaryKeyConstraint('day', 'hour', 'product', 'channel', 'placement', 'device', 'outcome', name=op.f('pk_click_counts'))
    )
    op.create_table('click_positions',
    sa.Column('host', sa.String(length=32), nullable=False),
    sa.Column('file', sa.String(length=40), nullable=False),
    sa.Column('folded', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('host', 'file', name=op.f('pk_click_positions'))
    )


def downgrade() -> None:
    op.drop_table('click_positions')
    op.drop_table('click_counts')
