"""One measurement under statistical process control over a window: chart, rules, capability.

Puts the parts together in one place, so that command line, HTTP, pages and the KPI registry
show the same figures. Notes say what was left out or looks doubtful.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analytics.spc.capability import Capability, capability_of
from analytics.spc.control_chart import Chart, Parameters, control_chart, parameters_of
from analytics.spc.run_rules import DEFAULT_RULES, rules_named
from analytics.spc.sigma import ChartKind, default_chart
from analytics.spc.subgroups import Subgroups, of_interval, of_size
from analytics.spc.values import Measured, measured_values
from domain.errors import InputError, NotFoundError
from domain.frames import LineHistory
from domain.grants import Reason
from domain.plant import Line, Measurement
from domain.time import Window, micros

CHARTS: dict[str, ChartKind] = {
    "xbar-r": "xbar-r",
    "xbar-s": "xbar-s",
    "individuals": "individuals",
}
SUBGROUPS_TRUSTED = 25  # limits from fewer are preliminary (AIAG SPC, II.A)
_MICROS_A_SECOND = 1_000_000
_INTERVAL_MAX_S = 366 * 86_400


@dataclass(frozen=True, slots=True)
class Setup:
    """How to look: `chart` None: what is usual for the subgroups; `interval_s` None: subgroups
    of the measurement's own size; `baseline` None: limits from the charted data themselves."""

    chart: ChartKind | None = None
    interval_s: float | None = None
    baseline: Window | None = None
    rules: str = DEFAULT_RULES


@dataclass(frozen=True)
class Study:
    """`chart` is None where no limits could be computed; `notes` say why."""

    line: str
    measurement: Measurement
    window: Window
    kind: ChartKind
    setup: Setup
    measured: Measured
    groups: Subgroups
    chart: Chart | None
    capability: Capability
    notes: tuple[Reason, ...]


def measurement_named(line: Line, name: str) -> Measurement:
    """The line's measurement. Raises NotFoundError with those that exist."""
    if name not in line.measurements:
        known = ", ".join(line.measurements) or "none"
        raise NotFoundError(
            f"line '{line.id}' has no measurement '{name}'",
            todo=f"Measurements of this line: {known}.",
        )
    return line.measurements[name]


def chart_named(name: str) -> ChartKind:
    """The chart of that name. Raises InputError with those that exist."""
    if name not in CHARTS:
        raise InputError(f"there is no chart '{name}'", todo=f"Use one of {', '.join(CHARTS)}.")
    return CHARTS[name]


def study(
    line: Line,
    name: str,
    history: LineHistory,
    window: Window,
    setup: Setup | None = None,
    baseline: LineHistory | None = None,
) -> Study:
    """The study of one measurement; `baseline` is the history of the setup's baseline window.

    Raises NotFoundError for an unknown measurement, InputError where the chart does not fit the
    subgroups.
    """
    setup = setup or Setup()
    rules_named(setup.rules)
    measurement = measurement_named(line, name)
    kind = setup.chart or _usual(measurement, setup)
    measured = measured_values(line, measurement, history, window)
    groups = _groups(measured, measurement, kind, setup, window)
    parameters = parameters_of(groups, kind)
    if setup.baseline is not None and baseline is not None:
        before = measured_values(line, measurement, baseline, setup.baseline)
        parameters = parameters_of(_groups(before, measurement, kind, setup, setup.baseline), kind)
    chart = control_chart(groups, kind, parameters, setup.rules) if parameters else None
    capability = capability_of(groups, kind, measurement.lower_limit, measurement.upper_limit)
    return Study(
        line.id,
        measurement,
        window,
        kind,
        setup,
        measured,
        groups,
        chart,
        capability,
        (*_notes(measured, groups, parameters, setup), *_doubts(chart), *capability.notes),
    )


def _usual(measurement: Measurement, setup: Setup) -> ChartKind:
    return default_chart(None if setup.interval_s is not None else measurement.subgroup_size)


def _groups(
    measured: Measured, measurement: Measurement, kind: ChartKind, setup: Setup, window: Window
) -> Subgroups:
    if setup.interval_s is not None:
        if kind == "individuals":
            raise InputError(
                "an individuals chart plots every value, so there is no interval to group by",
                todo="Leave the interval out, or ask for an xbar-s chart.",
            )
        return of_interval(measured.data, _length_us(setup.interval_s), micros(window.start))
    # An individuals chart is one of single values, whatever the plant usually groups.
    return of_size(measured.data, 1 if kind == "individuals" else measurement.subgroup_size)


def _length_us(interval_s: float) -> int:
    length_us = interval_s * _MICROS_A_SECOND
    if not 1 <= length_us <= _INTERVAL_MAX_S * _MICROS_A_SECOND:
        raise InputError(
            f"{interval_s:g} is no interval that holds subgroups",
            where="interval_s",
            todo=f"Give seconds, more than 0 and at most {_INTERVAL_MAX_S} (a year).",
        )
    return round(length_us)


def _notes(
    measured: Measured, groups: Subgroups, parameters: Parameters | None, setup: Setup
) -> list[Reason]:
    notes: list[Reason] = []
    if not len(measured.data.values):
        notes.append(Reason("There is no measured value in this time."))
    if measured.bad_quality:
        notes.append(
            Reason(
                "Values that are left out for their bad quality: %(count)s.",
                {"count": measured.bad_quality},
            )
        )
    if measured.without_value:
        notes.append(
            Reason(
                "Samples that are left out because they hold no number: %(count)s.",
                {"count": measured.without_value},
            )
        )
    incomplete = ~groups.complete
    if incomplete.any():
        notes.append(
            Reason(
                "Incomplete subgroups that are not on the chart: %(count)s "
                "(values in them: %(values)s).",
                {"count": int(incomplete.sum()), "values": int(groups.count[incomplete].sum())},
            )
        )
    if parameters is None:
        notes.append(
            Reason("The baseline gives no control limits: it has too few values.")
            if setup.baseline
            else Reason("There are no control limits: too few values.")
        )
    elif parameters.subgroups < SUBGROUPS_TRUSTED:
        notes.append(
            Reason(
                "The control limits are preliminary: "
                "they come from fewer than %(trusted)s subgroups (%(count)s).",
                {"count": parameters.subgroups, "trusted": SUBGROUPS_TRUSTED},
            )
        )
    products = _several(measured.product)
    if products:
        notes.append(
            Reason(
                "Values of several products stand on one chart: %(products)s.",
                {"products": products},
            )
        )
    return notes


def _doubts(chart: Chart | None) -> list[Reason]:
    """Notes on what makes the capability indices doubtful."""
    if chart is None or not chart.violations:
        return []
    return [
        Reason(
            "The process is out of control (rules are violated): "
            "capability indices describe a process in control."
        )
    ]


def _several(products: pl.Series) -> str:
    """The products by name, where there are more than one."""
    names = sorted(products.drop_nulls().unique().to_list())
    return ", ".join(names) if len(names) > 1 else ""
