"""A partner's account and the events received from it."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('partner_accounts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('partner', sa.String(length=20), nullable=False),
    sa.Column('region', sa.String(length=2), nullable=False),
    sa.Column('sandbox', sa.Boolean(), nullable=False),
    sa.Column('access_token', sa.Text(), nullable=False),
    sa.Column('refresh_token', sa.Text(), nullable=False),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('connected_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('connected_by', sa.Text(), nullable=False),
    sa.Column('refused_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_accounts')),
    sa.UniqueConstraint('partner', name=op.f('uq_partner_accounts_partner'))
    )
    op.create_table('partner_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.String(length=100), nullable=False),
    sa.Column('type', sa.String(length=80), nullable=False),
    sa.Column('resource_id', sa.String(length=100), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_events')),
    sa.UniqueConstraint('event_id', name=op.f('uq_partner_events_event_id'))
    )
    with op.batch_alter_table('partner_events', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_partner_events_received_at'), ['received_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('partner_events', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_partner_events_received_at'))

    op.drop_table('partner_events')
    op.drop_table('partner_accounts')
