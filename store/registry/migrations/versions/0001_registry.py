"""The registry's first tables: plants, projects and their terms, agents, documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None


def _versions(name: str, constraint: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("applied_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("owner", "number", name=constraint),
    )


def upgrade() -> None:
    _versions("plant_versions", "one_row_a_plant_version")
    _versions("project_versions", "one_row_a_project_version")
    op.create_table(
        "plant_lines",
        sa.Column("line", sa.String, primary_key=True),
        sa.Column("plant", sa.String, nullable=False),
    )
    op.create_table(
        "terms_versions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("milestone", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column(
            "project_version", sa.Integer, sa.ForeignKey("project_versions.id"), nullable=False
        ),
        sa.Column("applied_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("project", "milestone", "number", name="one_row_a_terms_version"),
    )
    op.create_table(
        "agents",
        sa.Column("agent", sa.String, primary_key=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("enrolled_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("milestone", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("file_name", sa.String, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("attached_at", sa.DateTime, nullable=False),
        sa.Column("attached_by", sa.String, nullable=False),
        sa.UniqueConstraint("project", "milestone", "kind", "sha256", name="one_row_a_document"),
    )


def downgrade() -> None:
    for table in (
        "documents",
        "agents",
        "terms_versions",
        "plant_lines",
        "project_versions",
        "plant_versions",
    ):
        op.drop_table(table)
