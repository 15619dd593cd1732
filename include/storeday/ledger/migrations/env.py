"""Alembic's entry: it works on the connection that the ledger hands over, and on no other."""

from alembic import context

from storeday.ledger.schema import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
