"""Capability in KPI rows: of the worst characteristic, the same as on its control chart."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from facts_frames import facts as facts_of
from facts_frames import oee_day
from facts_frames import plant as plant_of
from spc_lines import WINDOW, history, line, weights

from analytics.kpi.capability import characteristic, unread
from analytics.kpi.manual_inputs import Characteristic
from analytics.kpi.rows import kpi_rows
from analytics.spc.study import study
from domain.frames import LineHistory
from domain.plant import Line, Measurement
from domain.time import Window

STEADY = [330.0, 331.5, 329.5, 330.5, 329.0, 331.0, 330.0, 330.5, 329.5]
WIDE = [20.0, 24.0, 22.0, 18.0, 26.0, 21.0]
INDICES = {"cp", "cpk", "pp", "ppk", "cm", "cmk"}


def two_measurements() -> Line:
    """Fill weights that fit well, and torques that hardly do; the torque has one limit."""
    one = line()
    torque = Measurement("torque", {"en": "Torque"}, "scale", "Nm", 12.0, None, None, 3)
    return replace(one, measurements={**one.measurements, "torque": torque})


def both_histories() -> LineHistory:
    torques = [
        ("scale", "measurement.torque", float(minute), value, None, 0)
        for minute, value in enumerate(WIDE)
    ]
    return history([*weights(STEADY), *torques])


def row(found: Characteristic) -> dict[str, object]:
    plant = plant_of()
    days = facts_of(WINDOW.start.date(), [oee_day(0.7)])
    window = Window(WINDOW.start, WINDOW.start + timedelta(days=1))
    return kpi_rows(plant, "filler-1", days, window, measured=lambda _: found)[0]


def test_the_worst_characteristic_speaks() -> None:
    where, told = two_measurements(), both_histories()
    found = characteristic(where, told, WINDOW)
    assert found.name == "torque"
    worst = study(where, "torque", told, WINDOW).capability
    assert worst.cpk is not None
    assert worst.cpk < (study(where, "fill", told, WINDOW).capability.cpk or 0.0)
    assert found.indices == {"cpk": worst.cpk, "ppk": worst.ppk, "cmk": worst.cmk}
    assert set(found.cut) == {"cp", "pp", "cm"}


def test_a_row_has_the_indices_and_says_what_is_missing_of_them() -> None:
    where, told = two_measurements(), both_histories()
    found = characteristic(where, told, WINDOW)
    shown = row(found)
    assert shown["characteristic"] == "torque"
    assert shown["critical_process_capability_index"] == found.indices["cpk"]
    assert shown["critical_process_performance_index"] == found.indices["ppk"]
    assert shown["critical_machine_capability_index"] == found.indices["cmk"]
    assert shown["process_capability_index"] is None
    lacking = shown["not_computable"]
    assert isinstance(lacking, dict)
    assert lacking["process_capability_index"] == (
        "It needs both specification limits; the measurement has one."
    )
    assert shown["further"] == {}  # what machines measured is no figure that people told


def test_values_outside_the_window_do_not_speak() -> None:
    later = Window(WINDOW.start + timedelta(hours=1), WINDOW.end)
    assert characteristic(two_measurements(), both_histories(), later) == Characteristic()
    shown = row(Characteristic())
    assert shown["characteristic"] is None
    lacking = shown["not_computable"]
    assert isinstance(lacking, dict)
    assert lacking["machine_capability_index"] == "needs measurement"


def test_a_characteristic_without_indices_does_not_hide_one_that_has_them() -> None:
    where = replace(two_measurements())
    alone = history([*weights(STEADY), ("scale", "measurement.torque", 1.0, 20.0, None, 0)])
    assert characteristic(where, alone, WINDOW).name == "fill"


@pytest.mark.parametrize("why", ["the window has 4000000 samples"])
def test_too_many_samples_are_a_reason(why: str) -> None:
    found = unread(why)
    assert set(found.cut) == INDICES
    lacking = row(found)["not_computable"]
    assert isinstance(lacking, dict)
    assert lacking["critical_process_performance_index"] == why
