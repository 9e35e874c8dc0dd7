"""Which order and product people say is made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0029"
down_revision: str | None = "0027"


def upgrade() -> None:
    op.add_column("corrections", sa.Column("order", sa.String))
    op.add_column("corrections", sa.Column("product", sa.String))


def downgrade() -> None:
    op.drop_column("corrections", "product")
    op.drop_column("corrections", "order")
