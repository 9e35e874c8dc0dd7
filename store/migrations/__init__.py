"""Alembic migrations of the registry; `store.registry_database` runs them when it opens."""
