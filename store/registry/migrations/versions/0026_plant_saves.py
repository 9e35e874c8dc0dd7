"""Who saved a version of a plant file, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0024"


def upgrade() -> None:
    op.create_table(
        "plant_saves",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("plant", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("began_with", sa.Integer, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.UniqueConstraint("plant", "number", name="one_row_a_plant_save"),
    )


def downgrade() -> None:
    op.drop_table("plant_saves")
