"""The days around which the demo's story is told, and its first line.

Everything follows from the moment at which the demo was made (`opened_us`) and a seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from domain.states import MachineState
from domain.time import HOUR_US, instant, micros, midnight
from lineproof.demo.model.behaviour import BEEF, SEAFOOD
from lineproof.demo.model.plant_model import PlantModel

ZONE = "Asia/Hong_Kong"
HISTORY_DAYS = 60
OTHER_HISTORY_DAYS = 30
_MINUTE_US = 60_000_000
_SHOWN_US = 90_000_000  # how long a visitor looks at the least
_RUNS_AT_FIRST_US = 20_000_000
_SHORT_STOP_US = 15_000_000
_SEEDS = 20_000


@dataclass(frozen=True, slots=True)
class DemoDays:
    """All are local days of the plant."""

    today: date

    @property
    def first(self) -> date:
        """The first production day of the history."""
        return self.today - timedelta(days=HISTORY_DAYS)

    @property
    def first_weight(self) -> date:
        """The first day of which the old system still had the weights."""
        return self.today - timedelta(days=7)

    @property
    def overhaul(self) -> date:
        return self.today - timedelta(days=24)

    @property
    def other_first(self) -> date:
        """The first production day of the history of all lines but the first."""
        return self.today - timedelta(days=OTHER_HISTORY_DAYS)

    @property
    def acceptance(self) -> tuple[date, date]:
        """First and last day of the acceptance run of the first line."""
        return self.today - timedelta(days=40), self.today - timedelta(days=27)

    @property
    def later_due(self) -> date:
        """Until when the company asks for more time for the OEE of the second line."""
        return self.today + timedelta(days=85)

    @property
    def sauce_acceptance(self) -> tuple[date, date]:
        """Of the sauce line: the run that its gaps spoil."""
        return self.today - timedelta(days=18), self.today - timedelta(days=5)


def demo_days(opened_us: int) -> DemoDays:
    """The days of a demo that was made at that moment."""
    return DemoDays(instant(opened_us).astimezone(ZoneInfo(ZONE)).date())


def demo_model(opened_us: int, seed: int) -> PlantModel:
    """The demo's first line from its first day on."""
    zone = ZoneInfo(ZONE)
    days = demo_days(opened_us)
    begin = micros(midnight(days.overhaul, zone) + timedelta(hours=7))
    to_seafood, to_beef = _change_hours(opened_us)
    return PlantModel(
        micros(midnight(days.first, zone)),
        seed,
        schedule=((to_seafood, SEAFOOD), (to_beef, BEEF)),
        overhaul_us=(begin, begin + 8 * HOUR_US),
        drift_us=(opened_us - 5 * HOUR_US, opened_us - 4 * HOUR_US),
    )


def pick_seed(now_us: int) -> int:
    """A seed with which the line produces at `now_us` and soon has a short stop for the packer.

    Whoever looks at the pages for a minute and a half shall see counts move and a machine that
    makes another wait, so a day on which the line happens to stand for long just then is not the
    day that we tell of.

    An hour that ends cuts a run in two (`PlantModel.block`), so what must not come early is a stop,
    not the end of the first segment.
    """
    for seed in range(_SEEDS):
        ahead = list(demo_model(now_us, seed).segments(now_us, now_us + _SHOWN_US))
        standing = [s for s in ahead if s.speed == 0.0]
        short = all(s.end_us - s.start_us < _SHORT_STOP_US for s in standing)
        runs = all(s.start_us > now_us + _RUNS_AT_FIRST_US for s in standing)
        waits = any(s.state is MachineState.BLOCKED for s in standing)
        if runs and waits and short:
            return seed
    raise RuntimeError(f"no seed lets the line run at {instant(now_us).isoformat()}")


def _change_hours(opened_us: int) -> tuple[int, int]:
    """When the products change: as shift B begins and ends, or earlier if it would be now."""
    local = instant(opened_us).astimezone(ZoneInfo(ZONE))
    since = (opened_us - micros(local.replace(minute=0, second=0, microsecond=0))) // _MINUTE_US
    soon = {local.hour, (local.hour + 1) % 24} if since >= 55 else {local.hour}
    return (13, 21) if soon & {15, 23} else (15, 23)
