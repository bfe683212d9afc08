"""What checking finds of each link, and the owner's substitutes for a dead one."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('link_states',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('product', sa.String(length=80), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('program', sa.String(length=80), nullable=False),
    sa.Column('url_digest', sa.String(length=64), nullable=False),
    sa.Column('verdict', sa.String(length=10), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('flagged_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('failures >= 0', name=op.f('ck_link_states_failures')),
    sa.CheckConstraint("verdict IN ('alive', 'blocked', 'dead', 'wrong', 'unknown')", name=op.f('ck_link_states_verdict')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_link_states')),
    sa.UniqueConstraint('product', 'position', name=op.f('uq_link_states_product_position'))
    )
    with op.batch_alter_table('products', schema=None) as batch_op:
        batch_op.add_column(sa.Column('substitutes', sa.JSON(), nullable=False, server_default='[]'))


def downgrade() -> None:
    with op.batch_alter_table('products', schema=None) as batch_op:
        batch_op.drop_column('substitutes')
    op.drop_table('link_states')
