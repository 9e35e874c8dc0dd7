"""What stands in the formulas of KPIs: name, symbol of ISO 22400-2, unit, where it comes from.

A KPI that lacks an input names it. An input that no machine gives is a manual input: people enter
it under the same name (`domain.corrections`, kind FIGURE), with its amount over a stretch of time.
Texts are English: the ids of their translations.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.texts import N_


class Source(StrEnum):
    """STATES: always there, known or not. MACHINE: a signal that the line may have. MANUAL: a
    number that people enter. EITHER: from states or counters, unless people enter it.
    MEASUREMENT: computed from the line's measurements."""

    STATES = "states"
    MACHINE = "machine"
    MANUAL = "manual"
    EITHER = "either"
    MEASUREMENT = "measurement"


@dataclass(frozen=True, slots=True)
class Input:
    """`symbol`: of ISO 22400-2, or our own name for what is not there. `needs`: what a KPI
    without it says it needs. `level`: its amounts do not add up (a stock, say): several are
    averaged by their duration.
    """

    name: str
    symbol: str
    unit: str
    source: Source
    text: str
    needs: str
    level: bool = False


def _input(
    name: str,
    symbol: str,
    unit: str,
    source: Source,
    text: str,
    needs: str = "",
    *,
    level: bool = False,
) -> Input:
    return Input(name, symbol, unit, source, text, needs or name, level)


_TIMES = [
    ("production_time_s", "APT", "s", N_("actual production time")),
    ("setup_time_s", "AUST", "s", N_("actual unit setup time")),
    ("delay_time_s", "ADET", "s", N_("actual unit delay time")),
    (
        "processing_time_s",
        "AUPT",
        "s",
        N_("actual unit processing time, APT + AUST"),
    ),
    (
        "busy_time_s",
        "AUBT",
        "s",
        N_("actual unit busy time, AUPT + ADET"),
    ),
    (
        "planned_busy_time_s",
        "PBT",
        "s",
        N_("planned busy time, POT − PDOT"),
    ),
    (
        "planned_operation_time_s",
        "POT",
        "s",
        N_("planned operation time, PBT and planned down time"),
    ),
    (
        "calendar_time_s",
        "calendar time",
        "s",
        N_("every second of the window, planned or not"),
    ),
    (
        "failures",
        "FE",
        "events",
        N_("failure events: faults, and stops whose reason is a breakdown"),
    ),
    (
        "repair_time_s",
        "TTR",
        "s",
        N_("time to repair: how long failures lasted, all together"),
    ),
    (
        "failure_free_time_s",
        "TTF",
        "s",
        N_("operating time to failure: known planned busy time without failure"),
    ),
]
_COUNTED = [
    (
        "order_busy_time_s",
        "AUBT",
        "s",
        N_("actual unit busy time while an order was active"),
        "order",
    ),
    (
        "order_production_time_s",
        "APT",
        "s",
        N_("actual production time while an order was active"),
        "order",
    ),
    (
        "order_time_s",
        "AOET",
        "s",
        N_("order execution time: time in which an order was active"),
        "order",
    ),
    (
        "ideal_time_s",
        "PRI × PQ",
        "s",
        N_("planned run time of the items made in known time"),
        "",
    ),
    ("total_count", "PQ", "items", N_("produced quantity"), ""),
    ("good_count", "GQ", "items", N_("good quantity"), ""),
    ("reject_count", "SQ", "items", N_("scrap quantity"), ""),
    ("rework_count", "RQ", "items", N_("rework quantity"), ""),
    ("energy_kwh", "total energy", "kWh", N_("energy consumed"), ""),
]
_MANUAL = [
    (
        "personnel_work_time_s",
        "APWT",
        "s",
        N_("personnel work time on orders"),
    ),
    (
        "personnel_attendance_time_s",
        "APAT",
        "s",
        N_("personnel attendance time, without breaks"),
    ),
    (
        "planned_scrap_count",
        "PSQ",
        "items",
        N_("planned scrap quantity"),
    ),
    ("inspected_part_count", "IP", "items", N_("inspected parts")),
    (
        "first_operation_count",
        "PQ of the first operation",
        "items",
        N_("produced quantity of the first operation"),
    ),
    (
        "consumed_material",
        "CM",
        "unit of the quantity",
        N_("consumed material, in the unit of the quantity above it"),
    ),
    (
        "integrated_good_quantity",
        "IGQ",
        "unit of CM",
        N_("integrated good quantity"),
    ),
    ("production_loss", "PL", "unit of CM", N_("production loss")),
    (
        "storage_and_transport_loss",
        "STL",
        "unit of CM",
        N_("storage and transport loss"),
    ),
    ("other_loss", "OL", "unit of CM", N_("other loss")),
    (
        "equipment_production_capacity",
        "EPC",
        "items",
        N_("the most that the equipment could have made in that time"),
    ),
]
_EITHER = [
    (
        "good_part_count",
        "GP",
        "items",
        N_(
            "good parts at the first pass; if nobody enters them, the good quantity less the rework"
        ),
    ),
    (
        "corrective_maintenance_time_s",
        "CMT",
        "s",
        N_("corrective maintenance time; if nobody enters it, the time to repair"),
    ),
    (
        "preventive_maintenance_time_s",
        "PMT",
        "s",
        N_(
            "preventive maintenance time: without a figure, maintenance within the planned "
            "operation time but for repairs"
        ),
    ),
]
_MEASURED = [
    ("upper_specification_limit", "USL", N_("upper specification limit")),
    ("lower_specification_limit", "LSL", N_("lower specification limit")),
    ("measured_mean", "x̄", N_("mean of the values")),
    (
        "deviation_within",
        "σ̂",
        N_("standard deviation within subgroups"),
    ),
    (
        "deviation_overall",
        "s",
        N_("standard deviation of all values"),
    ),
    (
        "deviation_run",
        "s",
        N_("standard deviation of one uninterrupted run"),
    ),
]
_ALL = [
    *(_input(name, symbol, unit, Source.STATES, text) for name, symbol, unit, text in _TIMES),
    *(
        _input(name, symbol, unit, Source.MACHINE, text, needs)
        for name, symbol, unit, text, needs in _COUNTED
    ),
    *(_input(name, symbol, unit, Source.EITHER, text) for name, symbol, unit, text in _EITHER),
    *(_input(name, symbol, unit, Source.MANUAL, text) for name, symbol, unit, text in _MANUAL),
    _input(
        "average_inventory",
        "average inventory",
        "items",
        Source.MANUAL,
        N_("average inventory"),
        level=True,
    ),
    *(
        _input(name, symbol, "unit of the measurement", Source.MEASUREMENT, text, "measurement")
        for name, symbol, text in _MEASURED
    ),
]
INPUTS: dict[str, Input] = {each.name: each for each in _ALL}
# What people may enter: the elements of FIGURE corrections.
MANUAL_INPUTS: dict[str, Input] = {
    name: each for name, each in INPUTS.items() if each.source in (Source.MANUAL, Source.EITHER)
}
