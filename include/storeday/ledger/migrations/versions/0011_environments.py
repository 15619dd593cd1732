"""Environments of batches, and acceptance reports"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    # Nobody said of older batches whether they were for the books or to try with, so nothing is made up for them.
    said = sa.Column("environment", sa.String(length=16), server_default=sa.text("''"), nullable=False)
    op.add_column("batches", said)
    op.create_table(
        "acceptances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("company", sa.String(length=40), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("covers", sa.String(length=64), nullable=False),
        sa.Column("covered", sa.String(), nullable=False),
        sa.Column("open", sa.String(), nullable=False),
        sa.Column("signed_by", sa.String(length=120), nullable=False),
        sa.Column("signed_why", sa.String(), nullable=False),
        sa.Column("signed_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptances")),
        sa.UniqueConstraint("company", "digest", name=op.f("uq_acceptances_company_digest")),
    )


def downgrade() -> None:
    op.drop_table("acceptances")
    op.drop_column("batches", "environment")
