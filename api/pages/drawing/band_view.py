"""Which part of a band of states is looked at, and where its times of day stand.

Pure geometry: the band is drawn whole and moved within its frame, so that a browser can do the same
with it. What is asked for is kept within the band, and is never shorter than VIEW_MIN.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from domain.time import Window, midnight

VIEW_MIN = timedelta(minutes=5)
TICKS_MAX = 6  # so many times of day stand side by side on a phone
TICK_ROOM = 0.06  # of what is shown: half a time of day, on a phone
TICK_STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 480, 720, 1440)
_NIGHT_MIN = 1440

Step = Literal["in", "out", "earlier", "later"]
BAND_STEPS: tuple[Step, ...] = ("in", "out", "earlier", "later")


@dataclass(frozen=True)
class BandView:
    """`x`, `width` of the whole band, and x of its `ticks` within it, in per cent. `links`: what is
    looked at after each step, as the two values that a query string gives; None where there is
    no such step."""

    whole: Window
    shown: Window
    zero: datetime  # the midnight from which times of day are counted
    x: float
    width: float
    ticks: tuple[tuple[float, datetime], ...]
    links: dict[Step, tuple[str, str] | None]

    @property
    def is_part(self) -> bool:
        return self.shown != self.whole


def band_view(whole: Window, asked: Window | None, zone: ZoneInfo, latest: datetime) -> BandView:
    """`asked`: what somebody wants to see; None, or all outside: the whole. `latest`: up to when
    something is known; the first step goes there."""
    shown = whole
    if asked is not None and asked.start < whole.end and asked.end > whole.start:
        shown = _within(whole, asked.start, asked.end - asked.start)
    scale = (whole.end - whole.start) / (shown.end - shown.start)

    def at(instant: datetime) -> float:
        return round((instant - whole.start) / (whole.end - whole.start) * 100, 4)

    return BandView(
        whole,
        shown,
        midnight(whole.start.astimezone(zone).date(), zone),
        round((0 - at(shown.start)) * scale, 4),
        round(scale * 100, 4),
        tuple((at(tick), tick) for tick in _ticks(shown, zone) if _has_room(tick, shown, whole)),
        {step: _link(step, whole, shown, zone, latest) for step in BAND_STEPS},
    )


def _within(whole: Window, start: datetime, length: timedelta) -> Window:
    """As near to that as the whole allows."""
    length = min(max(length, VIEW_MIN), whole.end - whole.start)
    start = min(max(start, whole.start), whole.end - length)
    return Window(start, start + length)


def _link(
    step: Step, whole: Window, shown: Window, zone: ZoneInfo, latest: datetime
) -> tuple[str, str] | None:
    length = shown.end - shown.start
    middle = shown.start + length / 2
    if step == "in":
        if shown == whole:
            middle = latest - length / 4
        found = _within(whole, middle - length / 4, length / 2)
    elif step == "out":
        found = _within(whole, middle - length, length * 2)
    else:
        moved = length / 2 if step == "later" else -length / 2
        found = _within(whole, shown.start + moved, length)
    if found == shown:
        return None
    start, end = (f"{it.astimezone(zone):%Y-%m-%dT%H:%M:%S}" for it in (found.start, found.end))
    return start, end


def _has_room(tick: datetime, shown: Window, whole: Window) -> bool:
    """Whether its text stands within the frame, which cuts off what of a part does not."""
    if shown == whole:
        return True
    room = (shown.end - shown.start) * TICK_ROOM
    return shown.start + room <= tick <= shown.end - room


def _ticks(window: Window, zone: ZoneInfo) -> Iterator[datetime]:
    """Local times inside the window, at most TICKS_MAX of them: whole minutes, hours, midnights."""
    minutes = (window.end - window.start) / timedelta(minutes=1)
    step = next((it for it in TICK_STEPS_MIN if minutes / it <= TICKS_MAX), _NIGHT_MIN)
    nights = max(math.ceil(minutes / _NIGHT_MIN / TICKS_MAX), 1) if step == _NIGHT_MIN else 1
    first = window.start.astimezone(zone).date()
    tick = midnight(first, zone)
    while tick < window.end:
        local = tick.astimezone(zone)
        is_day = (local.date() - first).days % nights == 0
        if tick > window.start and (local.hour * 60 + local.minute) % step == 0 and is_day:
            yield tick
        tick += timedelta(minutes=min(step, 60))
