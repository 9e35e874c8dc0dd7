"""Where the marks of a chart stand, as parts of its width and height from 0 to 1; and what it says.

The template draws: a band from low to high, a tick or a line at the value, a dashed line at the
target, as the pages do. The scale begins at zero. One day that is far beyond all others does not
press them flat: its mark ends at the edge, and a sentence says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from analytics.kpi.evaluation import KPIS
from analytics.kpi.words import metric_name
from analytics.milestones.day_figures import DayFigure, DayFigures, FigureKind
from analytics.milestones.forecast_fan import QUANTILES, FanPoint
from api.i18n import Language
from api.pages import labels
from api.pages.officer.terms import days_text, metric_of, value_text
from domain.grants import DayRange, OperatingTerms, OutputTerms, Verdict
from domain.texts import N_

_OF_EACH_DAY = N_("%(metric)s of each day")
_UP_TO_EACH_DAY = N_("%(metric)s up to each day")
_OF_EACH_MONTH = N_("Days with production of each month")
_BAND, _VALUE, _TARGET = (
    N_("from the worst to the best reading of the data"),
    N_("value"),
    N_("target"),
)
_FAN = N_("how the figure of the whole window may go on: half of the futures, and eight in ten")
_BEYOND = N_("Marks that end at the upper edge reach further up.")
_ALT = N_("%(title)s, %(days)s.")
_ALT_RANGE = N_("Lowest: %(low)s (%(low_day)s); highest: %(high)s (%(high_day)s).")
_ALT_LAST = N_("At the end: %(value)s, between %(low)s and %(high)s.")
_ALT_NOTHING = N_("None of these days has a value.")
_ALT_AT_LEAST = N_("The target is at least %(target)s.")
_ALT_AT_MOST = N_("The target is at most %(target)s.")

_OUTLIER = 3  # times the median, or the target: what is above does not stretch the scale
_DOUBT = 1.4  # times what is needed else: bounds that reach further end at the edge
_ROOM = 0.98  # of the scale, at most
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_TICKS, _DAY_TICKS = 4, 6
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Scale:
    """From 0 to `top`, with a tick at each `step`."""

    top: float
    step: float

    def at(self, value: float | None) -> float | None:
        """As a part of the height; what is beyond the scale stands at its edge."""
        if value is None:
            return None
        return round(min(max(value, 0.0) / self.top, 1.0), 5)

    @property
    def ticks(self) -> list[float]:
        return [self.step * n for n in range(round(self.top / self.step) + 1)]


def scale_for(
    figures: Sequence[DayFigure], goal: float | None, expected: Sequence[float] = ()
) -> Scale:
    """One that holds the goal, all values and what is expected, with room above them, and bounds
    where they are not far off; shares up to 1 have a scale of at most 1.

    >>> scale_for([DayFigure(None, 0.6, 0.5, 0.7)], 0.65)
    Scale(top=0.8, step=0.2)
    """
    values = [*(it.value for it in figures if it.value is not None), *expected]
    bounds = [it.high for it in figures if it.high is not None and math.isfinite(it.high)]
    middle = max([median(values) if values else 0.0, goal or 0.0])
    most = max([*values, goal or 0.0])
    needed = min(most, middle * _OUTLIER) if middle > 0 else max([most, *bounds])
    needed = max([needed, *(min(it, needed * _DOUBT) for it in bounds)])
    if not needed > 0:
        return Scale(1.0, 1.0)
    size = 10 ** math.floor(math.log10(needed / _TICKS))
    step = next(it * size for it in _STEPS if it * size * _TICKS >= needed * (1 - 1e-9))
    top = step * math.ceil(needed / step - 1e-9)
    if needed > top * _ROOM and not math.isclose(top, 1.0):
        top += step
    return Scale(round(top, 12), round(step, 12))


def milestone_chart(
    figures: DayFigures, verdict: Verdict, language: Language, fan: Sequence[FanPoint] = ()
) -> dict[str, Any] | None:
    """The chart as the template draws it; None where there is nothing to draw. `fan`: how it may go
    on, which begins at the verdict's value."""
    drawn = figures.figures
    if not any(it.value is not None or it.high is not None for it in drawn):
        return None
    metric = metric_of(verdict.milestone.terms)
    scale = scale_for(drawn, figures.goal, [max(it.figures) for it in fan])
    span = span_of(figures, verdict, fan)
    title = _title(figures.kind, metric, language)
    beyond = any(scale.top < it for one in drawn for it in (one.value, one.high) if it is not None)
    show = _show(figures.kind, metric, language)
    marks = [_mark(it, scale, x) for it, x in zip(drawn, _places(figures, span), strict=True)]
    return {
        "kind": "line" if figures.kind is FigureKind.UP_TO_DAY else "days",
        "title": title,
        "alt": " ".join(_alt(title, figures, verdict, show, language)),
        "ticks": [
            {"at": scale.at(it), "text": _tick_text(it, scale, metric, language)}
            for it in scale.ticks
        ],
        "days": _day_ticks(figures, span, language),
        "marks": marks,
        "fan": _fan(fan, verdict, scale, span, marks[-1]["to"]),
        "target": None if figures.goal is None else scale.at(figures.goal),
        "legend": {
            "band": language.text(_BAND) if any(it["band"] for it in marks) else None,
            "value": language.text(_VALUE),
            "target": language.text(_TARGET),
            "fan": language.text(_FAN) if fan else None,
        },
        "beyond": language.text(_BEYOND) if beyond else None,
    }


