"""What stands in the formulas of KPIs: name, symbol of ISO 22400-2, unit, who tells it.

A KPI that lacks an input names it; an input that no machine tells is a figure which people
record under the same name (`domain.corrections`, kind FIGURE), with its amount over a stretch
of time. Names in three languages are those of the reference page.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.plant import Text


class Source(StrEnum):
    """STATES: always there, known or not. MACHINE: a signal that the line may have. FIGURE: a
    figure that people record. EITHER: from states or counters, and a figure takes precedence.
    MEASUREMENT: computed from the line's measurements."""

    STATES = "states"
    MACHINE = "machine"
    MANUAL = "manual"
    EITHER = "either"
    MEASUREMENT = "measurement"


@dataclass(frozen=True, slots=True)
class Input:
    """`symbol`: of ISO 22400-2, or our own name for what is not there. `needs`: what a KPI says
    that lacks it. `level`: figures of it do not add up; several are averaged by their duration.
    """

    name: str
    symbol: str
    unit: str
    source: Source
    text: Text
    needs: str
    level: bool = False


def _input(
    name: str,
    symbol: str,
    unit: str,
    source: Source,
    texts: tuple[str, str, str],
    needs: str = "",
    *,
    level: bool = False,
) -> Input:
    text = dict(zip(("en", "zh-Hant", "zh-Hans"), texts, strict=True))
    return Input(name, symbol, unit, source, text, needs or name, level)


