"""Measurements under statistical control, for command line, HTTP and pages alike: one path.

Reads what the analytics need and hands it to them; knows no figures of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.spc.run_rules import DEFAULT_RULES
from analytics.spc.study import Setup, Study, chart_named, study
from api.i18n import language_named
from api.queries.lines import Queries
from api.queries.times import instant_of, window_between
from domain.errors import InputError
from domain.frames import LineHistory
from domain.plant import Plant
from domain.time import Window


@dataclass(frozen=True, slots=True)
class ChartQuestion:
    """How a chart is asked for, as texts of the query string or the command line; None: not
    given. `language` is that of the sentences."""

    chart: str | None = None
    interval_s: float | None = None
    baseline_start: str | None = None
    baseline_end: str | None = None
    rules: str = DEFAULT_RULES
    language: str = "en"

    def parameters(self) -> dict[str, str]:
        """As the query string of the chart's route has it."""
        given = {
            "chart": self.chart,
            "interval_s": None if self.interval_s is None else repr(self.interval_s),
            "baseline_start": self.baseline_start,
            "baseline_end": self.baseline_end,
            "rules": self.rules,
            "lang": self.language,
        }
        return {name: value for name, value in given.items() if value is not None}


DEFAULT_CHART_QUESTION = ChartQuestion()
SUBGROUPS_MAX = 20_000  # in one document: more cannot be read, and the node must answer others


def baseline_of(plant: Plant, question: ChartQuestion) -> Window | None:
    """The window that the limits come from, where the question names one. Raises InputError."""
    start, end = question.baseline_start, question.baseline_end
    if (start is None) != (end is None):
        raise InputError(
            "a baseline has a start and an end, and only one of them was given",
            where="baseline",
            todo="Give both, or neither.",
        )
    if start is None or end is None:
        return None
    first = instant_of(start, plant.zone, "baseline_start")
    return window_between(first, instant_of(end, plant.zone, "baseline_end"), plant.zone)


def control_study(queries: Queries, line_id: str, name: str, window: Window, setup: Setup) -> Study:
    """The study of one measurement. Raises NotFoundError for an unknown line or measurement,
    InputError for a chart that cannot be made."""
    _, line = queries.line(line_id)

    def history(of: Window) -> LineHistory:
        return queries.measured(line_id, of)

    baseline = history(setup.baseline) if setup.baseline else None
    return study(line, name, history(window), window, setup, baseline)


def answered(
    queries: Queries,
    line_id: str,
    name: str,
    window: Window,
    question: ChartQuestion = DEFAULT_CHART_QUESTION,
) -> Study:
    """The study as it is asked for. Raises InputError too for more than SUBGROUPS_MAX subgroups."""
    plant, _ = queries.line(line_id)
    language_named(question.language)
    found = control_study(queries, line_id, name, window, _setup(plant, question))
    subgroups = len(found.groups.first)
    if subgroups > SUBGROUPS_MAX:
        raise InputError(
            f"the chart would have {subgroups} points, and {SUBGROUPS_MAX} is the most",
            todo="Ask for a shorter window, or for subgroups of an interval of time.",
        )
    return found


def _setup(plant: Plant, question: ChartQuestion) -> Setup:
    return Setup(
        chart=chart_named(question.chart) if question.chart is not None else None,
        interval_s=question.interval_s,
        baseline=baseline_of(plant, question),
        rules=question.rules,
    )
