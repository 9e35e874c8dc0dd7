"""Texts that pages of lines share: from when to when."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from api.i18n import Language

DAY = timedelta(hours=24)


def from_to(start: datetime, end: datetime, language: Language, zone: ZoneInfo) -> str:
    """'07:00–15:00'; with the days where the period is as long as one; whole days as days alone."""
    left, right = language.time(start, zone), language.time(end, zone)
    if end - start < DAY:
        return f"{left}–{right}"
    first, last = start.astimezone(zone), end.astimezone(zone)
    return f"{language.day(first.date())} {left} – {language.day(last.date())} {right}"
