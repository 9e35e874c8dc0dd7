"""Site visits that were entered wrongly and withdrawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"


def upgrade() -> None:
    op.create_table(
        "visit_withdrawals",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("visit", sa.Integer, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("withdrawn_at", sa.DateTime, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.UniqueConstraint("project", "visit", name="one_row_a_visit_withdrawal"),
    )


def downgrade() -> None:
    op.drop_table("visit_withdrawals")
