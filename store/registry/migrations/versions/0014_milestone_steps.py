"""What people do with milestones, and the conflicts of interest that they declare."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"


def upgrade() -> None:
    op.create_table(
        "milestone_steps",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("milestone", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("taken_at", sa.DateTime, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("due", sa.Date),
        sa.Column("verdict", sa.Text),
        sa.UniqueConstraint("project", "milestone", "number", name="one_row_a_milestone_step"),
    )
    op.create_table(
        "conflicts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("declared_at", sa.DateTime, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.UniqueConstraint("project", "number", name="one_row_a_conflict"),
    )


def downgrade() -> None:
    op.drop_table("conflicts")
    op.drop_table("milestone_steps")
