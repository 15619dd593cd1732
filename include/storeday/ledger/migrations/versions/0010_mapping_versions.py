"""Versions of companies' mappings"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "mapping_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("blocks", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("alters_past", sa.Boolean(), nullable=False),
        sa.Column("effect", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mapping_versions")),
        sa.UniqueConstraint("company", "number", name=op.f("uq_mapping_versions_company_number")),
    )


def downgrade() -> None:
    op.drop_table("mapping_versions")
