"""The address of a stop: the one place that says where a stop of a line is shown and explained."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo


def stop_link(line: str, start: datetime, zone: ZoneInfo) -> str:
    """Of the line's stop that began then."""
    at = start.astimezone(zone).isoformat()
    return f"/lines/{quote(line, safe='')}/stops?at={quote(at, safe=':')}"
