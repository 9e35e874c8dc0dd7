"""Corrections of lines, up to where stored facts follow them, and frozen periods."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("start", sa.DateTime, nullable=False),
        sa.Column("end", sa.DateTime, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("element", sa.String),
        sa.Column("amount", sa.Float),
        sa.Column("withdraws", sa.String),
        sa.Column("comment", sa.Text, nullable=False),
        sa.UniqueConstraint("line", "number", name="one_row_a_correction_number"),
    )
    op.create_table(
        "corrected_facts",
        sa.Column("line", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
    )
    op.create_table(
        "frozen",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("start", sa.DateTime, nullable=False),
        sa.Column("end", sa.DateTime, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("frozen_at", sa.DateTime, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.UniqueConstraint("line", "number", name="one_row_a_frozen_number"),
    )


def downgrade() -> None:
    for table in ("frozen", "corrected_facts", "corrections"):
        op.drop_table(table)
