"""How probable it is that a milestone will be met: futures drawn from the days that were.

A milestone whose days have not all ended depends on what its remaining production days will give.
They are drawn from the milestone's last production days (a block bootstrap: Künsch 1989, in circles
as in Politis and Romano 1992): days in a row stay together, because a bad day is often followed by
another one. How the line really is, is not known either, so each future first draws a past anew and
then its own days from that: ten days tell less than sixty, and the share shows it.

    an OEE of 65 % over 33 days is asked for; 20 have ended, at 66.1 % together
    a past drawn from the 20 days, 13 days drawn from that        all 33 days: 66.4 %
    another one                                                                64.8 %
    …                                         at least 65 % in 156 of 200: 78 %

What is drawn is a day with all its sums, so a ratio over the window is the quotient of its sums. A
day of which next to nothing is known is no day to draw from: it tells nothing of the next ones.
The draws have a fixed seed: the same facts give the same share. Not looked at: trends, seasons,
what somebody plans to change, and what bounds leave open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from analytics.arrays import Indexes
from analytics.kpi.evaluation import NO_DAY, Amounts, Sums, coverage, values, windowed
from analytics.kpi.formulas.sums import or_zero
from analytics.methods import registry
from analytics.milestones.case import Case, Goal
from analytics.milestones.evidence import ONE_DAY
from analytics.milestones.kpi_terms import search_days
from analytics.milestones.output_terms import commissioned_days
from analytics.milestones.sentences import percent
from analytics.milestones.window_search import first_days
from domain.grants import (
    CommissionedTerms,
    DayRange,
    FirstProductionDays,
    KpiTerms,
    MilestoneForecast,
    OutputTerms,
    Reason,
    WindowTerms,
)

FUTURES = 200
ON_TRACK_FROM = 0.8  # where no rule of the scheme is known
PAST_DAYS_MAX, PAST_DAYS_MIN = 60, 10  # production days to draw from; fewer tell next to nothing
LATER_DAYS_MAX = 366  # further ahead nothing is told
BLOCK_DAYS = 5
KNOWN_FROM = 0.5  # of a day's planned time; of less, the day tells nothing of other days
_SEED = 22400
_CHUNK = 50  # futures at a time, for the memory's sake


@dataclass(frozen=True)
class Past:
    """The days of a milestone that have ended: a row of sums for each, the rows of those on which
    production was planned, and of these the rows of those on which it is known what they gave."""

    sums: Sums
    every: list[int]
    planned: list[int]
    known: list[int]


@dataclass(frozen=True)
class Course:
    """What becomes of a milestone. `before`: the rows of the past, or NO_DAY, with which every
    future begins; `to_come`: the days to come, `later`: for each of them whether production is
    planned. The goal is asked of each window of `length` days that ends on a later one; `value`:
    of its sums."""

    past: Past
    before: list[int]
    to_come: list[date]
    later: list[bool]
    length: int
    value: Callable[[Sums], Amounts]

    @property
    def days_left(self) -> int:
        return sum(self.later)


def forecast(case: Case, goal: Goal) -> MilestoneForecast | None:
    """None where the terms have no forecast, where too few days are known, or too many are to
    come."""
    course = course_to_tell(case, goal)
    if course is None or goal.target is None:
        return None
    return MilestoneForecast(
        probability=probability(course, goal, seed_of(case)),
        days=min(len(course.past.known), PAST_DAYS_MAX),
        days_left=course.days_left,
        needed_a_day=_needed_a_day(case, course, goal.target),
    )


def course_to_tell(case: Case, goal: Goal) -> Course | None:
    """None where there is no forecast."""
    if case.due_passed or goal.target is None:
        return None
    course = _course(case)
    if course is None or len(course.past.known) < PAST_DAYS_MIN:
        return None
    return None if len(course.later) > LATER_DAYS_MAX else course


def seed_of(case: Case) -> int:
    """The same terms draw the same futures."""
    return int(case.milestone.terms_digest[:8], 16)


def forecast_reason(expected: MilestoneForecast, least: float) -> Reason:
    """What a person reads of it; `least`: the probability from which on it is on track."""
    return Reason(
        "Of %(futures)s futures drawn from the last %(days)s production days, %(share)s meet it, "
        "with %(left)s production days to come; from %(least)s on it is on track.",
        {
            "futures": FUTURES,
            "days": expected.days,
            "share": percent(expected.probability),
            "left": expected.days_left,
            "least": percent(least),
        },
    )


def _course(case: Case) -> Course | None:
    terms = case.milestone.terms
    if isinstance(terms, KpiTerms):
        return _of_kpi(case, terms)
    if isinstance(terms, OutputTerms):
        return _of_window(case, terms.period, _counted_good_units, _good_units)
    if isinstance(terms, CommissionedTerms):
        return _of_run(case, terms.within_days)
    return None


def _of_kpi(case: Case, terms: KpiTerms) -> Course | None:
    def value(sums: Sums) -> Amounts:
        return values(terms.metric, sums)

    return _of_window(case, terms.window, value, value, terms)


def _of_window(
    case: Case,
    window: WindowTerms,
    known: Callable[[Sums], Amounts],
    value: Callable[[Sums], Amounts],
    terms: KpiTerms | None = None,
) -> Course | None:
    """Over a range of days, or any production days in a row. `known`: NaN of a day that tells
    nothing; `terms`: those of a metric."""
    method = terms.method if terms else registry.DEFAULT
    if days := _fixed_days(case, window):
        return _of_range(case, _past(case, days, known, method), days, value)
    assert isinstance(window, int), "all others are fixed"
    due = case.milestone.due
    span = search_days(case.project, due, terms) if terms else DayRange(case.project.start, due)
    past = _past(case, span, known, method)
    if past is None:
        return None
    to_come = _planned_to_come(case, span.end)
    later = [True] * len(to_come)
    return Course(past, past.planned[-window:][1:], to_come, later, window, value)


def _of_range(
    case: Case, past: Past | None, days: DayRange, value: Callable[[Sums], Amounts]
) -> Course | None:
    if past is None:
        return None
    to_come = _planned_to_come(case, days.end)
    later = [True] * len(to_come)
    return Course(past, past.every, to_come, later, len(past.every) + len(later), value)


def _planned_to_come(case: Case, until: date) -> list[date]:
    return case.evidence.planned_days(DayRange(case.evidence.today, until))


def _of_run(case: Case, length: int) -> Course | None:
    """Any days in a row; nothing was made before the project's first day."""
    span, today = commissioned_days(case.project, case.milestone.due), case.evidence.today
    past = _past(case, span, _counted_good_units)
    if past is None:
        return None
    planned = set(case.evidence.planned_days(DayRange(today, span.end)))
    to_come = [today + n * ONE_DAY for n in range((span.end - today).days + 1)]
    later = [it in planned for it in to_come]
    before = [NO_DAY] * length + past.every
    return Course(past, before[-length:][1:], to_come, later, length, _good_units)