def _show(kind: FigureKind, metric: str, language: Language) -> Callable[[float | None], str]:
    def show(number: float | None) -> str:
        if kind is FigureKind.EACH_MONTH:
            return language.number(number)
        return value_text(metric, number, language)

    return show


def _fan(
    fan: Sequence[FanPoint], verdict: Verdict, scale: Scale, span: DayRange, ended_at: float
) -> list[dict[str, Any]]:
    """Where its points stand; `at`: of the day's end; `levels`: of QUANTILES."""
    if not fan:
        return []
    days = (span.end - span.start).days + 1
    begin = scale.at(verdict.value)
    points = [] if begin is None else [{"at": ended_at, "levels": [begin] * len(QUANTILES)}]
    return points + [
        {
            "at": round(((it.day - span.start).days + 1) / days, 5),
            "levels": [scale.at(figure) for figure in it.figures],
        }
        for it in fan
    ]


def span_of(figures: DayFigures, verdict: Verdict, fan: Sequence[FanPoint] = ()) -> DayRange:
    """The days of the chart: of an output all its period, also what is to come."""
    terms = verdict.milestone.terms
    if isinstance(terms, OutputTerms) and isinstance(terms.period, DayRange):
        return terms.period
    assert verdict.window is not None, "without a window there are no figures"
    last = max([figures.figures[-1].days.end, *(it.day for it in fan)])
    return DayRange(verdict.window.start, max(verdict.window.end, last))


def _places(figures: DayFigures, span: DayRange) -> Iterable[tuple[float, float]]:
    """From where to where each mark stands; of figures up to a day: its end."""
    days = (span.end - span.start).days + 1
    if figures.kind is FigureKind.EACH_MONTH:
        count = len(figures.figures)
        return [(n / count, (n + 1) / count) for n in range(count)]
    return [
        (
            round((it.days.end - span.start).days / days, 5),
            round(((it.days.end - span.start).days + 1) / days, 5),
        )
        for it in figures.figures
    ]


def _mark(it: DayFigure, scale: Scale, x: tuple[float, float]) -> dict[str, Any]:
    """`band`: only where there is doubt."""
    low, high = scale.at(it.low), scale.at(it.high)
    if it.high is None and it.low is not None:
        high = 1.0  # nothing bounds it
    band = None if low is None or high is None or high <= low else [low, high]
    return {"from": x[0], "to": x[1], "value": scale.at(it.value), "band": band}


def _day_ticks(figures: DayFigures, span: DayRange, language: Language) -> list[dict[str, Any]]:
    """Some of the days, evenly; `at`: the middle of the day."""
    if figures.kind is FigureKind.EACH_MONTH:
        count = len(figures.figures)
        some = range(0, count, -(-count // _DAY_TICKS))
        return [
            {"at": (n + 0.5) / count, "text": language.short_day(figures.figures[n].days.start)}
            for n in some
        ]
    days = (span.end - span.start).days + 1
    step = -(-days // _DAY_TICKS)
    return [
        {
            "at": round((n + 0.5) / days, 5),
            "text": language.short_day(span.start + n * _ONE_DAY),
        }
        for n in range(0, days, step)
    ]


def _title(kind: FigureKind, metric: str, language: Language) -> str:
    if kind is FigureKind.EACH_MONTH:
        return language.text(_OF_EACH_MONTH)
    name = language.text(metric_name(metric))
    has_unit = metric in KPIS and metric not in labels.SHARES
    unit = language.unit(KPIS[metric].unit) if has_unit else ""
    message = _OF_EACH_DAY if kind is FigureKind.EACH_DAY else _UP_TO_EACH_DAY
    return language.text(message, metric=f"{name} ({unit})" if unit else name)


def _tick_text(value: float, scale: Scale, metric: str, language: Language) -> str:
    """With as many digits as the step has."""
    share = metric in labels.SHARES
    step = scale.step * 100 if share else scale.step
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if not math.isclose(step * 10**digits, round(step * 10**digits)):
        digits += 1  # 2.5
    return language.percent(value, digits) if share else language.number(value, digits)


def _alt(
    title: str,
    figures: DayFigures,
    verdict: Verdict,
    show: Callable[[float | None], str],
    language: Language,
) -> Iterable[str]:
    """The chart in words, for those who do not see it."""
    say, drawn = language.text, figures.figures
    days = DayRange(drawn[0].days.start, drawn[-1].days.end)
    yield say(_ALT, title=title, days=days_text(days, language))
    valued = [(it.value, it) for it in drawn if it.value is not None]
    last = drawn[-1]
    if figures.kind is FigureKind.UP_TO_DAY:
        yield say(_ALT_LAST, value=show(last.value), low=show(last.low), high=show(last.high))
    elif valued:
        (low, low_at), (high, high_at) = (pick(valued, key=lambda it: it[0]) for pick in (min, max))
        yield say(
            _ALT_RANGE,
            low=show(low),
            low_day=days_text(low_at.days, language),
            high=show(high),
            high_day=days_text(high_at.days, language),
        )
    else:
        yield say(_ALT_NOTHING)
    if figures.goal is not None:
        is_most = verdict.op == "<=" and not isinstance(verdict.milestone.terms, OperatingTerms)
        yield say(_ALT_AT_MOST if is_most else _ALT_AT_LEAST, target=show(figures.goal))
