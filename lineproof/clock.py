"""The clock of the composition root: every other package is given `now`."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The clock of the command line and of the node."""
    return datetime.now(UTC)
