"""Accounts and tokens, their roles, sessions, and codes that work once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("full_name", sa.String, nullable=False),
        sa.Column("password", sa.String),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("disabled_at", sa.DateTime),
    )
    op.create_table(
        "tokens",
        sa.Column("label", sa.String, primary_key=True),
        sa.Column("secret", sa.String(64), nullable=False, unique=True),
        sa.Column("created_by", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("ends_at", sa.DateTime, nullable=False),
        sa.Column("revoked_at", sa.DateTime),
    )
    op.create_table(
        "assignments",
        sa.Column("holder_kind", sa.String, primary_key=True),
        sa.Column("holder", sa.String, primary_key=True),
        sa.Column("assignment", sa.String, primary_key=True),
    )
    op.create_table(
        "sessions",
        sa.Column("secret", sa.String(64), primary_key=True),
        sa.Column("account", sa.String, sa.ForeignKey("accounts.name"), nullable=False),
        sa.Column("began_at", sa.DateTime, nullable=False),
        sa.Column("used_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "sign_in_codes",
        sa.Column("secret", sa.String(64), primary_key=True),
        sa.Column("account", sa.String, sa.ForeignKey("accounts.name")),
        sa.Column("ends_at", sa.DateTime, nullable=False),
        sa.Column("used_at", sa.DateTime),
    )


def downgrade() -> None:
    for table in ("sign_in_codes", "sessions", "assignments", "tokens", "accounts"):
        op.drop_table(table)
