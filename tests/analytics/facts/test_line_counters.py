"""Which machine has which counter of a line, and what of its samples is read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import polars as pl
import pytest
from plants import local

from analytics.facts.line_counters import line_counters
from domain.frames import HISTORY, SPANS, LineHistory
from domain.plant import CounterRule, Line, Machine
from domain.samples import Quality

START = local("2026-03-02 07:00")
BOTH = {"total_count": [5.0, 9.0], "reject_count": [1.0, 2.0]}
Said = Mapping[str, Mapping[str, list[float | None]]]  # machine → signal → value of each minute


def history(said: Said) -> LineHistory:
    rows = [
        (machine, signal, START + timedelta(minutes=at), value, None,
         int(Quality.BAD if value is None else Quality.GOOD))
        for machine, signals in said.items()
        for signal, values in signals.items()
        for at, value in enumerate(values)
    ]  # fmt: skip
    samples = pl.DataFrame(rows, schema=HISTORY, orient="row").sort("machine", "signal", "time")
    end = START + timedelta(hours=1)
    return LineHistory("l", START, end, samples, SPANS.to_frame().drop("line"))


def line(roles: Mapping[str, str], **counters: CounterRule) -> Line:
    machines = {name: Machine(name, "import") for name in "ab"}
    return Line("l", {"en": "L"}, machines, roles, None, 1.0, counters=counters)


@pytest.mark.parametrize(
    ("roles", "said", "expected"),
    [
        ({"total_count": "a"}, {"a": BOTH}, {"total_count": "a"}),
        # A machine that counts all and rejected items gives the good ones, too.
        ({"good_count": "a"}, {"a": BOTH}, {"total_count": "a", "reject_count": "a"}),
        (
            {"total_count": "b", "good_count": "a"},
            {"a": BOTH, "b": {"total_count": [0.0]}},
            {"total_count": "b", "reject_count": "a"},
        ),
        ({"good_count": "a"}, {"a": {**BOTH, "good_count": [4.0]}}, {"good_count": "a"}),
        ({"good_count": "a"}, {"a": {"total_count": [1.0]}}, {"good_count": "a"}),
        ({"energy": "b", "rework_count": "a"}, {}, {"energy": "b", "rework_count": "a"}),
    ],
)
def test_who_has_which_counter(
    roles: Mapping[str, str], said: Said, expected: Mapping[str, str]
) -> None:
    counters, machines = line_counters(line(roles), history(said), 1.0)
    assert {role: it for role, it in machines.items() if it is not None} == expected
    assert {role for role, it in counters.items() if it is not None} == set(expected)


def test_samples_that_say_nothing_are_passed_over() -> None:
    told = history({"a": {"total_count": [5.0, None, 9.0]}})
    counted = line_counters(line({"total_count": "a"}), told, 1.0)[0]["total_count"]
    assert counted is not None
    assert counted.amounts.tolist() == [4.0]


def test_the_lines_own_rule_holds_and_energy_has_no_cycle_time() -> None:
    leap = {"total_count": [1000.0, 2000.0], "energy": [1000.0, 2000.0]}
    it = line({"total_count": "a", "energy": "a"}, total_count=CounterRule(max_rate_per_s=1))
    counters, _ = line_counters(it, history({"a": leap}), 1.0)
    total, energy = counters["total_count"], counters["energy"]
    assert total is not None
    assert energy is not None
    assert (total.amounts.tolist(), energy.amounts.tolist()) == ([0.0], [1000.0])
