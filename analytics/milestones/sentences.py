"""Numbers as an officer reads them, and the sentences that several kinds of terms share.

Messages are English with named places. They are the ids of the translations, so each stands
as one literal inside `Reason(…)`. Dates are ISO days: they read the same in every language.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from analytics.kpi.evaluation import KPIS, KpiValue
from analytics.kpi.words import metric_name
from analytics.milestones.case import Goal
from analytics.milestones.ideal_speed import BeatenCycle
from domain.grants import DayRange, Operator, Reason, VerdictStatus

NO_NUMBER = "–"
_AGAINST_TARGET: dict[tuple[VerdictStatus, Operator], Reason] = {
    (VerdictStatus.MET, ">="): Reason("That reaches the target of at least %(target)s."),
    (VerdictStatus.MET, "<="): Reason("That keeps to the target of at most %(target)s."),
    (VerdictStatus.NOT_MET, ">="): Reason(
        "Even at its best that misses the target of at least %(target)s."
    ),
    (VerdictStatus.NOT_MET, "<="): Reason(
        "Even at its best that exceeds the target of at most %(target)s."
    ),
    (VerdictStatus.ON_TRACK, ">="): Reason(
        "So far that reaches the target of at least %(target)s."
    ),
    (VerdictStatus.ON_TRACK, "<="): Reason(
        "So far that keeps to the target of at most %(target)s."
    ),
    (VerdictStatus.AT_RISK, ">="): Reason("So far that misses the target of at least %(target)s."),
    (VerdictStatus.AT_RISK, "<="): Reason("So far that exceeds the target of at most %(target)s."),
    (VerdictStatus.NOT_PROVABLE, ">="): Reason(
        "Whether that reaches the target of at least %(target)s depends on what was not recorded."
    ),
    (VerdictStatus.NOT_PROVABLE, "<="): Reason(
        "Whether that keeps to the target of at most %(target)s depends on what was not recorded."
    ),
}


def late(day: date, due: date) -> Reason:
    """By how much a day is behind the due date."""
    return Reason(
        "That is %(days)s days after the due date, %(due)s.",
        {"days": (day - due).days, "due": due.isoformat()},
    )


def metric_text(metric: str, number: float | None, beside: float | None = None) -> str:
    """A number of that metric with its unit; ratios in per cent.

    It has as many digits as it takes to tell it from the number `beside` it: 64.996 % is
    never shown as 65 % beside a target of 65 %.
    """
    if number is None:
        return NO_NUMBER
    if KPIS[metric].unit == "1":
        return percent(number, beside)
    unit = KPIS[metric].unit
    texts = ((f"{number:.{n}g}", f"{beside:.{n}g}" if beside is not None else "") for n in (4, 8))
    shown = next((mine for mine, other in texts if mine != other), f"{number:.8g}")
    return f"{shown} {unit}"


def percent(share: float, beside: float | None = None) -> str:
    """A share in per cent with two digits, or up to six to tell it from the share beside it."""
    shown = f"{share * 100:.2f}"
    for digits in range(2, 7):
        shown = f"{share * 100:.{digits}f}"
        if beside is None or f"{beside * 100:.{digits}f}" != shown:
            break
    else:  # the same number for all that anybody can see
        shown = f"{share * 100:.2f}"
    return f"{shown.rstrip('0').rstrip('.')} %"


def units_text(number: float | None) -> str:
    """Items with thousands separators; fractions of continuous products with one digit."""
    if number is None:
        return NO_NUMBER
    return f"{number:,.1f}".removesuffix(".0")


def not_begun(start: date) -> Reason:
    return Reason("The window begins on %(start)s.", {"start": start.isoformat()})


def no_day_yet() -> Reason:
    return Reason("No production day has ended yet.")


def value_reason(metric: str, kpi: KpiValue, days: DayRange, goal: Goal) -> Reason:
    """The value, and its bounds where something is unknown."""
    values: dict[str, str | float] = {
        "metric": metric_name(metric),
        "start": days.start.isoformat(),
        "end": days.end.isoformat(),
        "value": metric_text(metric, kpi.value, goal.target),
        "low": metric_text(metric, kpi.low, goal.target),
        "high": metric_text(metric, kpi.high, goal.target),
    }
    if kpi.value is None and kpi.low is not None and kpi.high is not None:
        return Reason(
            "%(metric)s from %(start)s to %(end)s is not known, because a counter was not heard; "
            "it lies between %(low)s and %(high)s.",
            values,
        )
    if kpi.value is None and kpi.low is not None:
        return Reason(
            "%(metric)s from %(start)s to %(end)s is not known, because a counter was not heard; "
            "all that is certain is that it is at least %(low)s.",
            values,
        )
    if kpi.value is None:
        return Reason(
            "%(metric)s from %(start)s to %(end)s cannot be computed: what it is made of was "
            "not measured, or nothing was made.",
            values,
        )
    if kpi.low is None or kpi.high is None:
        return Reason(
            "%(metric)s from %(start)s to %(end)s is %(value)s over the recorded time; it has "
            "no bounds while part of the time is not recorded.",
            values,
        )
    if values["low"] == values["high"]:
        return Reason("%(metric)s from %(start)s to %(end)s is %(value)s.", values)
    return Reason(
        "%(metric)s from %(start)s to %(end)s is %(value)s; with the unrecorded time at its "
        "worst and at its best it lies between %(low)s and %(high)s.",
        values,
    )


def beaten_reason(metric: str, beaten: BeatenCycle, measured: float, counting: float) -> Reason:
    """By how much the ideal cycle time was beaten, and what that takes from the low bound."""
    values: dict[str, str | float] = {
        "slices": beaten.slices,
        "minutes": f"{beaten.excess_s / 60:,.1f}",
        "measured": metric_text(metric, measured, counting),
        "counting": metric_text(metric, counting, measured),
    }
    return Reason(
        "In %(slices)s slices of time the line made more than its ideal cycle time allows, by "
        "items worth %(minutes)s minutes of it in all: the cycle time may be too easy. They do not "
        "count towards the target, so %(counting)s is proved, not %(measured)s.",
        values,
    )


def unheard_reason(unheard_s: float) -> list[Reason]:
    """Says for how long a counter was not heard."""
    if unheard_s <= 0.0:
        return []
    return [
        Reason(
            "For %(hours)s hours of planned production a counter was not heard: what was made in "
            "them is not known, so the bounds take none of it or as much as fits.",
            {"hours": f"{unheard_s / 3600:,.2f}"},
        )
    ]


def undefined_products_reason(products: list[str]) -> list[Reason]:
    """Names the products that the plant file does not define."""
    if not products:
        return []
    return [
        Reason(
            "Products were made that the plant file does not define, so they are measured by the "
            "line's own cycle time: %(products)s.",
            {"products": ", ".join(products)},
        )
    ]


def target_reason(metric: str, goal: Goal, status: VerdictStatus) -> Reason:
    """Whether the value reaches the target."""
    sentence = _AGAINST_TARGET[status, goal.op]
    return replace(sentence, values={"target": metric_text(metric, goal.target)})


def coverage_reason(coverage: float | None, min_coverage: float) -> Reason:
    return Reason(
        "Only %(coverage)s of the planned time is recorded; the terms ask for at least "
        "%(min_coverage)s.",
        {
            "coverage": percent(coverage or 0.0, min_coverage),
            "min_coverage": percent(min_coverage),
        },
    )
