"""Samples of a scheme's accepted milestones, their seeds, and what came of looking at them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0020"


def upgrade() -> None:
    op.create_table(
        "audit_samples",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("scheme", sa.String, nullable=False),
        sa.Column("start", sa.Date, nullable=False),
        sa.Column("end", sa.Date, nullable=False),
        sa.Column("population", sa.Text, nullable=False),
        sa.Column("rate", sa.Float, nullable=False),
        sa.Column("margin", sa.Float, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("public_value", sa.Text, nullable=False),
        sa.Column("known_on", sa.Date, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("announced_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("number", name="one_row_an_audit_sample"),
    )
    op.create_table(
        "audit_sample_seeds",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sample", sa.Integer, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("entered_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("sample", name="one_row_an_audit_sample_seed"),
    )
    op.create_table(
        "audit_sample_results",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sample", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("milestone", sa.String, nullable=False),
        sa.Column("is_error", sa.Boolean, nullable=False),
        sa.Column("amount_hkd", sa.String),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("entered_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("sample", "number", name="one_row_an_audit_sample_result"),
    )


def downgrade() -> None:
    op.drop_table("audit_sample_results")
    op.drop_table("audit_sample_seeds")
    op.drop_table("audit_samples")
