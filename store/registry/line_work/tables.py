"""The tables of what people do at a line: rules as those of `store.registry.tables`."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

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

# Alerts that were raised (domain.alerts). `open_key` says line, kind and measurement while it is
# open, so that there is no second one; then nothing.
alerts = Table(
    "alerts",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("open_key", String, unique=True),
    Column("line", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("measurement", String, nullable=False),
    Column("rule_limit", Float, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("value", Float, nullable=False),
    Column("what", String, nullable=False),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index("alerts_of_a_line", "line", "number"),
)

# Who acknowledged one; rows are only ever added, and say themselves which alert it was.
alert_acknowledgements = Table(
    "alert_acknowledgements",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("alert", Integer, nullable=False, unique=True),
    Column("line", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("author", String, nullable=False),
    Column("device", String, nullable=False),
    Column("acknowledged_at", UtcDateTime, nullable=False),
    Column("note", Text, nullable=False),
)

# Which alerts a message tells.
outbox_alerts = Table(
    "outbox_alerts",
    metadata,
    Column("message", Integer, ForeignKey("outbox.number"), primary_key=True),
    Column("alert", Integer, ForeignKey("alerts.number"), primary_key=True),
)
