"""The stored facts of a data folder, to the last bit."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from analytics.facts.line_digest import line_digest
from store.node.opening import open_stores


def stored_facts(data: Path, line: str, start: datetime, end: datetime) -> list[str]:
    """Each row of the FACTS that are stored as text; `repr` of a float tells every bit of it."""
    with open_stores(data, must_exist=True) as stores:
        spec = line_digest(stores.registry.plants.of_line(line), line)
        return [repr(row) for row in stores.telemetry.facts(line, spec, start, end).rows()]
