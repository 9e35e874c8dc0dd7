"""The six big losses: hand-made days, and that they explain the gap between OEE and 1."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from stop_intervals import ZERO, Piece, busy, intervals

from analytics.stops.six_big_losses import Made, losses, start_ups
from analytics.stops.stop_list import stop_pieces
from domain.errors import InputError
from domain.frames import ORDER_LOST
from domain.plant import Plant, StopReason
from domain.states import ReasonKind
from domain.time import Window

REASONS = {
    reason.id: reason
    for reason in (
        StopReason("lunch", {"en": "Lunch"}, ReasonKind.PLANNED),
        StopReason("format", {"en": "Format"}, ReasonKind.SETUP),
        StopReason("service", {"en": "Service"}, ReasonKind.MAINTENANCE),
        StopReason("jam", {"en": "Jam"}, ReasonKind.BREAKDOWN),
    )
}
PLANT = Plant("p", ZoneInfo("UTC"), {"en": "P"}, "1", {}, {}, REASONS)
ALL_GOOD = Made(3000.0, 3000.0, 3000.0, 0.0)


def lost(
    made: Made,
    *pieces: Piece,
    method: str = "iso22400",
    mode: str | None = None,
    order: str | None = None,
) -> dict[str, Any]:
    texts = (pl.lit(mode, dtype=pl.String).alias("mode"), pl.lit(order, pl.String).alias("order"))
    frame = intervals(*pieces).with_columns(texts)
    return asdict(losses(PLANT, stop_pieces(frame, 120.0, 1.0), made, method))


def seconds(found: dict[str, Any]) -> dict[str, float | None]:
    return {row["loss"]: row["duration_s"] for row in found["losses"]}


DAY = (
    busy(60, "producing"),
    busy(10, "fault", "jam"),
    busy(1, "producing"),
    busy(1, "idle"),
    busy(1, "producing"),
    busy(20, "setup"),
    busy(8, "producing"),
    busy(5, "stopped", "lunch"),
    busy(2, "producing"),
    busy(1, "stopped", "format"),
    busy(3, "starved"),
    busy(4, "maintenance"),
    busy(6, "unknown"),
    (30, "stopped", None, "planned_down", "A"),
)


@pytest.mark.parametrize(("method", "lost_s"), [("iso22400", 600.0), ("oee-com", 0.0)])
def test_a_stop_is_no_loss_where_nobody_knows_whether_it_was_planned(
    method: str, lost_s: float
) -> None:
    day = (busy(50, "producing"), busy(10, "fault"))
    assert seconds(lost(ALL_GOOD, *day, method=method, order=ORDER_LOST))["breakdowns"] == lost_s
    assert seconds(lost(ALL_GOOD, *day, method=method, order="A"))["breakdowns"] == 600.0


def test_every_second_of_a_day_is_one_loss_or_good_items() -> None:
    """72 producing minutes made 3,600 items of 1 s, 180 of them bad."""
    found = lost(Made(3600.0, 3600.0, 3420.0, 180.0, 60.0), *DAY)
    assert seconds(found) == {
        "breakdowns": 600.0,
        "setup_and_adjustment": (20 + 5 + 4) * 60.0 + 4 * 60,  # format and starved are one stop
        "minor_stops": 60.0,
        "reduced_speed": 720.0,
        "process_defects": 120.0,
        "start_up": 60.0,
    }
    assert found["known_busy_time_s"] == 116 * 60
    assert found["good_ideal_time_s"] == 3420
    assert 3420 + sum(row["duration_s"] for row in found["losses"]) == 116 * 60
    assert sum(row["share"] for row in found["losses"]) == pytest.approx(1 - 3420 / 6960)


def test_rejects_are_process_defects_where_nobody_can_tell_when_they_came() -> None:
    found = lost(Made(3600.0, 3600.0, 3420.0, 180.0), *DAY)
    assert seconds(found)["process_defects"] == 180
    (start_up,) = (row for row in found["losses"] if row["loss"] == "start_up")
    assert (start_up["duration_s"], start_up["share"]) == (None, None)
    assert "start_up_s" in start_up["not_computable"]


def test_losses_without_counts_are_null_and_say_what_is_missing() -> None:
    found = lost(Made(None, 3600.0, None, None), *DAY)
    assert seconds(found)["breakdowns"] == 600
    for row in found["losses"][3:]:
        assert row["duration_s"] is None
        assert row["not_computable"] == "needs ideal_time_s, good_count, total_count"
    assert found["good_ideal_time_s"] is None


def test_a_machine_that_runs_and_makes_nothing_loses_speed() -> None:
    found = lost(Made(0.0, 0.0, 0.0, 0.0), busy(10, "producing"))
    assert seconds(found)["reduced_speed"] == 600
    assert found["good_ideal_time_s"] == 0


def test_items_faster_than_planned_are_a_negative_loss() -> None:
    """ETS_PES_issues#81: an effectiveness over 1 is never capped."""
    found = lost(ALL_GOOD, busy(40, "producing"), busy(10, "fault"))
    assert seconds(found)["reduced_speed"] == -600
    assert found["good_ideal_time_s"] + 600 - 600 == found["known_busy_time_s"]


