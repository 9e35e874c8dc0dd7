"""Alerts that were raised, who acknowledged them, and which messages tell them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0027"
down_revision: str | None = "0028"


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("open_key", sa.String, unique=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("measurement", sa.String, nullable=False),
        sa.Column("rule_limit", sa.Float, nullable=False),
        sa.Column("since", sa.DateTime, nullable=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("raised_at", sa.DateTime, nullable=False),
        sa.Column("ended_at", sa.DateTime),
    )
    op.create_index("alerts_of_a_line", "alerts", ["line", "number"])
    op.create_table(
        "alert_acknowledgements",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("alert", sa.Integer, nullable=False, unique=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("raised_at", sa.DateTime, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("device", sa.String, nullable=False),
        sa.Column("acknowledged_at", sa.DateTime, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "outbox_alerts",
        sa.Column("message", sa.Integer, sa.ForeignKey("outbox.number"), primary_key=True),
        sa.Column("alert", sa.Integer, sa.ForeignKey("alerts.number"), primary_key=True),
    )


def downgrade() -> None:
    op.drop_table("outbox_alerts")
    op.drop_table("alert_acknowledgements")
    op.drop_table("alerts")
