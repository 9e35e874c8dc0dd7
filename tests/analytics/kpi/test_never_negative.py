"""No duration, count or ratio is negative, whatever the plan, the states, modes and orders are.

Made-up shifts in which anything goes on at any time: faults that last while an order ends or cannot
be read, maintenance mode in production, breakdowns in a break. All methods, whole, by hour and by
product, with all their bounds, elements and losses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from plants import Row, calendar, history, local, plant, shift

from analytics.facts.line_facts import line_facts
from analytics.kpi.rows import kpi_rows
from analytics.methods.registry import METHODS
from analytics.stops.six_big_losses import Made, losses
from analytics.stops.stop_list import stop_pieces
from analytics.timeline.state_intervals import state_intervals
from domain.frames import LineHistory
from domain.plant import CalendarException, Plant, Product, StopReason
from domain.states import MachineMode, MachineState, Plan, ReasonKind
from domain.time import Window

START, END = local("2026-03-02 06:00"), local("2026-03-02 12:00")
WINDOW = Window(START, END)
EVERY_S = 60
STEPS = int((END - START).total_seconds()) // EVERY_S
REASONS = {kind.value: StopReason(kind.value, {"en": kind.value}, kind) for kind in ReasonKind}
COUNTED = (
    ("total_count", "reject_count", "energy"),
    ("total_count", "good_count", "rework_count"),
    ("good_count", "reject_count"),
    ("good_count",),
    (),
)
MAY_BE_LESS = "reduced_speed"  # items came faster than planned
ROUNDING = 1e-6


def made_up(chance: Random) -> tuple[Plant, LineHistory]:
    roles = ("state", "mode", "order", "stop_reason", *chance.choice(COUNTED))
    away = CalendarException(
        local("2026-03-02 10:00"), local("2026-03-02 10:40"), Plan.PLANNED_DOWN, "service"
    )
    plan = calendar(shift("A", "07:00", "11:30", ("09:00", "09:20")), exceptions=(away,))
    where = plant(
        chance.choice([plan, None]),
        roles=roles,
        products=[Product("a", {"en": "a"}, 2.0), Product("b", {"en": "b"}, 5.0)],
    )
    rows: list[Row] = []
    says: dict[str, list[Any]] = {
        "state": list(MachineState.names())[1:],
        "mode": [None, *MachineMode.names()],
        "order": ["A-1", "B-2", "", "", None],
        "stop_reason": [*REASONS, ""],
        "product": ["a", "b", "nobody's", None],
    }
    for signal, values in says.items():
        if signal != "state" and chance.random() < 0.3:
            continue
        values = chance.sample(values, chance.randint(1, len(values)))
        at = 0
        while at < STEPS:
            rows.append((signal, moment(at), chance.choice(values)))
            at += chance.choice([1, 5, 30, 90])
    total = rejects = 0.0
    for at in range(STEPS + 1):
        counts = {
            "total_count": total,
            "reject_count": rejects,
            "good_count": total - rejects,
            "rework_count": rejects / 2,
            "energy": total / 50 + at / 10,
        }
        rows += [(name, moment(at), counts[name] + 100.0) for name in roles if name in counts]
        made = chance.choice([0.0, 5.0, 20.0, 60.0])
        total, rejects = total + made, rejects + made * chance.choice([0.0, 0.1, 1.0])
    cuts = sorted(chance.sample(range(1, STEPS), 4))
    known = [(START, moment(cuts[0])), (moment(cuts[1]), moment(cuts[2])), (moment(cuts[3]), END)]
    heard = chance.choice([[(START, END)], known])
    return replace(where, reasons=REASONS), history(rows, START, END, heard)


def moment(step: int) -> datetime:
    return START + timedelta(seconds=EVERY_S * step)


def numbers(found: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """All numbers of a document, with their paths."""
    if isinstance(found, Mapping):
        for key, value in found.items():
            yield from numbers(value, f"{name}/{key}")
    elif isinstance(found, (list, tuple)):
        for value in found:
            yield from numbers(value, name)
    elif isinstance(found, (int, float)) and not isinstance(found, bool):
        yield name, float(found)


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_negative(method: str) -> None:
    for seed in range(20):
        where, told = made_up(Random(f"{seed} {method}"))
        facts = line_facts(where, "l1", told, START, END)
        for by in (None, "hour", "product"):
            for row in kpi_rows(where, "l1", facts, WINDOW, by, method):
                less = [it for it in numbers(row.figures) if it[1] < -ROUNDING]
                assert not less, (seed, method, by, row.key, less)
        whole = kpi_rows(where, "l1", facts, WINDOW, None, method)[0]
        pieces = stop_pieces(state_intervals(where, "l1", told, START, END), 120.0, 1.0, WINDOW)
        made = Made(*(whole[it] for it in Made.__slots__[:-1]), 1.0)
        found = asdict(losses(where, pieces, made, method))
        speed = [it for it in found["losses"] if it["loss"] != MAY_BE_LESS]
        less = [it for it in numbers({**found, "losses": speed}) if it[1] < -ROUNDING]
        assert not less, (seed, method, less)
