"""The key of people's pseudonyms, made once for each registry."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    table = op.create_table(
        "pseudonym_key",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.LargeBinary, nullable=False),
    )
    op.bulk_insert(table, [{"id": 1, "key": secrets.token_bytes(32)}])


def downgrade() -> None:
    op.drop_table("pseudonym_key")
