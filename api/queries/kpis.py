"""The one way to a KPI: command line, HTTP and pages ask here, for any lines and windows.

However many questions there are, each line's facts are read once, for all of its windows, and all
KPIs are evaluated together, in columns. For many lines in the same days, weeks or months the store
itself adds up what it holds. Where periods are frozen, rows are made of the accepted facts, and
what the present ones give stands beside them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.corrections import accepted_periods
from analytics.kpi.aggregation import ROW, condensed
from analytics.kpi.capability import characteristic, unread
from analytics.kpi.manual_inputs import Characteristic
from analytics.kpi.periods import Period, Periods, cut
from analytics.kpi.row_columns import KpiRow
from analytics.kpi.rows import ManualInputs, manual_inputs, period_rows
from analytics.methods import registry
from api.queries.lines import Queries
from api.queries.prices import SAMPLES_MAX
from api.queries.summed_periods import CALENDAR_PERIODS, SummedPeriods
from domain.corrections import Correction, in_force
from domain.errors import StorageError
from domain.frames import CONDENSED, FACTS, STATE_COLUMNS
from domain.time import Window, micros
from store.work import piece

_SEVERAL = 2
_NUMBERED = [*FACTS.names(), ROW]
_COLUMNS = pl.Schema({ROW: pl.Int64(), **CONDENSED})
Measured = Callable[[Window], Characteristic]  # the capability of a part of a window


@dataclass(frozen=True, slots=True)
class KpiQuestion:
    """Rows of a line's window: one, or one for each hour, shift, day, week, month or product."""

    line: str
    window: Window
    by: str | None = None


def kpi_rows(
    queries: Queries,
    questions: Sequence[KpiQuestion],
    method: str | Sequence[str] = registry.DEFAULT,
    *,
    capability: bool = False,
) -> list[list[KpiRow]]:
    """The rows of each question up to the present; the future part of a window is left out.

    With several methods each one's rows follow those of the one before. `capability`: measurements
    are read too, which takes longer than to read facts. Raises NotFoundError, InputError.
    """
    methods = registry.chosen(method)
    evaluation = _Evaluation()
    past = [_past(queries, it) for it in questions]
    together = _together(queries, past, capability, evaluation)
    facts = _Facts(queries, [it for place, it in enumerate(past) if place not in together])
    asked: list[_Asked] = []
    for place, question in enumerate(past):
        if question is None:
            asked.append(_Asked([]))
        elif place in together:
            asked.append(_Asked([together[place]]))
        else:
            asked.append(_ask(queries, question, facts, evaluation, capability))
    rows = evaluation.rows(methods)
    return [
        it.answer([_part(rows, run, len(evaluation.inputs), methods) for run in it.runs])
        for it in asked
    ]


def _past(queries: Queries, question: KpiQuestion) -> KpiQuestion | None:
    """The question without the future; None where nothing of it has been."""
    queries.line(question.line)
    at, window = queries.at(question.line), question.window
    if window.start >= at:
        return None
    return KpiQuestion(question.line, Window(window.start, min(window.end, at)), question.by)


class _Evaluation:
    """Periods of any questions, evaluated in one go."""

    def __init__(self) -> None:
        self.inputs: list[ManualInputs] = []
        self._each: list[Period] = []
        # The place of the first, and FACTS with ROW, to be added up.
        self._facts: list[tuple[int, pl.DataFrame]] = []
        self._condensed: list[pl.DataFrame] = []  # ROW and CONDENSED: are added up already

    def add(
        self, each: Sequence[Period], facts: pl.DataFrame, inputs: Sequence[ManualInputs]
    ) -> range:
        """Periods with their FACTS, numbered by ROW; the places that they get."""
        in_order = facts if facts.columns == _NUMBERED else facts.select(_NUMBERED)
        self._facts.append((len(self.inputs), in_order))
        return self._added(each, inputs)

    def add_summed(self, periods: Periods, inputs: Sequence[ManualInputs]) -> range:
        """The same of periods whose facts are added up already."""
        numbered = periods.facts.select(_COLUMNS.names()).cast(_COLUMNS)
        self._condensed.append(numbered.with_columns(pl.col(ROW) + len(self.inputs)))
        return self._added(periods.each, inputs)

    def _added(self, each: Sequence[Period], inputs: Sequence[ManualInputs]) -> range:
        first = len(self.inputs)
        self._each += each
        self.inputs += inputs
        return range(first, len(self.inputs))

    def rows(self, methods: Sequence[str]) -> list[KpiRow]:
        if not self.inputs:
            return []
        frames = [*self._condensed]
        if self._facts:
            places, facts = zip(*self._facts, strict=True)
            first = np.repeat(places, [it.height for it in facts])
            numbered = pl.concat(facts).with_columns(pl.col(ROW) + pl.Series(first))
            summed = condensed(numbered, [ROW])
            frames.append(summed.select(_COLUMNS.names()).cast(_COLUMNS))
        return period_rows(Periods(self._each, pl.concat(frames)), self.inputs, methods)


def _part(rows: Sequence[KpiRow], run: range, count: int, methods: Sequence[str]) -> list[KpiRow]:
    """Of all rows those of some places, one method after the other."""
    return [
        row
        for number in range(len(methods))
        for row in rows[number * count + run.start : number * count + run.stop]
    ]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Where a question's rows are, and how they become its answer."""

    runs: Sequence[range]
    combine: Callable[[list[KpiRow], list[KpiRow]], list[KpiRow]] | None = None

    def answer(self, parts: Sequence[list[KpiRow]]) -> list[KpiRow]:
        if self.combine is not None:
            stands, present = parts
            return self.combine(stands, present)
        return parts[0] if parts else []


