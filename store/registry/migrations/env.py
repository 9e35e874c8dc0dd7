"""Runs migrations on the connection that the caller gives (config.attributes["connection"]).

There is no alembic.ini: the one way in is `store.registry.database.migrate`.
"""

from __future__ import annotations

from alembic import context

from store.registry.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
