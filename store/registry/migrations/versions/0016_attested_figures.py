"""Figures with documents that people attest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"


def upgrade() -> None:
    op.create_table(
        "attested_figures",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("attested_at", sa.DateTime, nullable=False),
        sa.Column("attested_by", sa.String, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("amount", sa.String, nullable=False),
        sa.Column("day", sa.Date),
        sa.Column("milestone", sa.String, nullable=False),
        sa.Column("category", sa.String, nullable=False),
        sa.Column("payer", sa.String, nullable=False),
        sa.Column("document", sa.String(64), nullable=False),
        sa.Column("withdraws", sa.Integer),
        sa.UniqueConstraint("project", "number", name="one_row_an_attested_figure"),
    )


def downgrade() -> None:
    op.drop_table("attested_figures")
