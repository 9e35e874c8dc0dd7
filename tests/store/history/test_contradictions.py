"""The instants at which a series contradicts itself, however far apart and wherever one asks."""

from __future__ import annotations

import pytest
from telemetry import at, batch, samples

from domain.states import MachineState
from store.history.contradictions import contradictions
from store.telemetry.protocol import TelemetryStore

LINE = "filler-1"
DAY = 86_400


def said(second: float, *states: str) -> list[dict[str, object]]:
    of = {"time": at(second), "signal": "state"}
    return [{**of, "text": it, "value": float(MachineState(it).code)} for it in states]


@pytest.fixture
def told(store: TelemetryStore) -> TelemetryStore:
    rows = said(0, "idle") + said(1 * DAY, "idle", "fault") + said(7 * DAY, "fault", "idle")
    rows += said(14 * DAY, "fault", "off") + said(14 * DAY + 1, "off", "idle")
    rows += said(40 * DAY, "fault", "off", "idle") + said(41 * DAY, "idle")
    store.append([batch(1, samples(*rows))])
    return store


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (0, 60, [14, 40]),
        (7, 14, [14]),
        (14, 14, [14]),
        (15, 60, [40]),
        (41, 60, []),
        (-9, -3, []),
    ],
)
def test_each_is_named_once(told: TelemetryStore, start: int, end: int, days: list[int]) -> None:
    found = contradictions(told, LINE, "filler", "state", at(start * DAY), at(end * DAY))
    assert [*found] == [at(day * DAY) for day in days]


def test_a_series_without_samples_has_none(told: TelemetryStore) -> None:
    assert [*contradictions(told, LINE, "filler", "mode", at(0), at(DAY))] == []
