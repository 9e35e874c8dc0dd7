"""Times as programs read them: ISO 8601 with the plant's offset."""

from __future__ import annotations

from datetime import datetime
from typing import overload
from zoneinfo import ZoneInfo


@overload
def local_text(at: datetime, zone: ZoneInfo) -> str: ...
@overload
def local_text(at: None, zone: ZoneInfo) -> None: ...
@overload
def local_text(at: datetime | None, zone: ZoneInfo) -> str | None: ...
def local_text(at: datetime | None, zone: ZoneInfo) -> str | None:
    """The instant on the plant's clocks; None for none."""
    return None if at is None else at.astimezone(zone).isoformat()
