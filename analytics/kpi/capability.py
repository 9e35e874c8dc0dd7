"""From measurements to the capability KPIs of a row: those of the worst characteristic.

A line is as capable as its least capable characteristic, so the one with the smallest Cpk (or
Ppk, where there is no complete subgroup) gives the indices, under its name. They are those of
`analytics.spc.study`, which the control chart of the same window shows too.
"""

from __future__ import annotations

from analytics.kpi.manual_inputs import Characteristic
from analytics.spc.capability import INDICES, Capability
from analytics.spc.study import study
from analytics.spc.values import has_samples
from domain.frames import LineHistory
from domain.plant import Line
from domain.time import Window


def characteristic(line: Line, history: LineHistory, window: Window) -> Characteristic:
    """The line's worst characteristic in a window that the history reaches over."""
    found = {
        name: study(line, name, history, window).capability
        for name, measurement in line.measurements.items()
        if has_samples(measurement, history, window)  # most hours of a year may have none
    }
    measured = {name: capability for name, capability in found.items() if capability.n}
    if not measured:
        return Characteristic()
    name = min(measured, key=lambda name: _rating(measured[name]))
    missing = {index: str(reason) for index, reason in measured[name].missing.items()}
    return Characteristic(name, indices(measured[name]), missing)


def unread(why: str) -> Characteristic:
    """Where measurements could not be read."""
    return Characteristic(cut=dict.fromkeys(INDICES, why))


def indices(measured: Capability) -> dict[str, float]:
    """The indices that could be computed, by the names of the registry."""
    values: dict[str, float | None] = {name: getattr(measured, name) for name in INDICES}
    return {name: value for name, value in values.items() if value is not None}


def _rating(measured: Capability) -> float:
    known = (measured.cpk, measured.ppk, measured.cmk)
    return next((index for index in known if index is not None), float("inf"))
