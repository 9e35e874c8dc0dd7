"""Geometry of the small charts."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from api.pages.drawing.bars import STATE_HEIGHT, bounds_bar, timeline
from domain.states import MachineState
from domain.time import Window

ZONE = ZoneInfo("Asia/Hong_Kong")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def row(start: str, end: str, state: str, plan: str = "busy") -> dict[str, object]:
    return {"start": at(start), "end": at(end), "state": state, "reason": None, "plan": plan}


def test_a_ratio_stands_on_a_scale_from_nought_to_one() -> None:
    bar = bounds_bar(0.75, 0.7, 0.8, 0.65)
    assert (bar.value, bar.low, bar.high, bar.target) == (75, 70, 80, 65)
    assert bar.width == 10


def test_a_little_doubt_is_still_seen() -> None:
    assert bounds_bar(0.75, 0.7499, 0.7501).width == 0.6
    assert bounds_bar(0.75, 0.75, 0.75).width == 0


def test_an_oee_over_one_stays_inside_its_chart() -> None:
    """ETS_PES_issues#81: an OEE of 121 or 253 % broke the display."""
    bar = bounds_bar(2.53, 2.0, 2.6, 0.65)
    assert bar.scale == 2.6
    assert max(x for x in (bar.value, bar.low, bar.high, bar.target) if x is not None) == 100


def test_figures_without_a_scale_of_their_own() -> None:
    bar = bounds_bar(40, 20, 80, 100, ratio=False)
    assert bar.target == round(100 / 1.15, 3)
    empty = bounds_bar(None, None, None, ratio=False)
    assert (empty.value, empty.low, empty.width) == (None, None, 0)
    nought = bounds_bar(0, 0, 0, ratio=False)
    assert (nought.value, nought.width) == (0, 0)


def test_the_timeline_fills_its_width_and_sums_its_states() -> None:
    window = Window(at("2026-03-05T00:00"), at("2026-03-06T00:00"))
    drawn = timeline(
        [
            row("2026-03-05T00:00", "2026-03-05T06:00", "off", "not_planned"),
            row("2026-03-05T06:00", "2026-03-05T12:00", "producing"),
            row("2026-03-05T12:00", "2026-03-05T18:00", "producing", "planned_down"),
            row("2026-03-05T18:00", "2026-03-06T00:00", "unknown"),
        ],
        window,
    )
    assert [(mark.state, mark.x, mark.width) for mark in drawn.marks] == [
        ("off", 0, 25),
        ("producing", 25, 50),
        ("unknown", 75, 25),
    ]
    assert drawn.unplanned == ((0, 25), (50, 25))
    assert drawn.seconds[0] == ("producing", 12 * 3600)
    assert sum(seconds for _, seconds in drawn.seconds) == 86_400


def test_every_state_has_a_height() -> None:
    assert set(STATE_HEIGHT) == set(MachineState.names())
