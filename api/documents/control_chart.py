"""The document of a study, as `lineproof spc --json` and HTTP give it. Figures are not rounded; one
that cannot be computed is null and its reason stands beside it. Times carry the plant's offset."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from analytics.spc.capability import INDICES, Capability, Interval
from analytics.spc.control_chart import Chart, Panel
from analytics.spc.study import Study
from api.documents.kpi_rows import window_json
from api.documents.times import local_text
from api.i18n import language_named
from api.queries.lines import Queries
from api.queries.measurements import DEFAULT_CHART_QUESTION, ChartQuestion, answered
from domain.grants import Reason
from domain.plant import Line, Measurement
from domain.time import Window, instant

Say = Callable[[Reason], str]


def control_chart_document(
    queries: Queries,
    line: str,
    name: str,
    window: Window,
    question: ChartQuestion = DEFAULT_CHART_QUESTION,
) -> dict[str, Any]:
    """The document of `lineproof spc --json`. Raises NotFoundError, InputError."""
    found = answered(queries, line, name, window, question)
    return study_json(found, queries.line(line)[0].zone, language_named(question.language).reason)


def measurements_json(line: Line) -> list[dict[str, Any]]:
    """The line's measurements with their limits."""
    return [_measurement_json(each) for each in line.measurements.values()]


def study_json(study: Study, zone: ZoneInfo, say: Say = str) -> dict[str, Any]:
    """The whole study; `say` translates the sentences."""
    chart = study.chart
    size = None if study.setup.interval_s is not None else study.groups.size
    return {
        "line": study.line,
        **_measurement_json(study.measurement),
        **window_json(study.window, zone),
        "chart": study.kind,
        "rules": study.setup.rules,
        "subgroup_size": size,
        "interval_s": study.setup.interval_s,
        "values": {
            "used": len(study.measured.data.values),
            "bad_quality": study.measured.bad_quality,
            "uncertain_quality": study.measured.uncertain_quality,
            "without_value": study.measured.without_value,
        },
        "limits": _limits_json(study, zone),
        "subgroups": _subgroups_json(study, zone),
        "violations": _violations_json(chart, zone, say) if chart else [],
        "capability": capability_json(study.capability, say),
        "notes": [say(note) for note in study.notes],
    }


def capability_json(found: Capability, say: Say = str) -> dict[str, Any]:
    """Each index with its 95 % interval [low, high]; `missing` says why one is null."""
    indices: dict[str, Any] = {}
    for name in INDICES:
        interval: Interval | None = getattr(found, f"{name}_interval")
        indices[name] = getattr(found, name)
        indices[f"{name}_interval"] = [interval.low, interval.high] if interval else None
    normality = found.normality
    return {
        **indices,
        "n": found.n,
        "subgroup_n": found.subgroup_n,
        "run_n": found.run_n,
        "mean": found.mean,
        "sigma_within": found.sigma_within,
        "sigma_overall": found.sigma_overall,
        "sigma_run": found.sigma_run,
        "missing": {name: say(reason) for name, reason in found.missing.items()},
        "normality": normality and {"a_squared": normality.a_squared, "p": normality.p},
    }


def _measurement_json(measurement: Measurement) -> dict[str, Any]:
    return {
        "measurement": measurement.id,
        "name": measurement.name,
        "machine": measurement.machine,
        "unit": measurement.unit,
        "lower_limit": measurement.lower_limit,
        "upper_limit": measurement.upper_limit,
        "target": measurement.target,
        "subgroup_size": measurement.subgroup_size,
    }


def _limits_json(study: Study, zone: ZoneInfo) -> dict[str, Any] | None:
    """The common limits; lower and upper are null where the subgroups' sizes differ."""
    chart = study.chart
    if chart is None:
        return None
    baseline = study.setup.baseline
    return {
        "baseline": window_json(baseline, zone) if baseline else None,
        "subgroups": chart.parameters.subgroups,
        "mean": chart.parameters.mean,
        "sigma_within": chart.parameters.sigma.value,
        "location": _common(chart.location),
        "dispersion": _common(chart.dispersion),
    }


def _common(panel: Panel) -> dict[str, float | None]:
    named = (("center", panel.center), ("lower", panel.lower), ("upper", panel.upper))
    return {
        name: float(array[0]) if len(array) and np.ptp(array) == 0 else None
        for name, array in named
    }


def _subgroups_json(study: Study, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Every subgroup, the incomplete ones too; those have no limits."""
    groups, data, chart = study.groups, study.groups.data, study.chart
    starts = data.times[groups.first].tolist()
    ends = data.times[groups.first + groups.count - 1].tolist()
    means, products = groups.means.tolist(), study.measured.product.gather(groups.first).to_list()
    orders = study.measured.order.gather(groups.first).to_list()
    rows: list[dict[str, Any]] = [
        {
            "number": number + 1,
            "start": local_text(instant(starts[number]), zone),
            "end": local_text(instant(ends[number]), zone),
            "n": int(groups.count[number]),
            "complete": bool(groups.complete[number]),
            "product": products[number],
            "order": orders[number],
            "mean": means[number],
            "location": None,
            "dispersion": None,
        }
        for number in range(len(groups.first))
    ]
    if chart is not None:
        for at, number in enumerate(chart.plotted.tolist()):
            rows[number]["location"] = _point(chart.location, at)
            rows[number]["dispersion"] = _point(chart.dispersion, at)
    return rows


def _point(panel: Panel, at: int) -> dict[str, float] | None:
    value = float(panel.values[at])
    if math.isnan(value):
        return None
    return {
        "value": value,
        "center": float(panel.center[at]),
        "lower": float(panel.lower[at]),
        "upper": float(panel.upper[at]),
    }


def _violations_json(chart: Chart, zone: ZoneInfo, say: Say) -> list[dict[str, Any]]:
    """Patterns by the numbers of their first and last subgroup."""
    groups = chart.groups
    return [
        {
            "rule": found.rule,
            "panel": found.panel,
            "first": int(chart.plotted[found.first]) + 1,
            "subgroup": int(chart.plotted[found.point]) + 1,
            "time": local_text(
                instant(int(groups.data.times[groups.first[chart.plotted[found.point]]])), zone
            ),
            "sentence": say(found.sentence),
        }
        for found in chart.violations
    ]
