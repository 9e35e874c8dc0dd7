"""A closed node with somebody of each role in each scope."""

from __future__ import annotations

from datetime import timedelta

from web_plant import registry_of

from api.queries.lines import Queries
from domain.access import Assignment, Role

LINE, PROJECT = "filler-1", "NIFS-2025-017"
SCOPES = {"own": f"line:{LINE}", "foreign": "line:packer-1", "everything": "everything"}
Tokens = dict[tuple[str, str], str]  # by role and name of a scope


def close_with_tokens(queries: Queries) -> Tokens:
    """The node gets its first account, and a token of each role within each scope."""
    registry, now = registry_of(queries), queries.now()
    registry.accounts.add("boss", "", [Assignment(Role.ADMINISTRATOR)], now)
    return {
        (role, name): registry.tokens.add(
            f"{role}-{name}", [Assignment.parse(f"{role}@{scope}")],
            now + timedelta(days=1), now, by="boss",
        )
        for role in Role
        for name, scope in SCOPES.items()
    }  # fmt: skip
