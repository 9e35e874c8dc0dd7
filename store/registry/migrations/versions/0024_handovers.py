"""Notes and signatures of shift handovers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"


def upgrade() -> None:
    op.create_table(
        "handover_notes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("start", sa.DateTime, nullable=False),
        sa.Column("end", sa.DateTime, nullable=False),
        sa.Column("shift", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("device", sa.String, nullable=False),
        sa.Column("written_at", sa.DateTime, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.UniqueConstraint("line", "start", "number", name="one_row_a_handover_note"),
    )
    op.create_table(
        "handover_signatures",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("start", sa.DateTime, nullable=False),
        sa.Column("end", sa.DateTime, nullable=False),
        sa.Column("shift", sa.String, nullable=False),
        sa.Column("side", sa.String, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("device", sa.String, nullable=False),
        sa.Column("signed_at", sa.DateTime, nullable=False),
        sa.Column("notes", sa.Integer, nullable=False),
        sa.Column("figures", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.UniqueConstraint("line", "start", "side", name="one_row_a_handover_signature"),
    )


def downgrade() -> None:
    op.drop_table("handover_signatures")
    op.drop_table("handover_notes")
