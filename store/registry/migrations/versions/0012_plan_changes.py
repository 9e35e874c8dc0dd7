"""Exceptions of lines' calendars that were entered at the node."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"


def upgrade() -> None:
    op.create_table(
        "plan_changes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("identity", sa.String, nullable=False, unique=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        sa.Column("start", sa.DateTime),
        sa.Column("end", sa.DateTime),
        sa.Column("kind", sa.String),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("withdraws", sa.String),
        sa.UniqueConstraint("line", "number", name="one_row_a_plan_change"),
    )


def downgrade() -> None:
    op.drop_table("plan_changes")
