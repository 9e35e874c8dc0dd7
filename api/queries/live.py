"""What a line does now and whether it will make its shift: plain values from facts and plan.

Pure: `Queries` reads, this module thinks. The period of a live view is the
running shift; on a line planned round the clock it is the local day; outside
every shift there is none. The forecast goes on at the pace of the period's
known planned time. Nothing is forecast from less than `FORECAST_AFTER_S`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from analytics.shift_forecast import Forecast, ForecastPeriod
from domain.plant import Text


@dataclass(frozen=True, slots=True)
class Heard:
    """Until when one machine was confirmed alive; stale after the line's stale_after_s."""

    machine: str
    at: datetime | None
    stale: bool


@dataclass(frozen=True, slots=True)
class Live:
    """One line now. `since` None: the state is older than what was looked at.

    `speed` in items/s. `kpis` is the KPI row of `period` so far; None outside periods.
    """

    plant: str
    zone: ZoneInfo
    line: str
    name: Text
    at: datetime
    state: str
    since: datetime | None
    reason: str | None
    alarm: str | None
    order: str | None
    product: str | None
    speed: float | None
    total_counter: float | None
    machines: tuple[Heard, ...]
    last_heard: datetime | None
    stale: bool
    plan: str
    period: ForecastPeriod | None
    next_period: datetime | None
    kpis: dict[str, Any] | None
    forecast: Forecast | None
    texts: dict[str, Text] = field(default_factory=dict)  # names of products
    reason_name: Text = field(default_factory=dict)  # of the reason's node in the plant's tree

    def to_json(self) -> dict[str, Any]:
        """The live document: times with the plant's offset, fields as named here."""
        document = asdict(self)
        for name in ("zone", "texts", "reason_name", "period"):
            del document[name]
        for name in ("at", "since", "last_heard", "next_period"):
            document[name] = _local(document[name], self.zone)
        document["machines"] = [
            {**m, "at": _local(m["at"], self.zone)} for m in document["machines"]
        ]
        document["shift"] = self.period and {
            "name": self.period.name,
            "start": _local(self.period.window.start, self.zone),
            "end": _local(self.period.window.end, self.zone),
            "planned_busy_time_s": self.period.planned_s,
        }
        return document


def _local(instant: datetime | None, zone: ZoneInfo) -> str | None:
    return None if instant is None else instant.astimezone(zone).isoformat()
