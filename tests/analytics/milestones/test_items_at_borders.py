"""Items that may have been made outside the days of the terms prove nothing about these days.

Made-up lines count over some days and nights. Then a stretch around a midnight is hidden: what was
counted across it may have been made on either side. The verdict of the whole history is the truth:
what the rest calls "met" or "not met", it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import polars as pl
import pytest
from facts_frames import morning_of, project
from plants import Row, calendar, history, plant, shift

from analytics.facts.line_facts import line_facts
from analytics.milestones.verdict import verdict
from domain.grants import (
    CommissionedTerms,
    DayRange,
    FirstProductionDays,
    KpiTerms,
    OutputTerms,
    ProducingDaysTerms,
    Terms,
    Verdict,
)
from domain.grants import VerdictStatus as Status
from domain.plant import Calendar, Plant

START = date(2026, 3, 2)
OPENS = morning_of(START)
DAY, DAYS = 24 * 6, 4  # steps of ten minutes
STEPS = DAY * DAYS
MIDNIGHT = 2 * DAY  # between the second day and the third
SECOND = DayRange(START + timedelta(days=1), START + timedelta(days=1))
THIRD = DayRange(START + timedelta(days=2), START + timedelta(days=2))
NOTHING = range(0)
ACROSS = range(MIDNIGHT - 8, MIDNIGHT + 8)
ROLES = ("state", "total_count", "good_count", "energy")
FITS = 300.0  # items of 2 s in ten minutes


def line(
    roles: Sequence[str] = ROLES, lines: Sequence[str] = ("l1",), plan: Calendar | None = None
) -> Plant:
    found = plant(plan, roles=roles, cycle_time_s=2.0)
    return replace(found, lines={name: replace(found.lines["l1"], id=name) for name in lines})


def facts(where: Plant, speeds: Sequence[float], hidden: range) -> pl.DataFrame:
    """Of a line that makes so many items in each ten minutes, and is not heard in some of them."""
    roles = where.lines["l1"].roles
    rows: list[Row] = [("state", OPENS, "producing")]
    made, used = 1000.0, 500.0
    for step in range(STEPS + 1):
        at = OPENS + timedelta(minutes=10 * step)
        if step not in hidden:
            counts = {"total_count": made, "good_count": made, "reject_count": 5.0, "energy": used}
            rows += [(name, at, value) for name, value in counts.items() if name in roles]
            if step - 1 in hidden:
                rows.append(("state", at, "producing"))
        if step < STEPS:
            made, used = made + speeds[step], used + 3.0 + speeds[step] / 100
    end = OPENS + timedelta(days=DAYS)
    lost, back = (OPENS + timedelta(minutes=10 * it) for it in (hidden.start - 1, hidden.stop))
    heard = [(OPENS, lost), (back, end)] if hidden else [(OPENS, end)]
    return line_facts(where, "l1", history(rows, OPENS, end, heard), OPENS, end)


def judged(
    terms: Terms, where: Plant, told: dict[str, pl.DataFrame], due: date = THIRD.end
) -> Verdict:
    about = project(terms, due, start=START, lines=tuple(told))
    as_of = OPENS + timedelta(days=DAYS)
    return verdict(about, about.milestones[0], where, told, as_of)


def one(
    terms: Terms, speeds: Sequence[float], hidden: range, where: Plant | None = None
) -> Verdict:
    where = where or line()
    return judged(terms, where, {"l1": facts(where, speeds, hidden)})


def said(given: Verdict) -> str:
    return " ".join(str(reason) for reason in given.reasons)


def only_behind() -> list[float]:
    """10 every ten minutes, but from the gap's begin to midnight nothing, and twice as much after
    it: 1,360 on the second day, of which a gap leaves 1,350 certain, and shows 1,440."""
    speeds = [10.0] * STEPS
    speeds[MIDNIGHT - 8 : MIDNIGHT + 8] = [0.0] * 8 + [20.0] * 8
    return speeds


def only_before() -> list[float]:
    """The same with nothing after midnight."""
    speeds = [10.0] * STEPS
    speeds[MIDNIGHT - 8 : MIDNIGHT + 8] = [20.0] * 8 + [0.0] * 8
    return speeds


@pytest.mark.parametrize(
    "roles", [ROLES, ("state", "good_count"), ("state", "total_count", "reject_count")]
)
@pytest.mark.parametrize(("period", "speeds"), [(SECOND, only_behind()), (THIRD, only_before())])
def test_output_is_not_met_by_items_of_another_day(
    period: DayRange, speeds: list[float], roles: tuple[str, ...]
) -> None:
    terms, where = OutputTerms(1_400, period), line(roles)
    assert one(terms, speeds, NOTHING, where).status == Status.NOT_MET
    given = one(terms, speeds, ACROSS, where)
    assert (given.value or 0.0) > 1_400
    assert (given.status, given.met_on) == (Status.NOT_PROVABLE, None)
    assert "no more than" in said(given)
    assert "may have been made outside them" in said(given)
    assert one(OutputTerms(1_340, period), speeds, ACROSS, where).status == Status.MET


def test_the_number_is_reached_on_the_day_up_to_which_it_is_certain() -> None:
    speeds, terms = only_behind(), OutputTerms(2 * 1_440, DayRange(START, THIRD.end))
    truth, given = (one(terms, speeds, hidden) for hidden in (NOTHING, ACROSS))
    assert (given.status, given.met_on) == (Status.MET, THIRD.end)
    assert truth.met_on == THIRD.end, "and with no gap it is no other day"
    assert (given.low or 0.0) >= terms.good_units


@pytest.mark.parametrize("at", [SECOND.end, THIRD.end])
def test_a_first_run_is_none_by_items_of_another_day(at: date) -> None:
    speeds = only_behind() if at == SECOND.end else only_before()
    first = (at - START).days * DAY
    for step in (*range(first - 8), *range(first + DAY + 8, STEPS)):
        speeds[step] = 0.0  # that day alone had a run
    terms = CommissionedTerms(1_400, within_days=1)
    assert one(terms, speeds, NOTHING).status == Status.NOT_MET
    given = one(terms, speeds, ACROSS)
    assert (given.value or 0.0) > 1_400
    assert given.status == Status.NOT_PROVABLE
    assert "may have been made outside them" in said(given)


def test_what_may_have_come_in_from_another_day_may_be_what_a_run_lacks() -> None:
    """All was made before midnight, at night, when nothing is planned."""
    speeds = [0.0] * STEPS
    speeds[MIDNIGHT - 60 : MIDNIGHT + 8] = [10.0] * 52 + [20.0] * 8 + [0.0] * 8
    where = line(plan=calendar(shift("day", "07:00", "20:00")))
    terms = CommissionedTerms(670, within_days=1)
    assert one(terms, speeds, NOTHING, where).status == Status.MET
    assert one(terms, speeds, ACROSS, where).status == Status.NOT_PROVABLE


def test_one_line_that_is_unsure_is_enough() -> None:
    where = line(lines=("l1", "l2"))
    told = {
        "l1": facts(where, only_behind(), ACROSS),
        "l2": facts(where, [10.0] * STEPS, NOTHING).with_columns(line=pl.lit("l2")),
    }
    given = judged(OutputTerms(2_840, SECOND), where, told)
    assert given.value == pytest.approx(2 * 1_440)
    assert given.status == Status.NOT_PROVABLE


def test_before_the_due_date_it_is_said_why_the_number_is_not_reached() -> None:
    terms = OutputTerms(1_400, DayRange(SECOND.start, START + timedelta(days=20)))
    where = line()
    told = facts(where, only_behind(), ACROSS).filter(pl.col("day") <= SECOND.end)
    about = project(terms, terms.period.end, start=START, lines=("l1",))
    given = verdict(about, about.milestones[0], where, {"l1": told}, morning_of(THIRD.start))
    assert given.status == Status.ON_TRACK
    assert "Of these no more than 1,350 are certain." in said(given)


def kwh_per_item(items_a_day: float) -> float:
    """As `facts` has it."""
    return 3.0 * DAY / items_a_day + 0.01


TERMS: tuple[Callable[[float, DayRange], Terms], ...] = (
    lambda goal, days: OutputTerms(goal, days),
    lambda goal, days: CommissionedTerms(goal, within_days=(days.end - days.start).days + 1),
    lambda goal, days: KpiTerms("energy_per_good_unit", "<=", days, target=kwh_per_item(goal)),
    lambda goal, days: KpiTerms(
        "comprehensive_energy_consumption", "<=", 1, target=kwh_per_item(goal)
    ),
    lambda goal, days: KpiTerms("oee", ">=", days, target=goal / FITS / DAY),
    lambda goal, days: KpiTerms("teep", ">=", 1, target=goal / FITS / DAY),
)


@pytest.mark.parametrize("kind", range(len(TERMS)))
def test_what_is_called_met_or_not_met_is_so(kind: int) -> None:
    said_so = 0
    for seed in range(10):
        rng = Random(f"{seed} {kind}")
        speeds, hidden = at_random(rng)
        days = rng.choice([SECOND, THIRD, DayRange(SECOND.start, THIRD.end)])
        made = sum(speeds[(days.start - START).days * DAY : ((days.end - START).days + 1) * DAY])
        terms = TERMS[kind](max(made * rng.choice([0.9, 0.98, 1.0, 1.02, 1.1]), 1.0), days)
        truth, given = (one(terms, speeds, it) for it in (NOTHING, hidden))
        said_so += is_held(truth, given, (seed, terms, hidden))
    assert said_so, "at least some are decided"


def at_random(rng: Random) -> tuple[list[float], range]:
    """Speeds, and what of the time is hidden."""
    speeds = [0.0] * STEPS
    at = 0
    while at < STEPS:
        length = rng.randint(1, 40)
        speeds[at : at + length] = [rng.choice([0.0, 10.0, rng.uniform(0.0, FITS)])] * length
        at += length
    first = rng.choice([1, 2]) * DAY + DAY - rng.randint(1, 40)
    return speeds[:STEPS], range(first, first + rng.randint(2, 60))


def is_held(truth: Verdict, given: Verdict, told: object) -> bool:
    """Whether the verdict of the rest decides; then it decides as that of the whole."""
    if given.met_on and truth.met_on:
        assert given.met_on >= truth.met_on, told
    if given.status not in (Status.MET, Status.NOT_MET):
        return False
    assert given.status == truth.status, (told, given, truth)
    return True


SHIFTS = calendar(
    shift("day", "07:00", "15:00"),
    shift("late", "15:00", "23:00"),
    shift("night", "23:00", "07:00"),
)
OF_SHIFTS: tuple[Callable[[float, DayRange, tuple[str, ...]], Terms], ...] = (
    OutputTerms,
    lambda goal, _, names: OutputTerms(goal, 1, names),
    lambda goal, days, names: OutputTerms(goal, FirstProductionDays(days.start, 2), names),
    lambda goal, days, names: KpiTerms("oee", ">=", days, target=goal, shifts=names),
    lambda goal, _, names: KpiTerms("oee", ">=", 2, target=goal, shifts=names),
    lambda goal, days, names: KpiTerms(
        "energy_per_good_unit", "<=", FirstProductionDays(days.start, 1), goal, shifts=names
    ),
    lambda _, days, names: ProducingDaysTerms(2, days, names),
)
FIXED = (0, 3)  # of these the days are those of the terms, whatever was hidden


BOTH = DayRange(SECOND.start, THIRD.end)
BORDER = DAY + 15 * 6  # where on the second day the next shift takes over


@pytest.mark.parametrize(
    "terms",
    [
        OutputTerms(900, BOTH, ("day",)),
        OutputTerms(900, 2, ("day",)),
        KpiTerms("oee", ">=", BOTH, target=900 / FITS / 96, shifts=("day",)),
    ],
)
def test_what_the_next_shift_made_proves_nothing_of_this_one(terms: Terms) -> None:
    """10 every ten minutes, but in the gap nothing before the border, and twice as much after it:
    880 on the two days, of which the gap shows 960, on the first of them."""
    speeds, hidden = [10.0] * STEPS, range(BORDER - 8, BORDER + 8)
    speeds[BORDER - 8 : BORDER + 8] = [0.0] * 8 + [20.0] * 8
    speeds[:DAY] = [0.0] * DAY
    where = line(plan=SHIFTS)
    truth, given = (one(terms, speeds, it, where) for it in (NOTHING, hidden))
    assert truth.status == Status.NOT_MET
    assert (given.value or 0.0) > (truth.value or 0.0) * 1.05
    assert given.status == Status.NOT_PROVABLE
    assert (given.low or 0.0) <= (truth.value or 0.0) <= (given.high or 0.0)
    assert "Only these shifts count: day." in said(given)


@pytest.mark.parametrize("kind", range(len(OF_SHIFTS)))
def test_so_it_is_of_shifts_and_of_days_in_a_row(kind: int) -> None:
    """Items that were counted across a gap may be of another shift than the one that counts."""
    where, said_so = line(plan=SHIFTS), 0
    for seed in range(4):
        rng = Random(f"{seed} {kind} shifts")
        speeds, hidden = at_random(rng)
        told = [{"l1": facts(where, speeds, it)} for it in (NOTHING, hidden)]
        days = rng.choice([SECOND, THIRD, DayRange(SECOND.start, THIRD.end)])
        names = rng.choice([("day",), ("late",), ("night",), ("day", "night")])
        whole = judged(OF_SHIFTS[kind](1e9, days, names), where, told[0]).value or 0.0
        goal = max(whole * rng.choice([0.9, 0.98, 1.0, 1.02, 1.1]), 1e-6)
        truth, given = (judged(OF_SHIFTS[kind](goal, days, names), where, it) for it in told)
        said_so += is_held(truth, given, (seed, names, days, hidden))
        if kind in FIXED and given.window == truth.window and truth.value is not None:
            assert (given.low or 0.0) <= truth.value * (1 + 1e-9) + 1e-9, (seed, given, truth)
            assert given.high is None or truth.value <= given.high * (1 + 1e-9) + 1e-9
    assert said_so, "at least some are decided"