_TIMES = [
    ("production_time_s", "APT", "s", ("actual production time", "實際生產時間", "实际生产时间")),
    ("setup_time_s", "AUST", "s", ("actual unit setup time", "實際調機時間", "实际调机时间")),
    ("delay_time_s", "ADET", "s", ("actual unit delay time", "實際延誤時間", "实际延误时间")),
    (
        "processing_time_s",
        "AUPT",
        "s",
        (
            "actual unit processing time, APT + AUST",
            "實際加工時間，APT + AUST",
            "实际加工时间，APT + AUST",
        ),
    ),
    (
        "busy_time_s",
        "AUBT",
        "s",
        (
            "actual unit busy time, AUPT + ADET",
            "實際佔用時間，AUPT + ADET",
            "实际占用时间，AUPT + ADET",
        ),
    ),
    (
        "planned_busy_time_s",
        "PBT",
        "s",
        ("planned busy time, POT − PDOT", "計劃佔用時間，POT − PDOT", "计划占用时间，POT − PDOT"),
    ),
    (
        "planned_operation_time_s",
        "POT",
        "s",
        (
            "planned operation time, PBT and planned down time",
            "計劃運行時間，即 PBT 加計劃停機時間",
            "计划运行时间，即 PBT 加计划停机时间",
        ),
    ),
    (
        "calendar_time_s",
        "calendar time",
        "s",
        (
            "every second of the window, planned or not",
            "時段內的每一秒，不論有否計劃",
            "时段内的每一秒，不论有否计划",
        ),
    ),
    (
        "failures",
        "FE",
        "events",
        (
            "failure events: faults, and stops whose reason is a breakdown",
            "故障事件：故障狀態，以及原因為故障的停機",
            "故障事件：故障状态，以及原因为故障的停机",
        ),
    ),
    (
        "repair_time_s",
        "TTR",
        "s",
        (
            "time to repair: how long failures lasted, all together",
            "修復時間：各次故障持續時間之和",
            "修复时间：各次故障持续时间之和",
        ),
    ),
    (
        "failure_free_time_s",
        "TTF",
        "s",
        (
            "operating time to failure: known planned busy time without failure",
            "故障前運行時間：計劃佔用時間內已知而無故障的時間",
            "故障前运行时间：计划占用时间内已知而无故障的时间",
        ),
    ),
]
_COUNTED = [
    (
        "order_busy_time_s",
        "AUBT",
        "s",
        (
            "actual unit busy time while an order was active",
            "有訂單進行時的實際佔用時間",
            "有订单进行时的实际占用时间",
        ),
        "order",
    ),
    (
        "order_production_time_s",
        "APT",
        "s",
        (
            "actual production time while an order was active",
            "有訂單進行時的實際生產時間",
            "有订单进行时的实际生产时间",
        ),
        "order",
    ),
    (
        "order_time_s",
        "AOET",
        "s",
        (
            "order execution time: time in which an order was active",
            "訂單執行時間：有訂單進行的時間",
            "订单执行时间：有订单进行的时间",
        ),
        "order",
    ),
    (
        "ideal_time_s",
        "PRI × PQ",
        "s",
        (
            "planned run time of the items made in known time",
            "已知時間內所產件數的計劃運行時間",
            "已知时间内所产件数的计划运行时间",
        ),
        "",
    ),
    ("total_count", "PQ", "items", ("produced quantity", "生產數量", "生产数量"), ""),
    ("good_count", "GQ", "items", ("good quantity", "合格數量", "合格数量"), ""),
    ("reject_count", "SQ", "items", ("scrap quantity", "報廢數量", "报废数量"), ""),
    ("rework_count", "RQ", "items", ("rework quantity", "返工數量", "返工数量"), ""),
    ("energy_kwh", "total energy", "kWh", ("energy consumed", "能源消耗量", "能源消耗量"), ""),
]
_MANUAL = [
    (
        "personnel_work_time_s",
        "APWT",
        "s",
        ("personnel work time on orders", "人員用於訂單的工作時間", "人员用于订单的工作时间"),
    ),
    (
        "personnel_attendance_time_s",
        "APAT",
        "s",
        (
            "personnel attendance time, without breaks",
            "人員出勤時間，不計休息",
            "人员出勤时间，不计休息",
        ),
    ),
    (
        "planned_scrap_count",
        "PSQ",
        "items",
        ("planned scrap quantity", "計劃報廢數量", "计划报废数量"),
    ),
    ("inspected_part_count", "IP", "items", ("inspected parts", "檢驗件數", "检验件数")),
    (
        "first_operation_count",
        "PQ of the first operation",
        "items",
        ("produced quantity of the first operation", "首道工序的生產數量", "首道工序的生产数量"),
    ),
    (
        "consumed_material",
        "CM",
        "unit of the quantity",
        (
            "consumed material, in the unit of the quantity above it",
            "耗用物料，單位與分子相同",
            "耗用物料，单位与分子相同",
        ),
    ),
    (
        "integrated_good_quantity",
        "IGQ",
        "unit of CM",
        ("integrated good quantity", "綜合合格數量", "综合合格数量"),
    ),
    ("production_loss", "PL", "unit of CM", ("production loss", "生產損耗", "生产损耗")),
    (
        "storage_and_transport_loss",
        "STL",
        "unit of CM",
        ("storage and transport loss", "儲運損耗", "储运损耗"),
    ),
    ("other_loss", "OL", "unit of CM", ("other loss", "其他損耗", "其他损耗")),
    (
        "equipment_production_capacity",
        "EPC",
        "items",
        (
            "what the equipment could make at most in that time",
            "設備於該段時間內的最大產能",
            "设备于该段时间内的最大产能",
        ),
    ),
]
_EITHER = [
    (
        "good_part_count",
        "GP",
        "items",
        (
            "good parts at the first pass: without a figure, the good quantity less the rework",
            "首次通過的合格件數：沒有填報數字時為合格數量減返工數量",
            "首次通过的合格件数：没有填报数字时为合格数量减返工数量",
        ),
    ),
    (
        "corrective_maintenance_time_s",
        "CMT",
        "s",
        (
            "corrective maintenance time: without a figure, the time to repair",
            "事後維修時間：沒有填報數字時為修復時間",
            "事后维修时间：没有填报数字时为修复时间",
        ),
    ),
    (
        "preventive_maintenance_time_s",
        "PMT",
        "s",
        (
            "preventive maintenance time: without a figure, maintenance within the planned "
            "operation time but for repairs",
            "預防維修時間：沒有填報數字時為計劃運行時間內除修復以外的維修",
            "预防维修时间：没有填报数字时为计划运行时间内除修复以外的维修",
        ),
    ),
]
_MEASURED = [
    ("upper_specification_limit", "USL", ("upper specification limit", "規格上限", "规格上限")),
    ("lower_specification_limit", "LSL", ("lower specification limit", "規格下限", "规格下限")),
    ("measured_mean", "x̄", ("mean of the values", "測量值的平均數", "测量值的平均数")),
    (
        "deviation_within",
        "σ̂",
        ("standard deviation within subgroups", "子組內標準差", "子组内标准差"),
    ),
    (
        "deviation_overall",
        "s",
        ("standard deviation of all values", "全部測量值的標準差", "全部测量值的标准差"),
    ),
    (
        "deviation_run",
        "s",
        (
            "standard deviation of one uninterrupted run",
            "一次不間斷運行內的標準差",
            "一次不间断运行内的标准差",
        ),
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
        ("average inventory", "平均庫存", "平均库存"),
        level=True,
    ),
    *(
        _input(name, symbol, "unit of the measurement", Source.MEASUREMENT, text, "measurement")
        for name, symbol, text in _MEASURED
    ),
]
INPUTS: dict[str, Input] = {each.name: each for each in _ALL}
# What people may record: the elements of FIGURE corrections.
MANUAL_INPUTS: dict[str, Input] = {
    name: each for name, each in INPUTS.items() if each.source in (Source.MANUAL, Source.EITHER)
}
