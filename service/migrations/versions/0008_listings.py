"""The owner's own ways to buy a product, and its retail price."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('listings',
    sa.Column('product', sa.String(length=80), nullable=False),
    sa.Column('program', sa.String(length=80), nullable=False),
    sa.Column('destination', sa.JSON(), nullable=False),
    sa.Column('substitutes', sa.JSON(), nullable=False),
    sa.Column('retail_price', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('edited_by', sa.String(length=80), nullable=True),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('product', name=op.f('pk_listings'))
    )


def downgrade() -> None:
    op.drop_table('listings')
