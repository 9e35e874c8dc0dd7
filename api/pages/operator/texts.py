"""Texts that pages of lines share: from when to when, and what is made."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from api.i18n import Language
from domain.plant import Plant, text_in
from domain.texts import N_

DAY = timedelta(hours=24)


def from_to(start: datetime, end: datetime, language: Language, zone: ZoneInfo) -> str:
    """'07:00–15:00'; with the days where the period is as long as one; whole days as days alone."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    if first.time() == last.time() == time.min and start < end:
        last_day = last.date() - DAY
        is_one = first.date() == last_day
        return language.day(last_day) if is_one else language.days(first.date(), last_day)
    left, right = language.time(start, zone), language.time(end, zone)
    if end - start < DAY:
        return f"{left}–{right}"
    return f"{language.day(first.date())} {left} – {language.day(last.date())} {right}"


def order_said(order: str | None, product: str | None, plant: Plant, language: Language) -> str:
    """What people said is made: the order ("": none) and its product."""
    found = plant.products.get(product or "")
    name = (text_in(found.name, language.tag) if found else "") or product or ""
    named = language.text(N_("No order")) if order == "" else order or ""
    return " · ".join(filter(None, (named, name)))
