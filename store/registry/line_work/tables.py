"""The tables of what people do at a line: rules as those of `store.registry.tables`."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint

from store.registry.tables import UtcDateTime, metadata

# Notes of a shift's handover (domain.handovers); rows are only ever added. A shift is known by its
# line and start, and stands in each row as it was then: a calendar may change. `number` counts
# from 1 for each shift.
handover_notes = Table(
    "handover_notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("line", String, nullable=False),
    Column("start", UtcDateTime, nullable=False),
    Column("end", UtcDateTime, nullable=False),
    Column("shift", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("author", String, nullable=False),
    Column("device", String, nullable=False),
    Column("written_at", UtcDateTime, nullable=False),
    Column("note", Text, nullable=False),
    UniqueConstraint("line", "start", "number", name="one_row_a_handover_note"),
)

# Who signed it, with the figures as they stood then, as JSON, and the SHA-256 of that.
handover_signatures = Table(
    "handover_signatures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("line", String, nullable=False),
    Column("start", UtcDateTime, nullable=False),
    Column("end", UtcDateTime, nullable=False),
    Column("shift", String, nullable=False),
    Column("side", String, nullable=False),
    Column("author", String, nullable=False),
    Column("device", String, nullable=False),
    Column("signed_at", UtcDateTime, nullable=False),
    Column("notes", Integer, nullable=False),
    Column("figures", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    UniqueConstraint("line", "start", "side", name="one_row_a_handover_signature"),
)
