"""What a visit may say, and what a panel's figure may stand for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.errors import InputError
from domain.site_visits import (
    READINGS_MAX,
    VISIT_TEXT_MAX,
    PanelReading,
    SiteVisit,
    VisitKind,
    check_visit,
    minute_of,
    shown_value,
    visit_kind_named,
)

BEGAN = datetime(2026, 3, 18, 2, 0, 30, tzinfo=UTC)
LINES = {"press-1": ["press", "meter"], "press-2": ["other"]}
READING = PanelReading("press", "total_count", BEGAN, Decimal(7), "chan")
VISIT = SiteVisit(
    "P", "M1", 0, "press-1", VisitKind.PLANNED, BEGAN, "chan", BEGAN + timedelta(hours=3),
    readings=(READING,),
)  # fmt: skip


def test_one_that_can_be_is_let_in() -> None:
    check_visit(VISIT, LINES)
    check_visit(replace(VISIT, readings=(), note="all is quiet"), LINES)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"line": "press-3"}, "has no line 'press-3'"),
        ({"visited_at": BEGAN + timedelta(hours=4)}, "has not been yet"),
        ({"readings": ()}, "neither a reading nor a note"),
        ({"readings": (READING,) * (READINGS_MAX + 1)}, "has 51 readings"),
        ({"note": "x" * (VISIT_TEXT_MAX + 1)}, "4001 characters"),
        ({"line": "press-2"}, "has no machine 'press'"),
    ],
)
def test_a_visit_that_cannot_be_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        check_visit(replace(VISIT, **change), LINES)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"machine": "other"}, "line press-1 has no machine 'other'"),
        ({"signal": "state"}, "'state' is no number"),
        ({"signal": "odour"}, "unknown signal 'odour'"),
        ({"read_at": BEGAN - timedelta(minutes=1)}, "before the visit began"),
        ({"read_at": BEGAN + timedelta(hours=3, seconds=1)}, "after it was entered"),
        ({"read_by": ""}, "nobody is named"),
        ({"note": "x" * (VISIT_TEXT_MAX + 1)}, "4001 characters"),
    ],
)
def test_a_reading_that_cannot_be_is_refused(change: dict[str, Any], says: str) -> None:
    """The minute of the visit's begin counts, though it began within it."""
    early = replace(READING, read_at=BEGAN.replace(second=0))
    with pytest.raises(InputError, match=says) as told:
        check_visit(replace(VISIT, readings=(early, replace(READING, **change))), LINES)
    assert says.startswith("unknown") or told.value.where == "readings[2]"


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("18204", 18203.5, 18205.0),
        ("1250.4", 1250.35, 1250.5),
        ("1250.40", 1250.395, 1250.41),
        (" 0 ", -0.5, 1.0),
        ("-3.5", -3.55, -3.4),
    ],
)
def test_a_panel_cuts_off_or_rounds(text: str, low: float, high: float) -> None:
    read = replace(READING, value=shown_value(text))
    assert (read.shown_low, read.shown_high) == pytest.approx((low, high))


@pytest.mark.parametrize(
    "text",
    ["", "1,204", "1 204", "1.2e3", "nan", "inf", "18204 kWh", "٣", "1." + "0" * 7, "9" * 16],
)
def test_what_is_no_figure_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no figure of a panel"):
        shown_value(text)


def test_kinds_have_names() -> None:
    assert visit_kind_named("unannounced") is VisitKind.UNANNOUNCED
    with pytest.raises(InputError, match="no kind of visit 'secret'"):
        visit_kind_named("secret")


def test_a_reading_is_of_its_whole_minute() -> None:
    start, end = minute_of(READING)
    assert (start, end) == (BEGAN.replace(second=0), BEGAN.replace(minute=1, second=0))
