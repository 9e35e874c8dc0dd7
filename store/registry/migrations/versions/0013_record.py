"""The record of the rows that figures rest on; it begins with those that are there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"


def upgrade() -> None:
    op.create_table(
        "record",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("of", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("salt", sa.String(32)),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    end = op.create_table(
        "record_end",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    # The rows are told when the registry is open: see store.registry.record.
    op.bulk_insert(end, [{"id": 1, "number": 0, "digest": ""}])


def downgrade() -> None:
    op.drop_table("record_end")
    op.drop_table("record")
