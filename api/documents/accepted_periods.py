"""An accepted period as JSON."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from store.registry.accepted_periods import FrozenPeriod


def period_json(period: FrozenPeriod, zone: ZoneInfo) -> dict[str, Any]:
    """One frozen period; `facts_digest` is the SHA-256 of the accepted facts as they are kept."""
    return {
        "line": period.line,
        "start": period.start.astimezone(zone).isoformat(),
        "end": period.end.astimezone(zone).isoformat(),
        "author": period.author,
        "frozen_at": period.frozen_at.astimezone(zone).isoformat(),
        "facts_digest": period.digest,
    }
