"""Marketplaces, placements, amounts and time zones of discounts, retail prices, and who edited what here."""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

OLD_CHECKS = {'audience': "audience IN ('public', 'patients')"}
NEW_CHECKS = {
    'audience': "audience IN ('public', 'patients', 'practitioner')",
    'percent_or_amount': '(percent_min IS NULL) != (amount IS NULL)',
    'amount_with_currency': '(amount IS NULL) = (currency IS NULL)',
}


def upgrade() -> None:
    with op.batch_alter_table('discounts') as batch:
        batch.add_column(sa.Column('amount', sa.String(length=12), nullable=True))
        batch.add_column(sa.Column('currency', sa.String(length=3), nullable=True))
        batch.add_column(sa.Column('time_zone', sa.String(length=64), nullable=True))
        batch.add_column(sa.Column('edited_by', sa.String(length=80), nullable=True))
        batch.add_column(sa.Column('edited_at', sa.DateTime(timezone=True), nullable=True))
        batch.alter_column('percent_min', existing_type=sa.Integer(), nullable=True)
        batch.alter_column('percent_max', existing_type=sa.Integer(), nullable=True)
        replace_checks(batch, OLD_CHECKS, NEW_CHECKS)
    op.add_column('practice', sa.Column('placements', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('products', sa.Column('retail_price', sa.JSON(none_as_null=True), nullable=True))
    op.add_column('programs', sa.Column('marketplace', sa.String(length=10), nullable=True))
    op.add_column('programs', sa.Column('placements', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('programs', sa.Column('takes_profit', sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column('programs', sa.Column('edited_by', sa.String(length=80), nullable=True))
    op.add_column('programs', sa.Column('edited_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for column in ('edited_at', 'edited_by', 'takes_profit', 'placements', 'marketplace'):
        op.drop_column('programs', column)
    op.drop_column('products', 'retail_price')
    op.drop_column('practice', 'placements')
    op.execute("DELETE FROM discounts WHERE percent_min IS NULL OR audience = 'practitioner'")
    with op.batch_alter_table('discounts') as batch:
        replace_checks(batch, NEW_CHECKS, OLD_CHECKS)
        batch.alter_column('percent_max', existing_type=sa.Integer(), nullable=False)
        batch.alter_column('percent_min', existing_type=sa.Integer(), nullable=False)
        for column in ('edited_at', 'edited_by', 'time_zone', 'currency', 'amount'):
            batch.drop_column(column)


def replace_checks(batch, old, new) -> None:
    for name in old:
        batch.drop_constraint(op.f(f'ck_discounts_{name}'), type_='check')
    for name, rule in new.items():
        batch.create_check_constraint(op.f(f'ck_discounts_{name}'), rule)
