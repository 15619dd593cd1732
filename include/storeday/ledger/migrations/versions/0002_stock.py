"""Stock: the book, what of it was staged, and batches of another kind than takings"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=16), server_default="takings", nullable=False))

    op.create_table(
        "stock_days",
        sa.Column("store", sa.String(length=16), nullable=False),
        sa.Column("trading_day", sa.Date(), nullable=False),
        sa.Column("company", sa.String(length=40), nullable=False),
        sa.Column("checked_basis", sa.String(length=64), nullable=False),
        sa.Column("settings", sa.String(length=64), nullable=False),
        sa.Column("alerts", sa.String(), nullable=False),
        sa.Column("is_staged", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("store", "trading_day", name=op.f("pk_stock_days")),
    )
    with op.batch_alter_table("stock_days", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_days_company"), ["company"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_days_trading_day"), ["trading_day"], unique=False)

    op.create_table(
        "stock_book",
        sa.Column("store", sa.String(length=16), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("trading_day", sa.Date(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("sold_milli", sa.BigInteger(), nullable=False),
        sa.Column("returned_milli", sa.BigInteger(), nullable=False),
        sa.Column("before_milli", sa.BigInteger(), nullable=False),
        sa.Column("counted_milli", sa.BigInteger(), nullable=True),
        sa.Column("expected_milli", sa.BigInteger(), nullable=True),
        sa.Column("adjusted_hundredths", sa.BigInteger(), nullable=False),
        sa.Column("book_milli", sa.BigInteger(), nullable=False),
        sa.Column("book_hundredths", sa.BigInteger(), nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("store", "sku", "trading_day", name=op.f("pk_stock_book")),
    )
    with op.batch_alter_table("stock_book", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_book_store_trading_day"), ["store", "trading_day"], unique=False)

    op.create_table(
        "staged_stock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.String(length=16), nullable=False),
        sa.Column("store", sa.String(length=16), nullable=False),
        sa.Column("trading_day", sa.Date(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("movement", sa.String(length=16), nullable=False),
        sa.Column("moved_hundredths", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_staged_stock_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_stock")),
    )
    with op.batch_alter_table("staged_stock", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staged_stock_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staged_stock_store_trading_day"), ["store", "trading_day"], unique=False)


def downgrade() -> None:
    op.drop_table("staged_stock")
    op.drop_table("stock_book")
    op.drop_table("stock_days")
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.drop_column("kind")
