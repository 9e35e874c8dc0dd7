"""A panel's reading beside the sealed series of its minute."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from telemetry import at, samples, spans

from analytics.milestones.panel_readings import Agreement, Comparison, held_against_series
from domain.frames import HISTORY, LineHistory
from domain.site_visits import PanelReading
from store.telemetry.frames import MACHINE_SPANS

MINUTE = at(600)  # 10 minutes after the day's start
ROWS = [(580.0, 18_199.0), (610.0, 18_204.0), (665.0, 18_209.0)]


def history(
    rows: list[tuple[float, float | None]],
    *heard: tuple[float, float],
    signal: str = "total_count",
    **values: Any,
) -> LineHistory:
    told = samples(
        *(
            {"time": at(second), "value": value, "signal": signal, **values}
            for second, value in rows
        )
    )
    alive = spans(*((at(start), at(end)) for start, end in heard)).select(MACHINE_SPANS.names())
    return LineHistory(
        "filler-1", MINUTE, at(660), told.select(HISTORY.names()).sort("time"), alive
    )


def reading(value: str, signal: str = "total_count", read_at: datetime = MINUTE) -> PanelReading:
    return PanelReading("filler", signal, read_at, Decimal(value), "chan")


@pytest.mark.parametrize("second", [600, 630.5, 659.999])
@pytest.mark.parametrize(
    ("value", "difference"),
    [("18199", None), ("18204", None), ("18209", None), ("18198", -1), ("18260", 51), ("18210", 1)],
)
def test_a_counter_between_the_samples_around_its_minute(
    value: str, difference: float | None, second: float
) -> None:
    found = held_against_series(reading(value, read_at=at(second)), history(ROWS))
    assert (found.low, found.high) == (18_199, 18_209)
    assert (found.before, found.after) == (at(580), at(665))
    assert found.difference == difference
    assert found.agreement is (Agreement.AGREES if difference is None else Agreement.DIFFERS)


def test_digits_that_a_panel_does_not_show_are_no_difference() -> None:
    sealed = history([(500, 1250.47), (700, 1250.48)], signal="energy")
    assert held_against_series(reading("1250.4", "energy"), sealed).agreement is Agreement.AGREES
    assert held_against_series(reading("1250.5", "energy"), sealed).agreement is Agreement.AGREES
    assert held_against_series(reading("1250.3", "energy"), sealed).difference == pytest.approx(
        -0.17
    )
    assert held_against_series(reading("1250.6", "energy"), sealed).difference == pytest.approx(
        0.12
    )


def test_a_counter_that_was_reset_within_it() -> None:
    sealed = history([(580, 900), (620, 3), (670, 8)])
    found = held_against_series(reading("2"), sealed)
    assert (found.low, found.high, found.difference) == (3, 900, -1)
    assert held_against_series(reading("901"), sealed).difference == 1


@pytest.mark.parametrize(
    ("rows", "heard"),
    [
        ([], []),
        ([(610, 5), (700, 6)], [(600, 660)]),  # nothing before it
        ([(580, 5), (610, 6)], []),  # nothing behind it, and not heard to its end
        ([(580, 5), (610, 6)], [(500, 659)]),
        ([(580, None), (700, 6)], []),
    ],
)
def test_where_the_series_does_not_reach_around_it_nothing_was_sealed(
    rows: list[tuple[float, float | None]], heard: list[tuple[float, float]]
) -> None:
    found = held_against_series(reading("5"), history(rows, *heard))
    assert found == Comparison(Agreement.NOT_SEALED)


def test_a_machine_that_was_heard_to_the_end_of_it_needs_no_later_sample() -> None:
    """As one that tells its counter when it changes."""
    found = held_against_series(reading("5"), history([(100, 5)], (50, 660)))
    assert (found.agreement, found.before, found.after) == (Agreement.AGREES, at(100), None)
    assert held_against_series(reading("6"), history([(100, 5)], (50, 660))).difference == 1


def test_a_value_that_goes_up_and_down_is_known_only_while_its_machine_is_heard() -> None:
    rows: list[tuple[float, float | None]] = [(500, 20.0), (700, 30.0)]
    found = held_against_series(reading("25", "power"), history(rows, signal="power"))
    assert found.agreement is Agreement.NOT_SEALED
    found = held_against_series(reading("25", "power"), history(rows, (400, 800), signal="power"))
    assert found.agreement is Agreement.AGREES


def test_what_is_bad_says_nothing() -> None:
    sealed = history([(580, 5), (670, 6)], quality=2)
    assert held_against_series(reading("5"), sealed).agreement is Agreement.NOT_SEALED


def test_another_machine_of_the_line_says_nothing_of_it() -> None:
    other = PanelReading("meter", "total_count", MINUTE, Decimal(5), "chan")
    assert held_against_series(other, history(ROWS, (0, 900))).agreement is Agreement.NOT_SEALED
