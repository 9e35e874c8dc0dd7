"""Accepted facts in the place of present ones, and rows restated beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from telemetry import at, facts

from analytics.corrections.accepted_periods import (
    FrozenFacts,
    accepted,
    accepted_figures,
    check_window,
    identified,
    not_yet_frozen,
    pieces,
    with_absent,
    with_restated,
)
from analytics.kpi.periods import Period
from analytics.kpi.row_columns import KpiRow, Restated
from domain.corrections import Correction, CorrectionKind
from domain.errors import InputError
from domain.time import Window

HOUR = 3600.0
ZONE = ZoneInfo("Asia/Hong_Kong")
FROZEN_AT = at(100 * HOUR)


def hours(*borders: float) -> list[tuple[datetime, datetime]]:
    """Slices between those hours of the test day."""
    return [(at(a * HOUR), at(b * HOUR)) for a, b in pairwise(borders)]


def frozen(kept: pl.DataFrame) -> FrozenFacts:
    times = kept["start"].to_list() + kept["end"].to_list()
    return FrozenFacts(Window(min(times), max(times)), FROZEN_AT, kept)


def good(frame: pl.DataFrame) -> list[float | None]:
    return frame["good_count"].to_list()


def test_accepted_facts_stand_where_it_is_frozen_and_present_ones_elsewhere() -> None:
    present = facts(hours(0, 1, 2, 3, 4), good_count=1.0)
    kept = facts(hours(1, 2, 3), good_count=9.0)
    assert good(accepted(present, [frozen(kept)])) == [1.0, 9.0, 9.0, 1.0]
    apart = [frozen(facts(hours(a, a + 1), good_count=9.0)) for a in (0, 3)]
    assert good(accepted(present, apart)) == [9.0, 1.0, 1.0, 9.0]
    assert_frame_equal(accepted(present, []), present)


def test_a_window_inside_a_frozen_period_reads_its_part_of_it() -> None:
    kept = facts(hours(0, 1, 2, 3, 4), good_count=9.0)
    present = facts(hours(1, 2, 3), good_count=1.0)
    assert good(accepted(present, [frozen(kept)])) == [9.0, 9.0]


def test_a_piece_of_a_frozen_slice_is_of_the_present() -> None:
    kept = facts(hours(0, 1, 2), good_count=9.0)
    present = facts(hours(0.5, 1, 2), good_count=1.0)
    assert good(accepted(present, [frozen(kept)])) == [1.0, 9.0]
    assert good(accepted(facts(hours(0.2, 0.7), good_count=1.0), [frozen(kept)])) == [1.0]


def test_a_calendar_that_changed_since_does_not_count_time_twice() -> None:
    """Accepted with a break from 1:30 on, now the break is at 2:15: hours cut both."""
    kept = facts(hours(0, 1, 1.5, 2, 3), good_count=9.0)
    present = facts(hours(0, 1, 2, 2.25, 3, 4), good_count=1.0)
    joined = accepted(present, [frozen(kept)])
    assert good(joined) == [9.0, 9.0, 9.0, 9.0, 1.0]
    assert (joined["end"][:-1] == joined["start"][1:]).all()
    # A window that begins within a slice of either calendar.
    present = facts(hours(1.75, 2, 2.25, 3), good_count=1.0)
    assert good(accepted(present, [frozen(kept)])) == [1.0, 9.0]


def test_what_of_the_frozen_time_is_not_as_it_was_accepted_is_told() -> None:
    kept = frozen(facts(hours(1, 2, 3)))

    def apart(*borders: float) -> list[tuple[float, float]]:
        found = pieces(facts(hours(*borders)), [kept])
        return [((it.start - at(0)) / timedelta(hours=1), (it.end - at(0)) / timedelta(hours=1))
                for it in found]  # fmt: skip

    assert apart(0, 1, 2, 3, 4) == apart(1, 2) == []
    assert apart(1.5, 2, 3) == [(1.5, 2)]
    assert apart(0.5, 1, 2, 2.5) == [(2, 2.5)]
    assert apart(1.25, 1.75) == [(1.25, 1.75)]
    assert apart(1.5, 2, 2.5) == [(1.5, 2.5)], "no whole slice is left"
    told = with_restated(
        identified([row(), row(hour=1)], facts(hours(0, 1, 2)), "hour"),
        {},
        [kept],
        [Window(at(1.5 * HOUR), at(2.5 * HOUR))],
    )
    assert told[0].not_frozen == ()
    assert told[1].not_frozen == (Window(at(1.5 * HOUR), at(2 * HOUR)),)


def row(
    key: str | None = None, hour: float = 0, method: str = "iso22400", **figures: Any
) -> KpiRow:
    window = Window(at(hour * HOUR), at((hour + 1) * HOUR))
    return KpiRow(Period("l", ZONE, window, key), method, {"oee": 0.5, "flags": []} | figures)


def beside(stands: list[KpiRow], present: list[KpiRow], periods: list[FrozenFacts]) -> list[KpiRow]:
    """Of rows that are no shifts: those are what they are of by themselves."""
    nothing = facts(hours(0, 1))
    return with_restated(
        identified(stands, nothing, "hour"), identified(present, nothing, "hour"), periods, []
    )


def test_only_a_row_that_differs_is_restated_and_only_where_it_is_frozen() -> None:
    period = frozen(facts(hours(0, 1)))
    stands = [row("a"), row("b", oee=0.7), row("c", hour=5, oee=0.7)]
    present = [row("a"), row("b", flags=["gap"]), row("c", hour=5)]
    told = beside(stands, present, [period])
    assert told[0] == stands[0]
    restated = Restated({"oee": 0.5, "flags": ["gap"]}, FROZEN_AT)
    assert told[1] == replace(stands[1], restated=restated)
    assert told[2] == stands[2], "not frozen: both are the present one"


def test_rows_are_paired_by_key_and_method() -> None:
    period = frozen(facts(hours(0, 1)))
    stands = [row("a", method="x", oee=1.0), row("a", method="y", oee=2.0)]
    present = [row("a", method="y", oee=2.0), row("a", method="x", oee=1.5)]
    told = beside(stands, present, [period])
    assert told[0].restated.figures["oee"] == 1.5
    assert told[1].restated is None


def test_a_product_that_only_late_data_know_has_a_row_of_nothing() -> None:
    stands = facts(hours(0, 1), product="a", good_count=9.0, producing_us=7, stops=1, flags=1)
    late = facts(hours(0, 1), product="b", good_count=5.0, producing_us=7, stops=1, flags=1)
    present = pl.concat([stands, late])
    shown = with_absent(stands, present, "product")
    assert shown["product"].to_list() == ["a", "b"]
    nothing = shown.row(1, named=True)
    assert (nothing["good_count"], nothing["producing_us"]) == (None, 0)
    assert (nothing["stops"], nothing["flags"]) == (0, 0)
    assert_frame_equal(with_absent(stands, present, "day"), stands)


def test_a_product_that_late_data_took_away_is_restated_as_nothing() -> None:
    """Without a row beside it the accepted one would look as if it were the same now."""
    stands = facts(hours(0, 1), product="a", good_count=9.0)
    present = facts(hours(0, 1), product="b", good_count=9.0)
    other = with_absent(present, stands, "product")
    assert other["product"].to_list() == ["a", "b"]
    assert other["good_count"].to_list() == [None, 9.0]


def test_a_shift_is_the_same_one_when_its_first_hour_was_cancelled_since() -> None:
    """Its row begins later by the facts of now, and is still of the shift that was accepted."""
    began = {"shift": "A", "shift_start": at(0)}
    stands, present = facts(hours(0, 1, 2), **began), facts(hours(1, 2), **began)
    accepted_row, row_now = row("A"), row("A", hour=1, oee=0.9)
    told = with_restated(
        identified([accepted_row], stands, "shift"),
        identified([row_now], present, "shift"),
        [frozen(stands)],
        [],
    )
    assert told[0].restated.figures["oee"] == 0.9
    assert with_absent(stands, present, "shift").height == stands.height


@pytest.mark.parametrize("change", [{"shift": "B"}, {"shift_start": at(HOUR)}], ids=str)
def test_a_shift_of_another_name_or_beginning_is_another_one(change: dict[str, Any]) -> None:
    began = {"shift": "A", "shift_start": at(0)}
    stands = facts(hours(0, 1), **began)
    present = facts(hours(0, 1), **(began | change))
    assert with_absent(stands, present, "shift").height == 2
    assert with_absent(present, stands, "shift").height == 2


def figure(identity: str, first: float, last: float, recorded: float) -> Correction:
    return Correction(
        identity,
        "l",
        CorrectionKind.FIGURE,
        at(first * HOUR),
        at(last * HOUR),
        "Ann",
        at(recorded * HOUR),
        element="inspected_part_count",
        amount=1.0,
    )


def test_figures_are_those_of_the_moment_of_acceptance_where_it_is_frozen() -> None:
    early, late = figure("early", 0, 1, 99), figure("late", 0, 1, 101)
    gone = Correction(
        "gone",
        "l",
        CorrectionKind.WITHDRAWAL,
        early.start,
        early.end,
        "Ann",
        at(102 * HOUR),
        withdraws="early",
    )
    outside = figure("outside", 2, 3, 101)
    period = frozen(facts(hours(0, 1, 2)))
    records = [early, late, gone, outside]
    assert accepted_figures(records, [period]) == [early, outside]
    assert accepted_figures(records, []) == [late, outside]


@pytest.mark.parametrize(
    ("zone", "start", "good"),
    [
        ("Asia/Hong_Kong", datetime(2026, 3, 2, 1, tzinfo=UTC), True),
        ("Asia/Hong_Kong", datetime(2026, 3, 2, 1, 30, tzinfo=UTC), False),
        ("Asia/Hong_Kong", datetime(2026, 3, 2, 1, 0, 0, 1, tzinfo=UTC), False),
        ("Asia/Kolkata", datetime(2026, 3, 2, 1, 30, tzinfo=UTC), True),
        ("Asia/Kolkata", datetime(2026, 3, 2, 1, tzinfo=UTC), False),
        # The clocks went an hour ahead at 2:00 of this day.
        ("Europe/Berlin", datetime(2026, 3, 29, 5, tzinfo=UTC), True),
        # Half an hour back at 2:00: hours are counted from midnight, as slices are.
        ("Australia/Lord_Howe", datetime(2026, 4, 5, 1, tzinfo=UTC), True),
    ],
)
def test_a_period_begins_and_ends_at_full_local_hours(
    zone: str, start: datetime, good: bool
) -> None:
    window = Window(start, start + timedelta(hours=5))
    now = start + timedelta(days=1)
    if good:
        check_window(window, ZoneInfo(zone), [], now)
    else:
        with pytest.raises(InputError, match="is not a full hour"):
            check_window(window, ZoneInfo(zone), [], now)


@pytest.mark.parametrize(
    ("frozen", "left"),
    [
        ([], [(7, 15)]),
        ([(9, 11)], [(7, 9), (11, 15)]),
        ([(12, 13), (9, 11)], [(7, 9), (11, 12), (13, 15)]),
        ([(5, 8), (14, 20)], [(8, 14)]),
        ([(7, 9)], [(9, 15)]),
        ([(7, 15)], []),
        ([(1, 20)], []),
        ([(1, 7), (15, 20)], [(7, 15)]),
    ],
)
def test_what_is_not_yet_frozen_is_left(
    frozen: list[tuple[int, int]], left: list[tuple[int, int]]
) -> None:
    def window(start: int, end: int) -> Window:
        return Window(at(start * HOUR), at(end * HOUR))

    found = not_yet_frozen(window(7, 15), [window(*it) for it in frozen])
    assert found == [window(*it) for it in left]


def test_periods_may_touch_but_not_overlap_and_must_be_over() -> None:
    first, second = (Window(*pair) for pair in hours(0, 2, 4))
    check_window(second, ZONE, [first], second.end)
    with pytest.raises(InputError, match="is frozen already"):
        check_window(second, ZONE, [Window(*hours(3, 5)[0])], second.end)
    with pytest.raises(InputError, match="has not come yet"):
        check_window(second, ZONE, [], second.end - timedelta(microseconds=1))
