"""How the address of a database server is told."""

from __future__ import annotations

from sqlalchemy.engine import URL


def shown(url: URL) -> str:
    """For sentences: without the password, wherever it stands in the URL."""
    return url.set(query={}).render_as_string()
