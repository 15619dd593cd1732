"""The digest of each store-day's receipt log, as it stands and as each batch staged it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for table in ("store_days", "batch_days"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("receipt_log", sa.String(length=64), nullable=False, server_default=""))
        with op.batch_alter_table(table) as batch_op:  # rows that were there have none; new ones say theirs
            batch_op.alter_column("receipt_log", server_default=None)


def downgrade() -> None:
    for table in ("store_days", "batch_days"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("receipt_log")
