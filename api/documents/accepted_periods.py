"""An accepted period as JSON."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from api.documents.times import local_text
from store.registry.project_work.accepted_periods import FrozenPeriod


def period_json(period: FrozenPeriod, zone: ZoneInfo) -> dict[str, Any]:
    """One frozen period; `facts_digest` is the SHA-256 of the accepted facts as they are kept."""
    return {
        "line": period.line,
        "start": local_text(period.start, zone),
        "end": local_text(period.end, zone),
        "author": period.author,
        "frozen_at": local_text(period.frozen_at, zone),
        "facts_digest": period.digest,
    }
