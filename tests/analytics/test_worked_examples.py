"""The worked examples in the docstrings of dense array code are true: they run as doctests."""

from __future__ import annotations

import doctest
from datetime import timedelta
from types import ModuleType

import pytest
from stop_intervals import ZERO, busy, intervals, stop_list

from analytics.facts import cells, counted_by_hand
from analytics.facts.counters import allocation, increments, unsure
from analytics.kpi import state_matrix
from analytics.timeline import onsets, reasons, tracks

MODULES = (
    cells,
    counted_by_hand,
    unsure,
    allocation,
    increments,
    tracks,
    reasons,
    onsets,
    state_matrix,
)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_example_is_true(module: ModuleType) -> None:
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    for found in doctest.DocTestFinder().find(module):
        runner.run(found, out=said.append)
    assert runner.tries >= 1
    assert runner.failures == 0, "".join(said)


HALF_A_SECOND = 0.5 / 60  # in minutes


def test_the_example_of_the_list_of_stops() -> None:
    stops = stop_list(
        intervals(
            busy(5, "producing"),
            busy(1, "fault"),
            busy(HALF_A_SECOND, "producing"),
            busy(1, "fault"),
            busy(23 - HALF_A_SECOND, "producing"),
            busy(1, "stopped"),
            (4, "stopped", None, "planned_down", "A"),
            busy(25, "producing"),
        ),
        minor_stop_s=120,
        chatter_s=1.0,
    )
    assert stops["start"].to_list() == [ZERO + timedelta(minutes=5), ZERO + timedelta(minutes=30)]
    columns = ("state", "duration_s", "category", "flickers")
    assert stops.select(columns).rows() == [("fault", 120, "major", 1), ("stopped", 60, "minor", 0)]
