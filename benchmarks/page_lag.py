"""How old a count is when it first shows, in live JSON and in KPI rows.

Both only grow, and what the made-up lines count is known, so whoever sees a count knows which
readings have come through by now, and since when each has waited. How long the asking takes is
in it: the figure is rather too great than too small. Who begins to look may see what is older: how
old, in the first seconds, is told apart.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import urlencode

from live_feeder import LiveAgent, now_us
from live_lines import LiveLines
from page_requests import Client

from domain.time import instant

_POLL_S = 0.1
_FIRST_S = 5.0  # after somebody began to look
_BEFORE_US = 600_000_000  # how long before the first look the window of the KPI rows begins
_AFTER_US = 3_600_000_000


@dataclass
class Watched:
    """One figure of one line: the readings that are yet to show, oldest first, as (µs, count)."""

    path: str
    name: str  # of the figure in the document
    readings: list[tuple[int, int]]
    lags_s: list[float] = field(default_factory=list)

    def look(self, client: Client, *, count: bool = True) -> None:
        """Ask once; with `count` the readings that show since the last look are counted."""
        document = json.loads(client.get(self.path))
        rows = document if isinstance(document, list) else [document]
        told = rows[0][self.name] if rows else None  # no row yet: the window has just begun
        seen_us = now_us()
        while self.readings and told is not None and self.readings[0][1] <= told + 1e-6:
            at_us, _ = self.readings[0]
            if at_us > seen_us:
                break
            del self.readings[0]
            if count:
                self.lags_s.append((seen_us - at_us) / 1e6)


@dataclass(frozen=True)
class Lag:
    """Seconds from source time to first sight, for each reading that showed, and how long the
    oldest had waited that did not show by the end."""

    live_s: tuple[float, ...]
    kpis_s: tuple[float, ...]
    first_s: tuple[float, ...]  # of what showed in the first seconds


def lag(port: int, agent: LiveAgent, numbers: Sequence[int], seconds: float) -> Lag:
    """Look at some of the agent's lines, in turns, for so long."""
    client, lines = Client(port), LiveLines(agent.story)
    live = [_live(agent, lines, number) for number in numbers]
    kpis = [_kpis(agent, lines, number) for number in numbers]
    for watched in (*live, *kpis):
        watched.look(client, count=False)  # what was there before
    _look_for(_FIRST_S, client, (*live, *kpis))
    first_s = _lags((*live, *kpis))
    for watched in (*live, *kpis):
        watched.lags_s.clear()
    _look_for(seconds, client, (*live, *kpis))
    client.close()
    return Lag(_lags(live), _lags(kpis), first_s)


def _look_for(seconds: float, client: Client, every: Sequence[Watched]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for watched in every:
            watched.look(client)
        time.sleep(_POLL_S)


def _live(agent: LiveAgent, lines: LiveLines, number: int) -> Watched:
    path = f"/api/v1/lines/{agent.story.lines[number]}"
    return Watched(path, "total_counter", _growing(lines, number, now_us() - _BEFORE_US))


def _kpis(agent: LiveAgent, lines: LiveLines, number: int) -> Watched:
    """The window begins with a reading, so that its count is that of the counter less that one."""
    start_us, base = lines.counts(number, now_us() - _BEFORE_US, now_us())[0]
    times = {
        "start": instant(start_us).isoformat(),
        "end": instant(start_us + _AFTER_US).isoformat(),
    }
    path = f"/api/v1/lines/{agent.story.lines[number]}/kpis?{urlencode(times)}"
    readings = [(at, total - base) for at, total in _growing(lines, number, start_us)]
    return Watched(path, "total_count", readings)


def _growing(lines: LiveLines, number: int, start_us: int) -> list[tuple[int, int]]:
    """The readings at which the count was another than before."""
    readings = lines.counts(number, start_us, start_us + _AFTER_US)
    return [reading for before, reading in pairwise(readings) if reading[1] != before[1]]


def _lags(all_watched: Sequence[Watched]) -> tuple[float, ...]:
    """Of what showed, and of the oldest that should have shown and did not."""
    found = [lag for watched in all_watched for lag in watched.lags_s]
    for watched in all_watched:
        waits_s = (now_us() - watched.readings[0][0]) / 1e6 if watched.readings else 0.0
        if waits_s > 0:
            found.append(waits_s)
    return tuple(found)
