"""Which customers and products batches bring to Sage"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "handed_over",
        sa.Column("batch_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("company", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_handed_over_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", "kind", "code", name=op.f("pk_handed_over")),
    )
    with op.batch_alter_table("handed_over", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handed_over_company_kind_code"), ["company", "kind", "code"], unique=False)


def downgrade() -> None:
    op.drop_table("handed_over")
