"""Reminders that were told, and the messages that tell them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("key", sa.String, nullable=False, unique=True),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("milestone", sa.String, nullable=False),
        sa.Column("change", sa.Integer),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("waits_for", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("told_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("identity", sa.String(36), nullable=False, unique=True),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_try_at", sa.DateTime, nullable=False),
        sa.Column("sent_at", sa.DateTime),
        sa.Column("failed_at", sa.DateTime),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_table(
        "outbox_reminders",
        sa.Column("message", sa.Integer, sa.ForeignKey("outbox.number"), primary_key=True),
        sa.Column("reminder", sa.Integer, sa.ForeignKey("reminders.number"), primary_key=True),
    )


def downgrade() -> None:
    op.drop_table("outbox_reminders")
    op.drop_table("outbox")
    op.drop_table("reminders")
