"""Agents' codes of enrolment, keys that follow the first one, revocations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    op.create_table(
        "agent_codes",
        sa.Column("secret", sa.String(64), primary_key=True),
        sa.Column("agent", sa.String, nullable=False),
        sa.Column("made_by", sa.String, nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("ends_at", sa.DateTime, nullable=False),
        sa.Column("used_at", sa.DateTime),
    )
    op.create_table(
        "agent_keys",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("agent", sa.String, sa.ForeignKey("agents.agent"), nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("since", sa.DateTime, nullable=False),
    )
    op.create_table(
        "agent_revocations",
        sa.Column("agent", sa.String, sa.ForeignKey("agents.agent"), primary_key=True),
        sa.Column("revoked_by", sa.String, nullable=False),
        sa.Column("revoked_at", sa.DateTime, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("agent_revocations")
    op.drop_table("agent_keys")
    op.drop_table("agent_codes")
