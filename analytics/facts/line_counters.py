"""The counters of a line: which machine has each, and what they counted."""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.facts.counted_by_hand import COUNT_ROLES
from analytics.facts.counters.increments import Increments, increments
from analytics.facts.counters.pace import rate_of
from analytics.timeline.tracks import unusable
from domain.frames import LineHistory
from domain.plant import CounterRule, Line


def line_counters(
    line: Line, history: LineHistory, shortest_s: float
) -> tuple[dict[str, Increments | None], dict[str, str | None]]:
    """The increments of each role's counter, and which machine has it; None where the line does not
    have it.

    A machine with the role of the good count may count all items and rejected ones instead (as
    PackML machines do). Its good items are then the difference of the increments, not of the
    counters: that difference would not only grow.
    """
    roles = {role: line.roles.get(role) for role in (*COUNT_ROLES, "energy")}
    giver = roles["good_count"]
    if not history.series(giver, "good_count").height and all(
        history.series(giver, role).height for role in ("total_count", "reject_count")
    ):
        roles["good_count"] = None
        roles["total_count"] = roles["total_count"] or giver
        roles["reject_count"] = roles["reject_count"] or giver
    found = {role: _increments(line, history, it, role, shortest_s) for role, it in roles.items()}
    return found, roles


def _increments(
    line: Line, history: LineHistory, machine: str | None, role: str, shortest_s: float
) -> Increments | None:
    if machine is None:
        return None
    samples = history.series(machine, role)
    bad = unusable(samples)
    if bad.any():
        samples = samples.filter(~bad)
    rule = line.counters.get(role, CounterRule())
    return increments(
        samples["time"].cast(pl.Int64).to_numpy(),
        samples["value"].to_numpy(),
        rule,
        rate_of(rule, None if role == "energy" or np.isnan(shortest_s) else shortest_s),
    )
