"""How the address of a database server is told."""

from __future__ import annotations

from sqlalchemy.engine import make_url

from store.server_url import shown


def test_no_password_is_told_wherever_it_stands() -> None:
    url = make_url(
        "postgresql://me:geheim@db.factory:5433/lineproof?password=geheim&sslmode=require"
    )
    assert shown(url) == "postgresql://me:***@db.factory:5433/lineproof"
