"""Where the marks of a chart stand, and what it says to who does not see it."""

from __future__ import annotations

import doctest
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from facts_frames import Day, facts, judged, morning_of, oee_day, plant, project

from analytics.milestones.day_figures import DayFigure, day_figures
from analytics.milestones.verdict import verdict
from api.i18n import language
from api.pages.drawing import day_chart as module
from api.pages.drawing.day_chart import Scale, milestone_chart, scale_for
from domain.grants import DayRange, KpiTerms, OperatingTerms, OutputTerms, Terms

START = date(2026, 3, 2)
WEEK = DayRange(START, date(2026, 3, 6))
PERIOD = DayRange(START, date(2026, 3, 21))


def figure(value: float | None, low: float | None = None, high: float | None = None) -> DayFigure:
    return DayFigure(WEEK, value, low, high)


def drawn(terms: Terms, days: Sequence[Day], tag: str = "en", end: date = date(2027, 1, 31)) -> Any:
    about, rows = project(terms, PERIOD.end, start=START, end=end), {"filler-1": facts(START, days)}
    as_of = morning_of(START + timedelta(days=len(days)))
    given = verdict(about, about.milestones[0], plant(), rows, as_of)
    figures = day_figures(about, plant(), rows, given)
    assert figures is not None
    return milestone_chart(figures, given, language(tag))


def test_the_examples_hold() -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("values", "goal", "scale"),
    [
        ([0.4, 0.6], 0.65, Scale(0.8, 0.2)),
        ([0.4, 1.0], 0.65, Scale(1.0, 0.25)),  # a share needs no room above 1
        ([20.0], 15.0, Scale(25.0, 5.0)),  # but others do
        ([1_719_312.0], 2_000_000.0, Scale(2_500_000.0, 500_000.0)),
        ([0.0024, 0.0026], 0.0025, Scale(0.003, 0.001)),
        ([0.0, 0.0], None, Scale(1.0, 1.0)),
        ([], None, Scale(1.0, 1.0)),
        (
            [1.0, 1.0, 500.0],
            None,
            Scale(4.0, 1.0),
        ),  # one day far off does not press the others flat
    ],
)
def test_a_scale_holds_all_but_what_is_far_off(
    values: list[float], goal: float | None, scale: Scale
) -> None:
    assert scale_for([figure(it) for it in values], goal) == scale


def test_marks_stand_at_the_edge_where_they_are_beyond_it() -> None:
    scale = Scale(2.0, 0.5)
    assert [scale.at(it) for it in (None, -1.0, 0.5, 2.0, 9.0)] == [None, 0.0, 0.25, 1.0, 1.0]
    assert scale.ticks == [0.0, 0.5, 1.0, 1.5, 2.0]


def test_days_of_a_kpi() -> None:
    days = [oee_day(0.7), oee_day(0.5), oee_day(0.6, unknown_share=0.1), oee_day(0.7), oee_day(0.7)]
    found = drawn(KpiTerms("oee", ">=", WEEK, target=0.65), days)
    assert (found["kind"], found["title"]) == ("days", "OEE of each day")
    assert [(it["from"], it["to"]) for it in found["marks"]][:2] == [(0.0, 0.2), (0.2, 0.4)]
    assert [it["value"] for it in found["marks"]] == pytest.approx(
        [0.875, 0.625, 0.75, 0.875, 0.875]
    )
    assert [it["band"] is not None for it in found["marks"]] == [False, False, True, False, False]
    assert found["marks"][2]["band"] == pytest.approx([0.675, 0.8])
    assert [it["text"] for it in found["ticks"]] == ["0%", "20%", "40%", "60%", "80%"]
    assert [it["text"] for it in found["days"]] == ["2 Mar", "3 Mar", "4 Mar", "5 Mar", "6 Mar"]
    assert found["target"] == pytest.approx(0.8125)
    assert found["alt"] == (
        "OEE of each day, 2–6 Mar 2026. Lowest: 50% (3 Mar 2026); highest: 70% "
        "(2 Mar 2026). The target is at least 65%."
    )
    assert found["legend"]["band"]
    assert found["beyond"] is None


def test_without_doubt_no_band_is_explained() -> None:
    found = drawn(KpiTerms("oee", ">=", WEEK, target=0.65), [oee_day(0.7)] * 5)
    assert found["legend"]["band"] is None


def test_an_output_is_drawn_over_its_whole_period() -> None:
    found = drawn(OutputTerms(10_000, PERIOD), [Day(1_000, good=1_000)] * 2)
    assert found["kind"] == "line"
    assert [(it["from"], it["to"]) for it in found["marks"]] == [(0.0, 0.05), (0.05, 0.1)]
    assert found["alt"] == (
        "Good units up to each day, 2–3 Mar 2026. At the end: 2,000, between 2,000 and 2,000. "
        "The target is at least 10,000."
    )


def test_months_of_operation() -> None:
    terms = OperatingTerms(production_days_per_month=15, months=6)
    found = drawn(terms, [Day(20_000, good=20_000)] * 40, end=START - timedelta(days=1))
    assert found["title"] == "Days with production of each month"
    assert [(it["from"], it["to"]) for it in found["marks"]] == [(0.0, 0.5), (0.5, 1.0)]
    assert found["alt"].endswith("The target is at least 15.")


def test_a_target_that_is_not_to_be_exceeded_and_a_unit() -> None:
    days = [Day(1_000, good=1_000, energy_kwh=3.0)] * 5
    found = drawn(KpiTerms("energy_per_good_unit", "<=", WEEK, target=0.0025), days)
    assert found["title"] == "Energy per good unit (kWh per item) of each day"
    assert found["alt"].endswith("The target is at most 0.0025 kWh per item.")
    assert [it["text"] for it in found["ticks"]] == ["0.000", "0.001", "0.002", "0.003", "0.004"]


def test_what_ends_at_the_edge_is_told() -> None:
    days = [Day(1_000, good=1_000, energy_kwh=3.0)] * 4 + [Day(1_000, good=10, energy_kwh=3.0)]
    found = drawn(KpiTerms("energy_per_good_unit", "<=", WEEK, target=0.0025), days)
    assert found["marks"][-1]["value"] == 1.0
    assert found["beyond"] == "Marks that end at the upper edge reach further up."


def test_where_nothing_bounds_a_figure_its_band_goes_to_the_edge() -> None:
    days = [Day(1_000, 9_000, good=None)] + [oee_day(0.7)] * 4
    found = drawn(KpiTerms("energy_per_good_unit", "<=", WEEK, target=0.0025), days)
    assert found is None or found["marks"][0]["band"] is None or found["marks"][0]["band"][1] == 1.0


def test_without_any_figure_there_is_no_chart() -> None:
    given = judged(
        KpiTerms("oee", ">=", WEEK, target=0.65), [Day(good=None)] * 5, start=START, due=WEEK.end
    )
    assert given.value is None
    assert drawn(KpiTerms("oee", ">=", WEEK, target=0.65), [Day(good=None)] * 5) is None


def test_in_chinese() -> None:
    terms = KpiTerms("oee", ">=", WEEK, target=0.65)
    found = drawn(terms, [oee_day(0.7)] * 5, "zh-Hant")
    assert found["title"] == "每日設備綜合效率 (OEE)"
    assert found["alt"].endswith("目標為不低於 65%。")
