"""The store beside each trading day of a file, so that one store's days are found among a chain's, and its newest"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_INDEXES: dict[str, dict[str, tuple[list[str], str | None]]] = {
    "file_days": {"ix_file_days_trading_day_store": (["trading_day", "store"], None)},
    "till_days": {
        "ix_till_days_store_till_trading_day": (["store", "till", "trading_day"], None),
        "ix_till_days_z": (["store", "till", "trading_day"], "last_z IS NOT NULL"),
    },
}


def upgrade() -> None:
    for table, indexes in _INDEXES.items():
        op.add_column(table, sa.Column("store", sa.String(length=16), server_default=sa.text("''"), nullable=False))
        op.execute(f"UPDATE {table} SET store = (SELECT store FROM files WHERE files.id = {table}.file_id)")  # noqa: S608
        op.drop_index(f"ix_{table}_trading_day", table_name=table)
        for name, (columns, where) in indexes.items():
            only = sa.text(where) if where else None
            op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    for table, indexes in _INDEXES.items():
        for name in indexes:
            op.drop_index(name, table_name=table)
        op.create_index(f"ix_{table}_trading_day", table, ["trading_day"])
        op.drop_column(table, "store")
