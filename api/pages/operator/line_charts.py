"""The charts of a line's tabs for exports, from what the tabs read; none where nothing is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analytics.spc.study import Study
from api.exports.charts import (
    BandChart,
    Cause,
    CausesChart,
    Chart,
    ChartPoint,
    Period,
    PeriodsChart,
    PointsChart,
    Stretch,
)
from api.i18n import Language
from api.pages.labels import STATES
from api.pages.operator.kpi_tables import ShownKpis
from api.pages.operator.line_day import LineDay
from domain.plant import text_in
from domain.texts import N_
from domain.time import instant

PERIODS_MAX = 400  # more are thinner than a pixel
CHART_POINTS_MAX = 2_000
CAUSES_MAX = 30
_LEFT_OUT = N_("%(count)s more are not drawn; the tables have all of them.")


def band_chart(day: LineDay, title: str, when: str, language: Language) -> list[Chart]:
    """The states of a window that is short enough to be drawn."""
    if day.drawn is None or not day.drawn.marks:
        return []
    stretches = tuple(
        Stretch(it.start, it.end, it.state, language.text(STATES[it.state][0]), it.height)
        for it in day.drawn.marks
    )
    return [Chart("states", title, when, BandChart(stretches, language.text(N_("State"))))]


def causes_chart(causes: Sequence[Cause], title: str, when: str, language: Language) -> list[Chart]:
    """The Pareto of stops."""
    if not causes:
        return []
    note = language.text(N_("Beside each bar: its share of the time, with those above it."))
    groups = tuple(dict.fromkeys(it.group for it in causes))
    drawn = CausesChart(tuple(causes[:CAUSES_MAX]), groups, language.text(N_("Hours")))
    shown = f"{when} · {note}{_left_out(len(causes) - CAUSES_MAX, language)}"
    return [Chart("causes", title, shown, drawn)]


def oee_chart(rows: Sequence[ShownKpis], title: str, when: str, language: Language) -> list[Chart]:
    """OEE by period, with its bounds."""
    note = language.text(
        N_("A tick is the value, the bar reaches from the worst to the best reading.")
    )
    periods = [
        Period(it.title, it.row["oee"], it.row["oee_low"], it.row["oee_high"]) for it in rows
    ]
    heading = language.text(N_("OEE"))
    return _periods("oee", title, f"{when} · {note}", heading, periods, language, is_share=True)


def energy_chart(
    rows: Sequence[ShownKpis], title: str, when: str, language: Language
) -> list[Chart]:
    """Energy by period."""
    periods = [Period(it.title, it.row["energy_kwh"]) for it in rows]
    return _periods("energy", title, when, "kWh", periods, language, is_share=False)


def _periods(
    name: str,
    title: str,
    note: str,
    heading: str,
    periods: list[Period],
    language: Language,
    *,
    is_share: bool,
) -> list[Chart]:
    """`periods`: the latest first, as pages list them."""
    if all(it.value is None and it.high is None for it in periods):
        return []
    earliest_first = tuple(reversed(periods[:PERIODS_MAX]))
    shown = f"{note}{_left_out(len(periods) - PERIODS_MAX, language)}"
    return [
        Chart(
            name, title, shown, PeriodsChart(earliest_first, heading, is_share, has_bounds=is_share)
        )
    ]


def measurement_chart(study: Study, when: str, language: Language) -> list[Chart]:
    """The control chart of a measurement: its latest points."""
    chart = study.chart
    if chart is None or not len(chart.plotted):
        return []
    found, panel = study.measurement, chart.location
    violated = {it.point for it in chart.violations if it.panel == "location"}
    first = max(len(chart.plotted) - CHART_POINTS_MAX, 0)
    points = tuple(
        ChartPoint(
            instant(int(study.groups.data.times[study.groups.first[chart.plotted[at]]])),
            float(panel.values[at]),
            float(panel.center[at]),
            float(panel.lower[at]),
            float(panel.upper[at]),
            at in violated,
        )
        for at in range(first, len(chart.plotted))
        if panel.values[at] == panel.values[at]  # what is no number has no place
    )
    if not points:
        return []
    levels: dict[str, Any] = {
        language.text(N_("Lower specification limit (LSL)")): found.lower_limit,
        language.text(N_("Target")): found.target,
        language.text(N_("Upper specification limit (USL)")): found.upper_limit,
    }
    specified = tuple((word, it) for word, it in levels.items() if it is not None)
    title = text_in(found.name, language.tag) or found.id
    note = language.text(N_("Diamonds violate a rule; dashes are control limits."))
    shown = f"{when} · {note}{_left_out(first, language)}"
    return [
        Chart(f"measurement-{found.id}", title, shown, PointsChart(points, found.unit, specified))
    ]


def _left_out(count: int, language: Language) -> str:
    if count <= 0:
        return ""
    return " " + language.text(_LEFT_OUT, count=language.number(count))
