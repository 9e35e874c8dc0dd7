"""How old an entry of a board may become, and which lines come on which board.

Where agents tell of a line before they seal, two boards have it: one that is made of what was told
shows what it does now; on the one below, which is made of what is sealed and from which all that
counts is taken, nothing changes between two batches, so it is looked at seldom.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.queries.board import LineNow
from domain.alerts import AlertKind
from domain.plant import Line
from domain.time import MICROSECOND

# How old an entry may become while its line is heard, and while it is silent and no alert waits for
# that.
AGE_MAX = timedelta(seconds=5)
AGE_BELOW_MAX = timedelta(seconds=60)
AGE_SILENT_MAX = timedelta(seconds=60)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ToldLive:
    """`is_told_live` says of a line whether agents tell of it before they seal. `alone`: this board
    has such lines and no others; else it has all, these from what is sealed."""

    is_told_live: Callable[[str], bool] = lambda line: False
    alone: bool = False

    def has(self, line: str) -> bool:
        """Whether the line comes on the board."""
        return not self.alone or self.is_told_live(line)

    def age_max(self, line: str) -> timedelta:
        """How old an entry may become while the line is heard."""
        return AGE_MAX if self.alone or not self.is_told_live(line) else AGE_BELOW_MAX


@dataclass(frozen=True, slots=True)
class Serves:
    """Until when an entry is good if nothing comes in, and when the clock makes an event of it
    (api.queries.board_turns): a machine falls silent, or an alert waits for how long it is."""

    until: datetime
    event_at: datetime


def serves(entry: LineNow, line: Line, age_max: timedelta) -> Serves:
    """When the clock alone changes what the entry says."""
    stale = [end + timedelta(seconds=line.stale_after_s) for end in entry.heard.values()]
    is_silent = all(moment <= entry.at for moment in stale)
    is_awaited = AlertKind.NO_DATA in line.alerts.limits  # for how long it is silent
    ages = entry.at + (AGE_SILENT_MAX if is_silent and not is_awaited else age_max)
    falls_silent = [moment + MICROSECOND for moment in stale if moment >= entry.at]
    event_at = min([*falls_silent, *([ages] if is_silent and is_awaited else [])], default=_NEVER)
    borders = [it for it in (entry.plan.until, event_at) if it > entry.at]
    return Serves(min([ages, *borders]), event_at)
