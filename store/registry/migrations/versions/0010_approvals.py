"""Corrections that need approval, and the records that approve or refuse them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"


def upgrade() -> None:
    op.add_column(
        "corrections",
        sa.Column("needs_approval", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.add_column("corrections", sa.Column("decides", sa.String))


def downgrade() -> None:
    op.drop_column("corrections", "decides")
    op.drop_column("corrections", "needs_approval")
