"""Site visits, and what was read of panels at them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"


def upgrade() -> None:
    op.create_table(
        "site_visits",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("milestone", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("visited_at", sa.DateTime, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.UniqueConstraint("project", "number", name="one_row_a_site_visit"),
    )
    op.create_table(
        "panel_readings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("visit", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("machine", sa.String, nullable=False),
        sa.Column("signal", sa.String, nullable=False),
        sa.Column("read_at", sa.DateTime, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.Column("read_by", sa.String, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.UniqueConstraint("project", "visit", "number", name="one_row_a_panel_reading"),
    )


def downgrade() -> None:
    op.drop_table("panel_readings")
    op.drop_table("site_visits")