def _past(
    case: Case,
    span: DayRange,
    value: Callable[[Sums], Amounts],
    method: str = registry.DEFAULT,
) -> Past | None:
    days = case.ended(span)
    if days is None:
        return None
    every, sums = case.evidence.by_day(days, method)
    production = set(case.evidence.production_days(days))
    planned = [n for n, day in enumerate(every) if day in production]
    # A line that produced nothing gave nothing, which is known; of one that produced and was not
    # counted, it is not.
    tells = np.isfinite(value(sums)) | (sums.production_time_s == 0)
    known = np.broadcast_to(tells & (coverage(sums) >= KNOWN_FROM), len(every))
    return Past(sums, [*range(len(every))], planned, [n for n in planned if known[n]])


def _good_units(sums: Sums) -> Amounts:
    return sums.good_count


def _counted_good_units(sums: Sums) -> Amounts:
    """NaN where their counter was silent for most of the production."""
    silent_s = or_zero(sums.good_unheard_in_plan_s)
    is_counted = silent_s <= (1 - KNOWN_FROM) * sums.production_time_s
    return np.where(is_counted, sums.good_count, np.nan)


def _needed_a_day(case: Case, course: Course, target: float) -> float | None:
    """What the days that are left must give on average: of a ratio, each counted alike."""
    terms, left = case.milestone.terms, course.days_left
    if not left:
        return None
    if isinstance(terms, OutputTerms):
        days = _fixed_days(case, terms.period)
        made = case.evidence.sums(days).one("good_count") if days else None
        return None if made is None else max(target - made, 0.0) / left
    if isinstance(terms, KpiTerms) and (days := _fixed_days(case, terms.window)):
        so_far = case.evidence.kpi_value(terms.metric, days, terms.method).value
        if so_far is not None:
            return target + (target - so_far) * len(course.past.known) / left
    return None


def _fixed_days(case: Case, window: WindowTerms) -> DayRange | None:
    """None of a window that may lie anywhere."""
    if isinstance(window, FirstProductionDays):
        return first_days(case, window)
    return window if isinstance(window, DayRange) else None


def probability(course: Course, goal: Goal, seed: int) -> float:
    """The share of futures in which some window reaches the goal."""
    if len(course.before) + len(course.later) < course.length:
        return 0.0
    met = 0
    for chunk in np.split(drawn_futures(course, seed), FUTURES // _CHUNK):
        found = course.value(windowed(course.past.sums, chunk, course.length))
        met += int(goal.reached(found).reshape(len(chunk), -1).any(axis=1).sum())
    return met / FUTURES


def drawn_futures(course: Course, seed: int) -> Indexes:
    """FUTURES rows: the rows of the past with which it begins, then one for each day to come; of
    the past's sums, or NO_DAY."""
    steps = len(course.before) + len(course.later)
    draws = np.random.default_rng([_SEED, seed])
    planned = len(course.before) + np.flatnonzero(course.later)
    sequences = np.full((FUTURES, steps), NO_DAY)
    sequences[:, : len(course.before)] = course.before
    pool = np.array(course.past.known[-PAST_DAYS_MAX:])
    # A drawn past has half as many days: days in a row resemble each other, so they tell less than
    # their number. Half is what made-up plants bear out (benchmarks/forecast.py).
    for row in sequences:
        past = pool[_in_blocks(draws, len(pool), len(pool) // 2)]
        row[planned] = past[_in_blocks(draws, len(past), len(planned))]
    return sequences


def _in_blocks(draws: np.random.Generator, pool: int, count: int) -> Indexes:
    """That many numbers below `pool`: blocks of numbers in a row, from anywhere, in a circle."""
    starts = draws.integers(pool, size=-(-count // BLOCK_DAYS))
    return ((starts[:, None] + np.arange(BLOCK_DAYS)).ravel()[:count]) % pool
