"""An index with all that the board asks of many store-days at once"""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    with op.batch_alter_table("store_days", schema=None) as batch_op:
        batch_op.create_index(
            "ix_store_days_board",
            ["trading_day", "store", "state", "receipts", "gross_minor", "company"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("store_days", schema=None) as batch_op:
        batch_op.drop_index("ix_store_days_board")
