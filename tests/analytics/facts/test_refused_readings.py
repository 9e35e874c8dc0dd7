"""Which reading of which counter was not believed, and when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from plants import Row, history, local, plant

from analytics.facts.line_facts import line_facts
from analytics.facts.refused_readings import FLAGS, RefusedReading, refused_readings_in
from domain.time import Window, micros

START = local("2026-03-02 08:00")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PLANT = plant(roles=("state", "total_count", "energy"))
SPIKE = 9e9


def told(wrong: dict[tuple[str, int], float]) -> list[Row]:
    rows: list[Row] = [("state", START, "producing")]
    for minute in range(0, 185, 5):
        at = START + minute * MINUTE
        for signal, value in (("total_count", 900.0 + 20 * minute), ("energy", 80.0 + minute / 4)):
            rows.append((signal, at, wrong.get((signal, minute), value)))
    return sorted(rows, key=lambda row: row[1])


@pytest.mark.parametrize(
    ("wrong", "hours"),
    [
        ({}, [[], [], []]),
        ({("energy", 20): 0.0}, [[("energy", False, 20)], [], []]),
        ({("total_count", 60): 0.0}, [[("total_count", False, 60)], [], []]),  # at the border
        (
            {("total_count", 70): SPIKE, ("energy", 130): SPIKE},
            [[], [("total_count", False, 70)], [("energy", False, 130)]],
        ),
        ({("energy", 180): SPIKE}, [[], [], [("energy", True, 180)]]),  # as the last one
    ],
)
def test_each_hour_has_its_readings(
    wrong: dict[tuple[str, int], float], hours: list[list[tuple[str, bool, int]]]
) -> None:
    end = START + 3 * HOUR
    known = history(told(wrong), START, end)
    facts = line_facts(PLANT, "l1", known, START, end)
    for number, expected in enumerate(hours):
        window = Window(START + number * HOUR, START + (number + 1) * HOUR)
        found = list(refused_readings_in(PLANT, PLANT.lines["l1"], known, window))
        assert found == [
            RefusedReading("m", role, leapt, micros(START + minute * MINUTE))
            for role, leapt, minute in expected
        ]
        of_hour = facts.filter(facts["start"] == window.start)
        assert any(bits & FLAGS for bits in of_hour["flags"]) == bool(expected)
