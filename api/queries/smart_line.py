"""The checklist of a smart line: what of a project's machines is connected, heard and measured."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from api.queries.lines import Queries
from domain.frames import STATE_COLUMNS
from domain.plant import IMPORTED
from domain.schemes.funding import rule_for
from domain.schemes.smart_line import ConnectedMachines, SmartPoint, smart_points
from domain.time import Window, midnight

HEARD_WITHIN = timedelta(days=1)
_KNOWN = pl.sum_horizontal(STATE_COLUMNS) > pl.col("unknown_us")


def smart_line(queries: Queries, ref: str) -> list[SmartPoint]:
    """The points of the scheme's rule, with their evidence as of now; none where the rule names
    none. Raises NotFoundError."""
    _, project = queries.project(ref)
    rule = rule_for(project.scheme, project.approved_on)
    if rule is None or not rule.smart_points:
        return []
    return smart_points(rule, _connected(queries, ref), queries.documents(ref))


def _connected(queries: Queries, ref: str) -> ConnectedMachines:
    plant, project = queries.project(ref)
    start, now = midnight(project.start, plant.zone), queries.now()
    machines = connected = heard = signals = 0
    days: set[date] = set()
    for line_id in project.lines:
        line = plant.lines[line_id]
        machines += len(line.machines)
        connected += sum(it.profile != IMPORTED for it in line.machines.values())
        heard += sum(
            machine in line.machines and now - at <= HEARD_WITHIN
            for _, machine, at in queries.intake.last_heard([line_id])
        )
        signals += len(queries.intake.signals_told(line_id))
        if start < now:
            facts = queries.facts(line_id, Window(start, now))
            days |= set(facts.filter(_KNOWN)["day"].unique())
    return ConnectedMachines(machines, connected, heard, signals, len(days))
