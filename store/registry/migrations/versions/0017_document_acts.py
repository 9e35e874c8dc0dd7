"""Legal holds of documents and the removal of their bytes; how many bytes a document has."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"


def upgrade() -> None:
    op.add_column("documents", sa.Column("size", sa.Integer))
    op.create_table(
        "document_acts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("act", sa.String, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("acted_at", sa.DateTime, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.UniqueConstraint("project", "number", name="one_row_an_act"),
    )


def downgrade() -> None:
    op.drop_table("document_acts")
    with op.batch_alter_table("documents") as batch:
        batch.drop_column("size")
