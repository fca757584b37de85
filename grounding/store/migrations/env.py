"""Alembic's entry: runs the migrations on the connection that the store hands over."""

from alembic import context

from grounding.store.schema import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("the store runs its own migrations; open it with grounding.store.Store.open(url=...)")
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