def _ask(
    queries: Queries,
    question: KpiQuestion,
    of: _Facts,
    evaluation: _Evaluation,
    capability: bool,
) -> _Asked:
    plant, line = queries.line(question.line)
    window, by = question.window, question.by
    present = of.facts(question)
    periods = queries.frozen(line.id, window)
    known: Measured | None = None
    accepted_then: Measured | None = None
    if capability and line.measurements and by != "product":
        known, accepted_then = _measured(queries, question, periods)
    records = queries.corrections(line.id)

    def add(facts: pl.DataFrame, said: Sequence[Correction], measured: Measured | None) -> range:
        each, numbered = cut(line.id, plant.zone, facts, window, by)
        inputs = [manual_inputs(it, by, said, measured) for it in each]
        return evaluation.add(each, numbered, inputs)

    if not periods:
        return _Asked([add(present, in_force(records), known)])
    accepted = accepted_periods.accepted(present, periods)
    shown = accepted_periods.with_absent(accepted, present, by)
    beside = accepted_periods.with_absent(present, shown, by)
    figures = accepted_periods.accepted_figures(records, periods)
    runs = [add(shown, figures, accepted_then), add(beside, in_force(records), known)]

    def combine(stands: list[KpiRow], now: list[KpiRow]) -> list[KpiRow]:
        return accepted_periods.with_restated(
            accepted_periods.identified(stands, shown, by),
            accepted_periods.identified(now, beside, by),
            periods,
            accepted_periods.pieces(present, periods),
        )

    return _Asked(runs, combine)


class _Facts:
    """Each line's FACTS, read once for the union of its windows."""

    def __init__(self, queries: Queries, questions: Sequence[KpiQuestion | None]) -> None:
        self._queries = queries
        windows: dict[str, list[Window]] = defaultdict(list)
        for it in questions:
            if it is not None:
                windows[it.line].append(it.window)
        self._unions = {
            line: Window(min(it.start for it in of), max(it.end for it in of))
            for line, of in windows.items()
        }
        self._read: dict[str, pl.DataFrame] = {}

    def facts(self, question: KpiQuestion) -> pl.DataFrame:
        """Those of the question's window."""
        line, window = question.line, question.window
        if line not in self._read:
            self._read[line] = self._queries.present_facts(line, self._unions[line])
        found = self._read[line]
        if window == self._unions[line]:
            return found
        inside = (pl.col("start") >= window.start) & (pl.col("end") <= window.end)
        found = found.filter(inside)
        held = sum(found[name].sum() for name in STATE_COLUMNS)
        if held == micros(window.end) - micros(window.start):
            return found
        return self._queries.present_facts(line, window)  # it cuts through a slice


def _together(
    queries: Queries,
    questions: Sequence[KpiQuestion | None],
    capability: bool,
    evaluation: _Evaluation,
) -> dict[int, range]:
    """The questions (by their places) whose facts the store adds up itself: days, weeks or months
    of several lines; and where they are in the evaluation. Lines with frozen periods or
    measurements go their own way."""
    groups: dict[tuple[Window, str], dict[str, int]] = defaultdict(dict)
    for place, it in enumerate(questions):
        if it is None or it.by not in CALENDAR_PERIODS:
            continue
        measured = capability and queries.line(it.line)[1].measurements
        if not measured and not queries.frozen(it.line, it.window):
            groups[it.window, it.by].setdefault(it.line, place)
    found: dict[int, range] = {}
    for (window, by), places in groups.items():
        if len(places) < _SEVERAL:
            continue
        summed = SummedPeriods(queries, list(places), window, by)
        inputs = [
            manual_inputs(period, by, in_force(queries.corrections(line)))
            for line, of in summed.places.items()
            for period in summed.periods.each[of.start : of.stop]
        ]
        first = evaluation.add_summed(summed.periods, inputs).start
        for line, of in summed.places.items():
            found[places[line]] = range(first + of.start, first + of.stop)
    return found


def _measured(
    queries: Queries, question: KpiQuestion, periods: Sequence[accepted_periods.FrozenFacts]
) -> tuple[Measured, Measured]:
    """The worst characteristic of any part of the window, by what is known now; and where the
    part is frozen, by what was known when it was accepted."""
    present = _read(queries, question.line, question.window)

    def accepted(part: Window) -> Characteristic:
        for it in periods:
            if it.window.start <= part.start and part.end <= it.window.end:
                then = queries.as_known_at(it.frozen_at)
                return _read(then, question.line, part)(part)
        return present(part)

    return present, accepted


def _read(queries: Queries, line_id: str, window: Window) -> Measured:
    _, line = queries.line(line_id)
    samples = queries.sample_count(line_id, window)
    if samples > SAMPLES_MAX:
        why = f"the window has {samples} samples; capability is computed of {SAMPLES_MAX} at most"
        return lambda _: unread(why)
    try:
        history = queries.measured(line_id, window)
    except StorageError as error:  # of a view that the store does not keep
        unkept = str(error)
        return lambda _: unread(unkept)

    def read(part: Window) -> Characteristic:
        with piece():
            return characteristic(line, history, part)

    return read
