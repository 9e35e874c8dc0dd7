"""The running shift, its plan, and whether the line will make it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from web_plant import ZONE

from analytics.shift_forecast import (
    ForecastPeriod,
    ShiftTarget,
    TargetSource,
    forecast_of,
    ordered_parts,
    period_at,
    plan_at,
    shift_target,
)
from domain.plant import Break, Calendar, CalendarException, Line, PlannedOrder, Shift
from domain.time import Window

EVERY_DAY = frozenset(range(7))
NIGHT = Shift("N", EVERY_DAY, time(22), time(6), (Break(time(1), time(1, 30)),))


def line(*shifts: Shift, exceptions: tuple[CalendarException, ...] = ()) -> Line:
    calendar = Calendar("c", shifts, exceptions=exceptions) if shifts else None
    return Line("l", {}, {}, {}, calendar=calendar)


def hk(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_the_running_shift_may_have_begun_yesterday() -> None:
    """united-manufacturing-hub#106: an overnight shift is one shift, its break outside its plan."""
    period = period_at(line(NIGHT), ZONE, hk("2026-03-05T03:00"))
    assert period is not None
    assert (period.name, period.window) == (
        "N",
        Window(hk("2026-03-04T22:00").astimezone(UTC), hk("2026-03-05T06:00").astimezone(UTC)),
    )
    assert period.planned_s == 7.5 * 3600


def test_inside_a_break_the_shift_runs_on() -> None:
    """qcadoo/mes#58: breaks belong to their shift."""
    period = period_at(line(NIGHT), ZONE, hk("2026-03-05T01:10"))
    assert period is not None
    assert period.name == "N"


def test_a_night_with_a_change_of_the_clock_is_an_hour_longer() -> None:
    """datalust/seq-tickets#902: 24-hour steps put DST days in the wrong bucket."""
    berlin = ZoneInfo("Europe/Berlin")
    at = datetime(2026, 10, 25, 3, 30, tzinfo=berlin)
    period = period_at(line(replace(NIGHT, breaks=())), berlin, at)
    assert period is not None
    assert period.planned_s == 9 * 3600


def test_outside_every_shift_there_is_no_period_but_a_next_one() -> None:
    monday = Shift("A", frozenset({0}), time(7), time(15))
    assert period_at(line(monday), ZONE, hk("2026-03-05T12:00")) is None
    plan, following = plan_at(line(monday), ZONE, hk("2026-03-05T12:00"))
    assert (plan, following) == ("not_planned", hk("2026-03-09T07:00"))
    closed = CalendarException(hk("2026-03-01T00:00"), hk("2026-04-01T00:00"), "closed")
    assert plan_at(line(monday, exceptions=(closed,)), ZONE, hk("2026-03-05T12:00"))[1] is None


def test_without_a_calendar_the_period_is_the_local_day() -> None:
    period = period_at(line(), ZONE, hk("2026-03-05T03:00"))
    assert period is not None
    assert period.name == ""
    assert period.window == Window.of_days(date(2026, 3, 5), date(2026, 3, 5), ZONE)


SHIFT = ForecastPeriod("A", Window(hk("2026-03-05T07:00"), hk("2026-03-05T15:00")), 27_000.0)
ROW = {
    "planned_busy_time_s": 13_500.0,
    "unknown_time_s": 0.0,
    "good_count": 9_000.0,
    "good_count_unknown": 0.0,
    "good_count_outside_plan": 0.0,
    "production_unheard_s": 0.0,
    "total_count": 10_000.0,
    "total_count_unknown": 0.0,
    "total_count_outside_plan": 0.0,
    "ideal_time_s": 10_000.0,
}


def test_the_forecast_goes_on_at_the_pace_so_far() -> None:
    """Half of the shift is over: twice the count; 0.6 × 27,000 s ÷ 1 s an item are needed."""
    expected = forecast_of(SHIFT, ROW, 0.6)
    assert (expected.good_count, expected.needed_good_count) == (18_000.0, 16_200.0)
    assert expected.on_pace is True
    assert forecast_of(SHIFT, ROW, 0.7).on_pace is False


