"""Times as programs read them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from api.documents.times import local_text


def test_an_instant_is_told_by_the_plants_clocks_with_their_offset() -> None:
    at, berlin = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), ZoneInfo("Europe/Berlin")
    assert local_text(at, berlin) == "2026-10-25T02:30:00+02:00"
    assert local_text(at.replace(hour=1), berlin) == "2026-10-25T02:30:00+01:00"
    assert local_text(None, berlin) is None
