"""What `doctor` says of the versions of tables: which the folder has, which this program writes.

Tables of a later version are not opened, and the sentence that says so is another's. Older ones of
the registry are brought on by whatever opens it, this look too: that is told, because an older
program does not open them any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lineproof.upkeep.findings import Finding
from store.node.opening import Stores
from store.registry.database import newest_tables_version
from store.telemetry.duckdb.schema import SCHEMA_VERSION
from store.telemetry.duckdb.store import DuckDBStore


def tables(stores: Stores) -> Iterator[Finding]:
    """One for the registry, one for a telemetry file."""
    found, newest = stores.registry.tables_version, newest_tables_version()
    says = f"the registry's tables have version {found or 'none'}"
    if found == newest:
        yield Finding("tables", "ok", f"{says}, the newest that this program knows")
    else:
        yield Finding(
            "tables",
            "warning",
            f"{says}, this program knows {newest}",
            "Another program has changed them since this one opened them: restart this one.",
        )
    if isinstance(stores.telemetry, DuckDBStore):  # it opens no other
        yield Finding(
            "tables", "ok", f"telemetry.duckdb has version {SCHEMA_VERSION}, as this program writes"
        )


def brought_on(file: Path, before: str) -> Iterator[Finding]:
    """One, where a registry that was of version `before` ("": not known) was opened and is newer
    now."""
    newest = newest_tables_version()
    if before and before != newest:
        yield Finding(
            "tables",
            "warning",
            f"{file} had tables of version {before}; to look at them they were brought to {newest}",
            "An older program does not open them any more: to go back to one, restore a backup.",
        )
