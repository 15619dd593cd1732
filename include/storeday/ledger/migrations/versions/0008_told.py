"""What people were told"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "told",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("company", sa.String(length=40), nullable=False),
        sa.Column("trading_day", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=90), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("store", sa.String(length=16), nullable=False),
        sa.Column("about", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_told")),
        sa.UniqueConstraint(
            "company",
            "trading_day",
            "channel",
            "cause",
            "store",
            "about",
            name=op.f("uq_told_company_trading_day_channel_cause_store_about"),
        ),
    )


def downgrade() -> None:
    op.drop_table("told")
