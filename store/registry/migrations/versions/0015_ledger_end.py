"""How far the ledger had come when leaves were added last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"


def upgrade() -> None:
    op.create_table(
        "ledger_end",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("verifier_key", sa.String, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("ledger_end")
