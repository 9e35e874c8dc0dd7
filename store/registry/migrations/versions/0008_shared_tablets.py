"""Shared tablets: their accounts, PINs and badges, who is signed on, and where a correction was
entered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    op.add_column(
        "accounts", sa.Column("is_device", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("corrections", sa.Column("device", sa.String, nullable=False, server_default=""))
    op.create_table(
        "pins",
        sa.Column("account", sa.String, sa.ForeignKey("accounts.name"), primary_key=True),
        sa.Column("hashed", sa.String, nullable=False),
    )
    op.create_table(
        "badges",
        sa.Column("account", sa.String, sa.ForeignKey("accounts.name"), primary_key=True),
        sa.Column("hashed", sa.String(64), nullable=False, unique=True),
        sa.Column("salt", sa.String(32), nullable=False),
    )
    op.create_table(
        "sign_ons",
        sa.Column("session", sa.String(64), primary_key=True),
        sa.Column("account", sa.String, sa.ForeignKey("accounts.name"), nullable=False),
        sa.Column("used_at", sa.DateTime, nullable=False),
        sa.Column("ends_at", sa.DateTime, nullable=False),
    )


def downgrade() -> None:
    for table in ("sign_ons", "badges", "pins"):
        op.drop_table(table)
    op.drop_column("corrections", "device")
    op.drop_column("accounts", "is_device")
