"""Reasons of stops that went on when they were entered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0028"
down_revision: str | None = "0026"


def upgrade() -> None:
    op.add_column(
        "corrections",
        sa.Column("until_stop_ends", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("corrections", "until_stop_ends")
