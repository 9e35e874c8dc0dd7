"""The tables of what people do in a project: rules as those of `store.registry.tables`."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from store.registry.tables import UtcDateTime, metadata

# What people did with a project's milestones (domain.milestone_states): rows are only ever added.
# `verdict`: of a decision, what the data said then, as JSON. `number` counts from 1 for each
# milestone, as that of `corrections`.
milestone_steps = Table(
    "milestone_steps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project", String, nullable=False),
    Column("milestone", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("step", String, nullable=False),
    Column("author", String, nullable=False),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("due", Date),
    Column("verdict", Text),
    UniqueConstraint("project", "milestone", "number", name="one_row_a_milestone_step"),
)

# Who declared to have an interest in a project, so that they take no officer's step there.
conflicts = Table(
    "conflicts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("author", String, nullable=False),
    Column("declared_at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    UniqueConstraint("project", "number", name="one_row_a_conflict"),
)

# Figures with documents that people attest; rows are only ever added. `number` counts from 1 for
# each project; amounts are decimals as they were written.
attested_figures = Table(
    "attested_figures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("attested_at", UtcDateTime, nullable=False),
    Column("attested_by", String, nullable=False),
    Column("comment", Text, nullable=False),
    Column("amount", String, nullable=False),
    Column("day", Date),
    Column("milestone", String, nullable=False),
    Column("category", String, nullable=False),
    Column("payer", String, nullable=False),
    Column("document", String(64), nullable=False),
    Column("withdraws", Integer),
    UniqueConstraint("project", "number", name="one_row_an_attested_figure"),
)

# Legal holds of documents, and the removal of their bytes (domain.document_acts); rows are only
# ever added. `number` counts from 1 for each project.
document_acts = Table(
    "document_acts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("act", String, nullable=False),
    Column("author", String, nullable=False),
    Column("acted_at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    UniqueConstraint("project", "number", name="one_row_an_act"),
)

# Site visits (domain.site_visits); rows are only ever added. `number` counts from 1 for each
# project; `milestone` is empty for one of the whole project.
site_visits = Table(
    "site_visits",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project", String, nullable=False),
    Column("milestone", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("line", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("visited_at", UtcDateTime, nullable=False),
    Column("author", String, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("note", Text, nullable=False),
    UniqueConstraint("project", "number", name="one_row_a_site_visit"),
)

# What was read of a panel at a visit; `number` counts from 1 for each visit, values are decimals
# with the digits that were shown.
panel_readings = Table(
    "panel_readings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project", String, nullable=False),
    Column("visit", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("machine", String, nullable=False),
    Column("signal", String, nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
    Column("value", String, nullable=False),
    Column("read_by", String, nullable=False),
    Column("note", Text, nullable=False),
    UniqueConstraint("project", "visit", "number", name="one_row_a_panel_reading"),
)

# That a visit was entered wrongly; it and its readings stay.
visit_withdrawals = Table(
    "visit_withdrawals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project", String, nullable=False),
    Column("visit", Integer, nullable=False),
    Column("author", String, nullable=False),
    Column("withdrawn_at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    UniqueConstraint("project", "visit", name="one_row_a_visit_withdrawal"),
)

# Change requests (domain.change_requests); rows are only ever added. `number` counts from 1 for
# each project; `milestone` is empty for the whole project, `line` and `machine` are equipment's.
change_requests = Table(
    "change_requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("milestone", String, nullable=False),
    Column("line", String, nullable=False),
    Column("machine", String, nullable=False),
    Column("replaced_at", UtcDateTime),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", String, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    UniqueConstraint("project", "number", name="one_row_a_change_request"),
)

# Each request is decided once.
change_decisions = Table(
    "change_decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project", String, nullable=False),
    Column("request", Integer, nullable=False),
    Column("approved", Boolean, nullable=False),
    Column("author", String, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    UniqueConstraint("project", "request", name="one_row_a_change_decision"),
)

# Samples of a scheme's accepted milestones (domain.audit_samples); rows are only ever added.
# `number` counts from 1; `population`: its items as JSON, an array of [project, milestone].
audit_samples = Table(
    "audit_samples",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("scheme", String, nullable=False),
    Column("start", Date, nullable=False),
    Column("end", Date, nullable=False),
    Column("population", Text, nullable=False),
    Column("rate", Float, nullable=False),
    Column("margin", Float, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("size", Integer, nullable=False),
    Column("public_value", Text, nullable=False),
    Column("known_on", Date, nullable=False),
    Column("author", String, nullable=False),
    Column("announced_at", UtcDateTime, nullable=False),
    UniqueConstraint("number", name="one_row_an_audit_sample"),
)

# What the public value was by which a sample is drawn; each has one.
audit_sample_seeds = Table(
    "audit_sample_seeds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sample", Integer, nullable=False),
    Column("value", Text, nullable=False),
    Column("author", String, nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
    UniqueConstraint("sample", name="one_row_an_audit_sample_seed"),
)

# What came of looking at a drawn milestone; `number` counts from 1 for each sample, the last row of
# a milestone counts. `amount_hkd` is a decimal as it was written.
audit_sample_results = Table(
    "audit_sample_results",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sample", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("project", String, nullable=False),
    Column("milestone", String, nullable=False),
    Column("is_error", Boolean, nullable=False),
    Column("amount_hkd", String),
    Column("note", Text, nullable=False),
    Column("author", String, nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
    UniqueConstraint("sample", "number", name="one_row_an_audit_sample_result"),
)

# Reminders that were told (domain.reminders): `key` is unique, so that each is told once.
reminders = Table(
    "reminders",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("project", String, nullable=False),
    Column("milestone", String, nullable=False),
    Column("change", Integer),
    Column("kind", String, nullable=False),
    Column("waits_for", String, nullable=False),
    Column("day", Date, nullable=False),
    Column("told_at", UtcDateTime, nullable=False),
)

# Messages that tell them. `identity`: what the receiver knows it by, should it come twice.
outbox = Table(
    "outbox",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("identity", String(36), nullable=False, unique=True),
    Column("channel", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("language", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("failed_at", UtcDateTime),
    Column("error", Text, nullable=False),
)

# Which reminders a message tells.
outbox_reminders = Table(
    "outbox_reminders",
    metadata,
    Column("message", Integer, ForeignKey("outbox.number"), primary_key=True),
    Column("reminder", Integer, ForeignKey("reminders.number"), primary_key=True),
)