def test_a_stop_without_an_order_is_none_of_the_six() -> None:
    found = lost(ALL_GOOD, busy(50, "producing"), busy(10, "idle"), order="")
    assert found["no_order_time_s"] == 600
    assert seconds(found)["breakdowns"] == 0


def test_maintenance_is_planned_unless_people_call_it_a_breakdown() -> None:
    found = lost(ALL_GOOD, busy(50, "producing"), busy(10, "maintenance", "jam"))
    assert seconds(found)["breakdowns"] == 600
    found = lost(ALL_GOOD, busy(50, "producing"), busy(10, "stopped"), mode="maintenance")
    assert seconds(found)["setup_and_adjustment"] == 60 * 60, "in this mode nothing is production"
    found = lost(ALL_GOOD, busy(50, "producing"), busy(10, "stopped", "service"))
    assert seconds(found)["setup_and_adjustment"] == 600


def test_what_a_method_leaves_out_of_planned_time_is_no_loss() -> None:
    found = lost(ALL_GOOD, *DAY, method="planned-changeover-excluded")
    assert found["known_busy_time_s"] == (72 + 10 + 1 + 3) * 60
    assert seconds(found)["setup_and_adjustment"] == 180, "what remains of the stop for a format"
    with pytest.raises(InputError, match="unknown method"):
        lost(ALL_GOOD, *DAY, method="guessed")


def test_nothing_planned_and_nothing_known_has_no_shares() -> None:
    found = lost(Made(0.0, 0.0, 0.0, 0.0), busy(10, "unknown"))
    assert found["known_busy_time_s"] == 0
    assert {row["share"] for row in found["losses"]} == {None}


def at(minutes: float) -> datetime:
    return ZERO.astimezone(UTC) + timedelta(minutes=minutes)


def test_production_starts_up_after_a_setup_and_in_a_shift() -> None:
    pieces = intervals(
        (10, "off", None, "not_planned", ""),
        busy(5, "idle", shift="A"),
        busy(20, "producing", shift="A"),  # 15: first of the shift
        busy(5, "fault", shift="A"),
        busy(5, "producing", shift="A"),
        busy(5, "setup", shift="A"),
        busy(2, "idle", shift="A"),
        busy(3, "producing", shift="A"),  # 52: first after the setup
        busy(30, "producing", shift="B"),  # just goes on
        busy(5, "setup", shift="B"),
        busy(10, "producing", shift="B"),  # 90
    )
    whole = Window(at(0), at(100))
    starts = [at(15), at(52), at(90)]
    found = start_ups(pieces, whole, 300, 1.0)
    assert [window.start for window in found] == starts
    assert {window.end - window.start for window in found} == {timedelta(minutes=5)}
    long = start_ups(pieces, whole, 3600, 1.0)
    assert [window.end for window in long] == [at(52), at(90), at(100)], "none reaches further"
    assert [w.start for w in start_ups(pieces, Window(at(16), at(80)), 60, 1.0)] == [at(52)]
    assert start_ups(pieces, whole, 0, 1.0) == []


def test_chatter_of_production_is_no_start_up() -> None:
    """Somebody jogs the machine after a setup, and it starts up half an hour later."""
    pieces = intervals(
        busy(10, "producing"),
        busy(20, "setup"),
        busy(0.5 / 60, "producing"),
        busy(30, "stopped"),
        busy(30, "producing"),
    )
    (found,) = start_ups(pieces, Window(at(0), at(90)), 300, chatter_s=1.0)
    assert found.start == at(60) + timedelta(seconds=0.5)
    (jogged,) = start_ups(pieces, Window(at(0), at(90)), 300, chatter_s=0.0)
    assert jogged.start == at(30)
