"""Alembic migrations of the registry; `store.registry.database` runs them when it opens."""
