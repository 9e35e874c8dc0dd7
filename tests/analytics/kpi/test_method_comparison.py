"""Methods side by side: the same seconds in other classes, and what that makes of the KPIs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from plants import calendar, history, local, plant, shift

from analytics.facts.line_facts import line_facts
from analytics.kpi.aggregation import ROW, condensed
from analytics.kpi.method_comparison import compared
from analytics.kpi.rows import kpi_rows
from analytics.methods.registry import METHODS
from domain.errors import InputError
from domain.plant import StopReason
from domain.states import ReasonKind, TimeClass
from domain.time import Window

START, END = local("2026-03-02 07:00"), local("2026-03-02 15:00")
ROLES = ("state", "stop_reason", "order", "total_count", "reject_count")
REASONS = {
    kind.value: StopReason(kind.value, {"en": kind.value}, kind)
    for kind in (ReasonKind.SETUP, ReasonKind.PLANNED, ReasonKind.MAINTENANCE, ReasonKind.BREAKDOWN)
}
PLANT = replace(
    plant(calendar(shift("A", "07:00", "15:00", ("11:00", "11:30"))), roles=ROLES),
    reasons=REASONS,
)


def after(minutes: float) -> Any:
    return START + timedelta(minutes=minutes)


def shift_facts() -> pl.DataFrame:
    """450 planned minutes: 30 setup, 20 a stop for a changeover, 15 planned, 10 maintenance by
    its reason, 25 a breakdown, 40 without an order; the rest runs."""
    course = [
        (0, "producing", None),
        (60, "setup", None),
        (90, "producing", None),
        (120, "stopped", "setup"),
        (140, "producing", None),
        (150, "stopped", "planned"),
        (165, "producing", None),
        (180, "stopped", "maintenance"),
        (190, "producing", None),
        (200, "fault", "breakdown"),
        (225, "producing", None),
        (440, "idle", None),
    ]
    rows: list[tuple[str, Any, float | str]] = [("order", START, "A-1"), ("order", after(440), "")]
    for minute, state, reason in course:
        rows.append(("state", after(minute), state))
        if reason:
            rows.append(("stop_reason", after(minute), reason))
    rows += [("total_count", START, 0.0), ("total_count", END, 9000.0)]
    rows += [("reject_count", START, 0.0), ("reject_count", END, 0.0)]
    return line_facts(PLANT, "l1", history(rows, START, END), START, END)


def rows_of(*methods: str) -> list[dict[str, Any]]:
    return kpi_rows(PLANT, "l1", shift_facts(), Window(START, END), None, methods)


def classes(row: dict[str, Any]) -> dict[str, float]:
    """Minutes by class, those that are not zero."""
    minutes = {kind.value: row[f"{kind.value}_time_s"] / 60 for kind in TimeClass}
    return {name: value for name, value in minutes.items() if value}


def test_each_method_names_itself_and_puts_every_second_somewhere() -> None:
    found = {row.method: row for row in rows_of(*METHODS)}
    assert list(found) == ["iso22400", "oee-com", "planned-changeover-excluded", "semi-e10"]
    run = 310.0  # 450 less setup 30, stops 20 + 15 + 10 + 25, and idle 40
    assert classes(found["iso22400"]) == {
        "production": run, "setup": 50.0, "maintenance": 10.0, "delay": 40.0, "down": 40.0,
        "planned_down": 30.0,
    }  # fmt: skip
    assert classes(found["oee-com"]) == {
        "production": run, "setup": 50.0, "delay": 25.0, "planned_down": 30.0 + 15 + 10 + 40
    }  # fmt: skip
    assert classes(found["planned-changeover-excluded"]) == {
        "production": run, "delay": 25.0, "down": 40.0, "planned_down": 30.0 + 30 + 20 + 15 + 10
    }  # fmt: skip
    assert classes(found["semi-e10"]) == classes(found["iso22400"])
    for row in found.values():
        assert row["availability"] == run * 60 / row["planned_busy_time_s"]


def test_the_states_of_semi_e10_and_their_sums() -> None:
    elements = {name: s / 60 for name, s in rows_of("semi-e10")[0]["time_elements"].items()}
    assert elements == {
        "PRD": 310.0, "SBY": 40.0, "ENG": 50.0, "SDT": 30.0 + 15 + 10, "UDT": 25.0, "NST": 0.0,
        "UNK": 0.0, "manufacturing_time": 350.0, "uptime": 400.0, "downtime": 80.0,
        "operations_time": 450.0 + 30, "total_time": 480.0,
    }  # fmt: skip


def test_the_elements_of_iso_22400() -> None:
    elements = {name: s / 60 for name, s in rows_of("iso22400")[0]["time_elements"].items()}
    assert elements == {
        "APT": 310.0, "AUST": 50.0, "ADET": 40.0, "ADOT": 40.0, "PDOT": 30.0, "MAINTENANCE": 10.0,
        "NOT_PLANNED": 0.0, "UNKNOWN": 0.0, "AUPT": 360.0, "AUBT": 400.0, "PBT": 450.0,
        "POT": 480.0, "TOTAL": 480.0,
    }  # fmt: skip


def test_the_second_method_says_where_it_differs_from_the_first() -> None:
    first, second = rows_of("iso22400", "planned-changeover-excluded")
    assert "differs_from" not in first.figures
    difference = second["differs_from"]
    assert difference["method"] == "iso22400"
    assert difference["moved"] == [
        {"from": "setup", "to": "planned_down", "seconds": 50 * 60.0},
        {"from": "delay", "to": "planned_down", "seconds": 15 * 60.0},
        {"from": "maintenance", "to": "planned_down", "seconds": 10 * 60.0},
    ]
    assert difference["kpis"]["oee"] == [first["oee"], second["oee"]]
    assert first["oee"] < second["oee"]
    assert "quality_ratio" not in difference["kpis"]
    assert "first_pass_yield" not in difference["kpis"]


@pytest.mark.parametrize("method", [name for name in METHODS if name != "iso22400"])
def test_what_moved_explains_every_class(method: str) -> None:
    first, second = rows_of("iso22400", method)
    for kind in TimeClass:
        name = kind.value
        moved = second["differs_from"]["moved"]
        came = sum(change["seconds"] for change in moved if change["to"] == name)
        left = sum(change["seconds"] for change in moved if change["from"] == name)
        assert second[f"{name}_time_s"] == first[f"{name}_time_s"] + came - left


def test_the_last_digit_of_a_quotient_is_no_difference() -> None:
    """0.1 × 3 and 0.3: the same figure in another order of multiplication."""
    (first,) = rows_of("iso22400")
    second = replace(
        first,
        figures=first.figures
        | {"oee": first["oee"] * (1 + 2**-52), "teep": first["teep"] * (1 + 1e-9)},
    )
    assert second["oee"] != first["oee"]
    facts = condensed(shift_facts()).with_columns(pl.lit(0).alias(ROW))
    (row,) = compared(facts, [first], [second])
    assert row["differs_from"] == {
        "method": "iso22400", "moved": [], "kpis": {"teep": [first["teep"], second["teep"]]}
    }  # fmt: skip


def test_by_hour_each_row_is_compared_with_that_of_the_same_hour() -> None:
    both = ("iso22400", "planned-changeover-excluded")
    rows = kpi_rows(PLANT, "l1", shift_facts(), Window(START, END), "hour", both)
    assert [row.method for row in rows] == [both[0]] * 8 + [both[1]] * 8
    moved = [sum(c["seconds"] for c in row["differs_from"]["moved"]) for row in rows[8:]]
    assert moved == [0.0, 1800.0, 20 * 60.0 + 15 * 60.0, 600.0, 0.0, 0.0, 0.0, 0.0]


def test_a_method_given_twice_is_one_and_an_unknown_one_is_told() -> None:
    assert rows_of("iso22400", "iso22400") == rows_of("iso22400")
    with pytest.raises(InputError, match="unknown method 'isp22400'"):
        rows_of("iso22400", "isp22400")