def test_items_counted_in_unknown_time_are_counted_but_set_no_pace() -> None:
    row = {**ROW, "unknown_time_s": 4_500.0, "good_count_unknown": 3_000.0}
    expected = forecast_of(SHIFT, row, None)
    assert expected.good_count == 9_000 + 6_000 / 9_000 * 13_500
    assert (expected.needed_good_count, expected.on_pace) == (None, None)


def test_items_made_in_a_break_are_counted_but_set_no_pace() -> None:
    outside = {"good_count_outside_plan": 1_800.0, "total_count_outside_plan": 2_000.0}
    expected = forecast_of(SHIFT, {**ROW, **outside, "ideal_time_s": 8_000.0}, 0.6)
    assert expected.good_count == 9_000 + 7_200 / 13_500 * 13_500
    assert expected.needed_good_count == 16_200  # an item still takes 1 s


@pytest.mark.parametrize(
    "change",
    [
        {"good_count": None},
        {"planned_busy_time_s": 599.0},
        {"unknown_time_s": 13_500.0},
    ],
)
def test_nothing_is_forecast_from_too_little(change: dict[str, float | None]) -> None:
    assert forecast_of(SHIFT, {**ROW, **change}, 0.6).good_count is None


MORNING = Shift("A", EVERY_DAY, time(7), time(15), (Break(time(11), time(11, 30)),))


def order(quantity: float, start: str, end: str) -> PlannedOrder:
    return PlannedOrder("4711", "l", quantity, Window(hk(start), hk(end)))


def test_of_an_order_over_two_shifts_each_has_its_part_by_planned_time() -> None:
    """11.5 h of the order are planned (the break is not), 4 of them here."""
    of_two = order(11_500, "2026-03-05T10:30", "2026-03-06T15:00")
    parts = ordered_parts(line(MORNING), ZONE, [of_two], SHIFT.window)
    assert [round(it.good_count) for it in parts] == [500, 3_500]
    period = replace(SHIFT, ordered=parts)
    forecast = forecast_of(period, ROW, None)
    at_noon = shift_target(period, ROW, forecast, 0.9, hk("2026-03-05T12:30"))
    assert at_noon is not None
    assert at_noon.source is TargetSource.ORDERS
    assert at_noon.oee is None
    assert (at_noon.good_count, at_noon.good_count_now) == (4_000, 1_500)
    assert at_noon.on_pace is True  # 18,000 are expected


def test_orders_of_other_shifts_and_without_planned_time_ask_nothing() -> None:
    outside = order(500, "2026-03-06T07:00", "2026-03-06T15:00")
    night = order(500, "2026-03-04T20:00", "2026-03-05T06:30")
    assert ordered_parts(line(MORNING), ZONE, [outside, night], SHIFT.window) == ()


def test_the_plant_files_target_goes_before_the_funded_one() -> None:
    """Half of 27,000 s are over, an item takes 1 s: 0.6 of it by now, and of all at the end."""
    forecast = forecast_of(SHIFT, ROW, 0.7)
    now = hk("2026-03-05T11:00")
    assert shift_target(SHIFT, ROW, forecast, 0.6, now) == ShiftTarget(
        TargetSource.PLANT_FILE, 0.6, 16_200.0, 8_100.0, on_pace=True
    )
    assert shift_target(SHIFT, ROW, forecast, None, now) == ShiftTarget(
        TargetSource.MILESTONE, 0.7, 18_900.0, 9_450.0, on_pace=False
    )
    assert shift_target(SHIFT, ROW, forecast_of(SHIFT, ROW, None), None, now) is None


def test_before_the_first_item_a_target_oee_is_no_number_of_items() -> None:
    row = {**ROW, "total_count": 0.0, "good_count": 0.0, "ideal_time_s": 0.0}
    found = shift_target(SHIFT, row, forecast_of(SHIFT, row, None), 0.6, hk("2026-03-05T07:20"))
    assert found == ShiftTarget(TargetSource.PLANT_FILE, 0.6, None, None, None)
