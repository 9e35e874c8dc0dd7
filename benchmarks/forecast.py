"""Whether forecasts of milestones come true as often as they say.

    python benchmarks/forecast.py [--plants 2000]

Made-up plants whose end is known: each day has an OEE that hangs on the day before (an AR(1)
process with a mean, a spread and a persistence of the plant's own). An OEE over forty days is
asked for, and the forecast is made somewhere from the tenth to the thirtieth of them, for a target
near what the plant does. Of those told about 80 %, 70 to 90 % are to come true. Beside it stands
how long a forecast takes, against one evaluation of the same KPI from the same sums.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import numpy as np
from pages import Figure

from analytics.arrays import Floats
from analytics.kpi.evaluation import Sums, values
from analytics.milestones.case import Goal
from analytics.milestones.forecast import Course, Past, probability
from domain.states import TimeClass

DAYS = 40
_FIRST_DAY = date(2026, 3, 2)
_BUSY_S = 36_000.0
_SEED = 7


def told(plants: int) -> list[tuple[float, bool]]:
    """Of each plant the probability that was told, and whether it came true."""
    draws = np.random.default_rng(_SEED)
    return [_of_one(draws, number) for number in range(plants)]


def _of_one(draws: np.random.Generator, number: int) -> tuple[float, bool]:
    mean, spread, persistence = (draws.uniform(*it) for it in ((0.5, 0.8), (0.01, 0.08), (0, 0.5)))
    oee = np.empty(DAYS)
    oee[0] = draws.normal(0.0, spread)
    for day in range(1, DAYS):
        fresh = draws.normal(0.0, spread * np.sqrt(1 - persistence**2))
        oee[day] = persistence * oee[day - 1] + fresh
    oee = np.clip(oee + mean, 0.01, 1.2)
    known = int(draws.integers(10, 31))
    target = float(oee[:known].mean() + draws.normal(0.0, spread / np.sqrt(DAYS)))
    course = course_of(oee[:known], DAYS - known)
    return probability(course, Goal(target, ">="), number), bool(oee.mean() >= target)


def course_of(oee: Floats, left: int) -> Course:
    """Days of that OEE, each of ten planned hours in which the line ran."""
    seconds = {kind: np.zeros(len(oee)) for kind in TimeClass}
    seconds[TimeClass.PRODUCTION] += _BUSY_S
    made = oee * _BUSY_S
    sums = Sums(seconds, made, made, ideal_time_s=made, good_ideal_time_s=made)
    rows = [*range(len(oee))]
    to_come = [_FIRST_DAY + timedelta(days=len(oee) + it) for it in range(left)]
    past = Past(sums, rows, rows, rows)
    return Course(past, rows, to_come, [True] * left, len(oee) + left, _oee)


def _oee(sums: Sums) -> Floats:
    return np.asarray(values("oee", sums))


def measured(plants: int) -> Iterator[Figure]:
    """How often what was told came true, by what was told; and the time of a forecast."""
    found = told(plants)
    for percent in (20, 50, 80):
        near = [came for share, came in found if abs(share - percent / 100) <= 0.05]
        note = f"of {len(near)} told {percent} %"
        share = sum(near) / max(len(near), 1) * 100
        yield Figure(f"came true of those told {percent} %", share, "%", note=note)
    course = course_of(np.full(30, 0.65), 10)
    forecast_s, kpi_s = (
        _fastest_s(it)
        for it in (
            lambda: probability(course, Goal(0.65, ">="), 1),
            lambda: values("oee", course.past.sums),
        )
    )
    yield Figure("forecast ÷ one evaluation of its days", forecast_s / kpi_s, "×")


def _fastest_s(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(10):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plants", type=int, default=2000)
    for figure in measured(parser.parse_args().plants):
        print(figure, flush=True)


if __name__ == "__main__":
    main()
