"""What each KPI is called and tells, in three languages: the words of the reference page.

Numbers, formulas and inputs stand in the registry; a test holds the two lists together.
"""

from __future__ import annotations

from domain.plant import Text

_Words = tuple[str, str, str]  # en, zh-Hant, zh-Hans

# name → what it is called, what it tells
_WORDS: dict[str, tuple[_Words, _Words]] = {
    "worker_efficiency": (
        ("Worker efficiency", "人員效率", "人员效率"),
        (
            "How much of their attendance people work on orders.",
            "人員出勤時間中有多少用於訂單工作。",
            "人员出勤时间中有多少用于订单工作。",
        ),
    ),
    "allocation_ratio": (
        ("Allocation ratio", "分配比率", "分配比率"),
        (
            "How much of the orders' time the line was busy with them.",
            "訂單執行時間中生產線有多少時間用於該等訂單。",
            "订单执行时间中生产线有多少时间用于这些订单。",
        ),
    ),
    "throughput_rate": (
        ("Throughput rate", "產出速率", "产出速率"),
        (
            "Items made for each second of order execution.",
            "訂單執行期間每秒的產量。",
            "订单执行期间每秒的产量。",
        ),
    ),
    "allocation_efficiency": (
        ("Allocation efficiency", "分配效率", "分配效率"),
        (
            "How much of the planned time the line was busy.",
            "計劃時間中生產線有多少時間被佔用。",
            "计划时间中生产线有多少时间被占用。",
        ),
    ),
    "utilization_efficiency": (
        ("Utilization efficiency", "使用效率", "利用效率"),
        (
            "How much of the busy time was production.",
            "佔用時間中有多少是生產。",
            "占用时间中有多少是生产。",
        ),
    ),
    "oee": (
        ("OEE", "設備綜合效率 (OEE)", "设备综合效率 (OEE)"),
        (
            "How much of the planned time was needed, at the ideal rate, for the good items.",
            "以理想速率生產這些合格品所需的時間，佔計劃時間多少。",
            "以理想速率生产这些合格品所需的时间，占计划时间多少。",
        ),
    ),
    "net_equipment_effectiveness": (
        ("Net equipment effectiveness", "設備淨效率", "设备净效率"),
        (
            "As OEE, but changeover counts as useful time.",
            "與 OEE 相同，但調機算作有效時間。",
            "与 OEE 相同，但调机算作有效时间。",
        ),
    ),
    "availability": (
        ("Availability", "可用率", "可用率"),
        (
            "How much of the planned time was production.",
            "計劃時間中有多少是生產。",
            "计划时间中有多少是生产。",
        ),
    ),
    "effectiveness": (
        ("Effectiveness", "性能率", "性能率"),
        (
            "How fast it ran against the planned cycle. Over 100 %: the planned cycle time is "
            "wrong. It is never capped.",
            "與計劃節拍相比的運行速度。超過 100% 表示計劃節拍不正確；數值從不設上限。",
            "与计划节拍相比的运行速度。超过 100% 表示计划节拍不正确；数值从不设上限。",
        ),
    ),
    "quality_ratio": (
        ("Quality ratio", "合格率", "合格率"),
        ("How many of the items were good.", "所產件數中有多少合格。", "所产件数中有多少合格。"),
    ),
    "setup_ratio": (
        ("Setup ratio", "調機時間比率", "调机时间比率"),
        (
            "How much of the processing time went into changeover.",
            "加工時間中有多少用於調機。",
            "加工时间中有多少用于调机。",
        ),
    ),
    "technical_efficiency": (
        ("Technical efficiency", "技術效率", "技术效率"),
        (
            "How much production there was beside delays.",
            "生產時間相對於生產與延誤之和。",
            "生产时间相对于生产与延误之和。",
        ),
    ),
    "production_process_ratio": (
        ("Production process ratio", "生產過程比率", "生产过程比率"),
        (
            "How much of the orders' time was production.",
            "訂單執行時間中有多少是生產。",
            "订单执行时间中有多少是生产。",
        ),
    ),
    "actual_to_planned_scrap_ratio": (
        ("Actual to planned scrap ratio", "實際與計劃報廢比率", "实际与计划报废比率"),
        ("Scrap against what was planned.", "實際報廢與計劃報廢之比。", "实际报废与计划报废之比。"),
    ),
    "first_pass_yield": (
        ("First pass yield", "首次通過率", "首次通过率"),
        (
            "How many inspected parts were good without rework.",
            "檢驗件數中有多少未經返工即合格。",
            "检验件数中有多少未经返工即合格。",
        ),
    ),
    "scrap_ratio": (
        ("Scrap ratio", "報廢率", "报废率"),
        ("How many of the items were scrap.", "所產件數中有多少報廢。", "所产件数中有多少报废。"),
    ),
    "rework_ratio": (
        ("Rework ratio", "返工率", "返工率"),
        (
            "How many of the items needed rework.",
            "所產件數中有多少需要返工。",
            "所产件数中有多少需要返工。",
        ),
    ),
    "fall_off_ratio": (
        ("Fall off ratio", "流失率", "流失率"),
        (
            "Scrap against what the first operation made.",
            "報廢數量與首道工序產量之比。",
            "报废数量与首道工序产量之比。",
        ),
    ),
    "machine_capability_index": (
        ("Machine capability index", "機器能力指數 (Cm)", "机器能力指数 (Cm)"),
        (
            "Cm: how often the spread of one run fits between the limits.",
            "Cm：公差相對於一次運行離散程度的倍數。",
            "Cm：公差相对于一次运行离散程度的倍数。",
        ),
    ),
    "critical_machine_capability_index": (
        ("Critical machine capability index", "臨界機器能力指數 (Cmk)", "临界机器能力指数 (Cmk)"),
        (
            "Cmk: as Cm, towards the nearer limit.",
            "Cmk：同 Cm，以較近的規格限計算。",
            "Cmk：同 Cm，以较近的规格限计算。",
        ),
    ),
    "process_capability_index": (
        ("Process capability index", "過程能力指數 (Cp)", "过程能力指数 (Cp)"),
        (
            "Cp: how often the spread within subgroups fits between the limits.",
            "Cp：公差相對於子組內離散程度的倍數。",
            "Cp：公差相对于子组内离散程度的倍数。",
        ),
    ),
    "critical_process_capability_index": (
        ("Critical process capability index", "臨界過程能力指數 (Cpk)", "临界过程能力指数 (Cpk)"),
        (
            "Cpk: as Cp, towards the nearer limit.",
            "Cpk：同 Cp，以較近的規格限計算。",
            "Cpk：同 Cp，以较近的规格限计算。",
        ),
    ),
    "comprehensive_energy_consumption": (
        ("Comprehensive energy consumption", "綜合能耗", "综合能耗"),
        ("Energy for each item.", "每件產品的能耗。", "每件产品的能耗。"),
    ),
    "inventory_turns": (
        ("Inventory turns", "存貨周轉次數", "存货周转次数"),
        ("How often the inventory was turned over.", "存貨周轉了多少次。", "存货周转了多少次。"),
    ),
    "finished_goods_ratio": (
        ("Finished goods ratio", "成品率", "成品率"),
        (
            "Good items for the material consumed.",
            "合格數量與耗用物料之比。",
            "合格数量与耗用物料之比。",
        ),
    ),
    "integrated_goods_ratio": (
        ("Integrated goods ratio", "綜合成品率", "综合成品率"),
        (
            "Integrated good quantity for the material consumed.",
            "綜合合格數量與耗用物料之比。",
            "综合合格数量与耗用物料之比。",
        ),
    ),
    "production_loss_ratio": (
        ("Production loss ratio", "生產損耗率", "生产损耗率"),
        (
            "What production lost of the material.",
            "耗用物料中有多少在生產中損耗。",
            "耗用物料中有多少在生产中损耗。",
        ),
    ),
    "storage_and_transport_loss_ratio": (
        ("Storage and transport loss ratio", "儲運損耗率", "储运损耗率"),
        (
            "What storage and transport lost of the material.",
            "耗用物料中有多少在儲存及運輸中損耗。",
            "耗用物料中有多少在储存及运输中损耗。",
        ),
    ),
    "other_loss_ratio": (
        ("Other loss ratio", "其他損耗率", "其他损耗率"),
        (
            "What else of the material was lost. With the three ratios before it makes 1.",
            "耗用物料的其他損耗；與前三個比率之和為 1。",
            "耗用物料的其他损耗；与前三个比率之和为 1。",
        ),
    ),
    "equipment_load_ratio": (
        ("Equipment load ratio", "設備負荷率", "设备负荷率"),
        (
            "Items made against what the equipment could make.",
            "實際產量與設備最大產能之比。",
            "实际产量与设备最大产能之比。",
        ),
    ),
    "mean_time_between_failures_s": (
        ("Mean time between failures", "平均故障間隔時間 (MTBF)", "平均故障间隔时间 (MTBF)"),
        (
            "MTBF: production and setup time for each failure. The denominator is the number of "
            "failures.",
            "MTBF：每次故障對應的生產及調機時間；分母為故障次數。",
            "MTBF：每次故障对应的生产及调机时间；分母为故障次数。",
        ),
    ),
    "mean_time_to_failure_s": (
        ("Mean time to failure", "平均失效前時間 (MTTF)", "平均失效前时间 (MTTF)"),
        (
            "MTTF: planned time without failure for each failure. The denominator is the number "
            "of failures.",
            "MTTF：每次故障對應的無故障計劃時間；分母為故障次數。",
            "MTTF：每次故障对应的无故障计划时间；分母为故障次数。",
        ),
    ),
    "mean_time_to_repair_s": (
        ("Mean time to repair", "平均修復時間 (MTTR)", "平均修复时间 (MTTR)"),
        (
            "MTTR: how long a failure lasts. The denominator is the number of failures.",
            "MTTR：每次故障的平均持續時間；分母為故障次數。",
            "MTTR：每次故障的平均持续时间；分母为故障次数。",
        ),
    ),
    "corrective_maintenance_ratio": (
        ("Corrective maintenance ratio", "事後維修比率", "事后维修比率"),
        (
            "How much of the maintenance was repair.",
            "維修時間中有多少是事後修復。",
            "维修时间中有多少是事后修复。",
        ),
    ),
    "utilisation": (
        ("Utilisation", "時間利用率", "时间利用率"),
        (
            "How much of the calendar's time was planned to produce.",
            "日曆時間中有多少計劃用於生產。",
            "日历时间中有多少计划用于生产。",
        ),
    ),
    "energy_per_good_unit": (
        ("Energy per good unit", "每件合格品能耗", "每件合格品能耗"),
        ("Energy for each good item.", "每件合格品的能耗。", "每件合格品的能耗。"),
    ),
    "ooe": (
        ("OOE", "整體運營效率 (OOE)", "整体运营效率 (OOE)"),
        (
            "As OEE, of all operation time: planned stops count as a loss.",
            "與 OEE 相同，但以全部運行時間計：計劃停機也算損失。",
            "与 OEE 相同，但以全部运行时间计：计划停机也算损失。",
        ),
    ),
    "teep": (
        ("TEEP", "設備完全有效生產率 (TEEP)", "设备完全有效生产率 (TEEP)"),
        (
            "As OEE, of the calendar's whole time.",
            "與 OEE 相同，但以全部日曆時間計。",
            "与 OEE 相同，但以全部日历时间计。",
        ),
    ),
    "process_performance_index": (
        ("Process performance index", "過程績效指數 (Pp)", "过程绩效指数 (Pp)"),
        (
            "Pp: how often the spread of all values fits between the limits.",
            "Pp：公差相對於全部測量值離散程度的倍數。",
            "Pp：公差相对于全部测量值离散程度的倍数。",
        ),
    ),
    "critical_process_performance_index": (
        ("Critical process performance index", "臨界過程績效指數 (Ppk)", "临界过程绩效指数 (Ppk)"),
        (
            "Ppk: as Pp, towards the nearer limit.",
            "Ppk：同 Pp，以較近的規格限計算。",
            "Ppk：同 Pp，以较近的规格限计算。",
        ),
    ),
}


def _text(words: _Words) -> Text:
    return dict(zip(("en", "zh-Hant", "zh-Hans"), words, strict=True))


NAMES: dict[str, Text] = {name: _text(called) for name, (called, _) in _WORDS.items()}
MEANINGS: dict[str, Text] = {name: _text(tells) for name, (_, tells) in _WORDS.items()}
