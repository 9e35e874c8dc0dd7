"""The measurements of a line on its page: control chart, violated rules and capability."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from analytics.spc.capability import INDICES, Capability
from analytics.spc.control_chart import Chart
from analytics.spc.sigma import ChartKind
from analytics.spc.study import Setup, Study
from api.i18n import DASH, Language
from api.pages.drawing.control_chart import ControlDrawing, control_drawing
from api.queries.lines import Queries
from api.queries.measurements import control_study
from domain.grants import Reason
from domain.plant import Measurement, Plant, text_in
from domain.texts import N_
from domain.time import Window, instant

_KINDS: dict[ChartKind, str] = {
    "xbar-r": N_("Mean and range of subgroups"),
    "xbar-s": N_("Mean and standard deviation of subgroups"),
    "individuals": N_("Single values and moving range"),
}
_DIGITS_MAX = 6
_ONE_DAY = timedelta(hours=26)  # in more, a time of day says too little


@dataclass(frozen=True, slots=True)
class ViolatedRule:
    """What a rule says, how often that was so, and when first and last."""

    sentence: str
    count: int
    first: str
    last: str


@dataclass(frozen=True)
class ControlPart:
    """What the page shows of one measurement; texts are in the reader's language.

    `indices`: name, value, interval or why there is no value; where none has a value there is
    nothing but `missing`, each reason once. `violations`: of every
    rule that is violated. `began_s` (since 1970) and `time` say when a subgroup (by its index)
    began: asked for those alone that are shown, since there may be very many.
    """

    title: str
    unit: str
    kind: str
    drawing: ControlDrawing | None
    began_s: Callable[[int], float]
    time: Callable[[int], str]
    clock: Callable[
        [int], str
    ]  # the same without seconds, and with the day where there are several
    digits: int
    limits: str  # empty where they differ by subgroup
    specification: str  # its limits and target; empty without
    indices: list[tuple[str, str, str]]
    missing: list[str]
    violations: list[ViolatedRule]
    rules_at: dict[int, list[int]]  # subgroup → which of the violations end there
    notes: list[str]


def control_parts(
    queries: Queries, line_id: str, window: Window, language: Language
) -> list[ControlPart]:
    """One part for each measurement of the line. Raises NotFoundError."""
    plant, line = queries.line(line_id)
    return [
        _part(control_study(queries, line_id, name, window, Setup()), language, plant)
        for name in line.measurements
    ]


def _part(study: Study, language: Language, plant: Plant) -> ControlPart:
    groups, chart, zone = study.groups, study.chart, plant.zone

    def began(subgroup: int) -> datetime:
        return instant(int(groups.data.times[groups.first[subgroup]]))

    def time(subgroup: int) -> str:
        text = language.time(began(subgroup), zone, seconds=True)
        return f"{_day(subgroup)} {text}" if is_long else text

    def clock(subgroup: int) -> str:
        return _day(subgroup) if is_long else language.time(began(subgroup), zone)

    def _day(subgroup: int) -> str:
        return language.short_day(began(subgroup).astimezone(zone).date())

    is_long = study.window.end - study.window.start > _ONE_DAY
    violated = _violated(chart, time, language) if chart else []
    return ControlPart(
        title=text_in(study.measurement.name, language.tag) or study.measurement.id,
        unit=study.measurement.unit,
        kind=language.text(_KINDS[study.kind]),
        drawing=control_drawing(chart, _specified(study.measurement)) if chart else None,
        began_s=lambda subgroup: began(subgroup).timestamp(),
        time=time,
        clock=clock,
        digits=_digits(study),
        limits=_limits(chart, _digits(study), language) if chart else "",
        indices=_indices(study.capability, language),
        missing=_missing(study.capability, language),
        specification=_specification(study.measurement, _digits(study), language),
        violations=violated,
        rules_at=_rules_at(chart, violated, language) if chart else {},
        notes=[language.sentence(_named(note, plant, language)) for note in study.notes],
    )


def _named(note: Reason, plant: Plant, language: Language) -> Reason:
    """The note with products as people call them."""
    if "products" not in note.values:
        return note
    names = [
        text_in(plant.products[it].name, language.tag) if it in plant.products else it
        for it in str(note.values["products"]).split(", ")
    ]
    return Reason(note.message, {**note.values, "products": language.listed(names)})


def _violated(chart: Chart, time: Callable[[int], str], language: Language) -> list[ViolatedRule]:
    """By rule, the most frequent first, so that no rule hides another."""
    points: dict[str, list[int]] = {}
    for found in chart.violations:
        points.setdefault(language.sentence(found.sentence), []).append(found.point)
    return [
        ViolatedRule(
            sentence, len(of), time(int(chart.plotted[min(of)])), time(int(chart.plotted[max(of)]))
        )
        for sentence, of in sorted(points.items(), key=lambda item: -len(item[1]))
    ]


def _rules_at(
    chart: Chart, violated: list[ViolatedRule], language: Language
) -> dict[int, list[int]]:
    places = {rule.sentence: place for place, rule in enumerate(violated)}
    found: dict[int, list[int]] = {}
    for it in chart.violations:
        place, at = places[language.sentence(it.sentence)], int(chart.plotted[it.point])
        if place not in found.setdefault(at, []):
            found[at].append(place)
    return found


def _specified(measurement: Measurement) -> dict[str, float]:
    given = {
        "lsl": measurement.lower_limit,
        "usl": measurement.upper_limit,
        "aim": measurement.target,
    }
    return {name: value for name, value in given.items() if value is not None}


def _specification(measurement: Measurement, digits: int, language: Language) -> str:
    words = {
        "lsl": N_("Lower specification limit (LSL) %(value)s"),
        "aim": N_("Target %(target)s"),
        "usl": N_("Upper specification limit (USL) %(value)s"),
    }
    given = _specified(measurement)
    shown = {name: language.number(value, digits) for name, value in given.items()}
    return " · ".join(
        language.text(word, value=shown[name], target=shown[name])
        for name, word in words.items()
        if name in shown
    )


def _limits(chart: Chart, digits: int, language: Language) -> str:
    """The limits of the location panel in words, where all subgroups share them."""
    panel = chart.location
    if not len(panel.upper) or np.ptp(panel.upper) > 0:
        return ""
    return language.text(
        N_("Centre line %(center)s, control limits %(lower)s to %(upper)s"),
        center=language.number(float(panel.center[0]), digits),
        lower=language.number(float(panel.lower[0]), digits),
        upper=language.number(float(panel.upper[0]), digits),
    )


def _digits(study: Study) -> int:
    """Decimals that show a hundredth of the spread."""
    sigma = study.chart.parameters.sigma.value if study.chart else 0.0
    if sigma <= 0:
        return 2
    return min(max(2 - math.floor(math.log10(sigma)), 0), _DIGITS_MAX)


def _indices(found: Capability, language: Language) -> list[tuple[str, str, str]]:
    rows = []
    for name in INDICES:
        value, interval = getattr(found, name), getattr(found, f"{name}_interval")
        if value is None:
            rows.append((name.capitalize(), DASH, language.sentence(found.missing[name])))
        else:
            bounds = f"{language.number(interval.low, 2)}–{language.number(interval.high, 2)}"
            rows.append((name.capitalize(), language.number(value, 2), bounds))
    return rows if len(found.missing) < len(INDICES) else []


def _missing(found: Capability, language: Language) -> list[str]:
    return list(dict.fromkeys(language.sentence(why) for why in found.missing.values()))
