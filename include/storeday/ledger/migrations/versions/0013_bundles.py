"""Bundles of files, whose canonical pieces are kept together"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("file_days", sa.Column("bundle", sa.String(length=64), server_default=sa.text("''"), nullable=False))
    # The pieces of before are of one file each, under its digest.
    op.execute("UPDATE file_days SET bundle = (SELECT sha256 FROM files WHERE files.id = file_days.file_id)")
    op.create_index("ix_files_store_id", "files", ["store", "id"])


def downgrade() -> None:
    op.drop_index("ix_files_store_id", "files")
    op.drop_column("file_days", "bundle")
