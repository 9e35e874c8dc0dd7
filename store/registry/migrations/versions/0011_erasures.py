"""What was erased from the audit; a salt for each of its rows, without which a name that was erased
could be found by trying names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"


def upgrade() -> None:
    op.add_column("audit", sa.Column("salt", sa.String(32)))
    op.create_table(
        "erasures",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("reference", sa.String, nullable=False),
    )
    op.create_table(
        "erased_rows",
        sa.Column("erasure", sa.Integer, sa.ForeignKey("erasures.number"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("content", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("erased_rows")
    op.drop_table("erasures")
    op.drop_column("audit", "salt")
