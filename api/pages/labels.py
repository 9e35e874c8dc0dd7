"""What the closed lists are called on pages, and the sign that stands beside the colour.

Status is never told by colour alone: each state and verdict has an icon (a
symbol in templates/icons.html) and a word. The words are message ids; the
templates translate them.
"""

from __future__ import annotations

from analytics.kpi.evaluation import KPIS
from api.i18n import N_

# machine state → (word, icon)
STATES: dict[str, tuple[str, str]] = {
    "unknown": (N_("Unknown"), "unknown"),
    "producing": (N_("Producing"), "play"),
    "idle": (N_("Idle"), "pause"),
    "starved": (N_("Starved"), "starved"),
    "blocked": (N_("Blocked"), "blocked"),
    "setup": (N_("Setup"), "setup"),
    "stopped": (N_("Stopped"), "stop"),
    "fault": (N_("Fault"), "fault"),
    "maintenance": (N_("Maintenance"), "wrench"),
    "off": (N_("Off"), "off"),
}
# verdict status → (word, icon, what it means)
VERDICTS: dict[str, tuple[str, str, str]] = {
    "met": (N_("Met"), "check", N_("Even at the worst reading of the data the term is met.")),
    "on_track": (N_("On track"), "up", N_("The window is open and the data so far keep the term.")),
    "at_risk": (N_("At risk"), "warn", N_("The window is open and the data so far miss the term.")),
    "not_met": (
        N_("Not met"),
        "cross",
        N_("Even at the best reading of the data the term is missed."),
    ),
    "not_provable": (
        N_("Not provable"),
        "unknown",
        N_("Too much is unknown to say either way."),
    ),
    "pending": (N_("Pending"), "clock", N_("Its window has not begun.")),
}
PLANS: dict[str, str] = {
    "busy": N_("Planned to produce"),
    "planned_down": N_("Planned down time"),
    "not_planned": N_("Not planned to produce"),
}
# one of the six big losses (analytics.stops.six_big_losses.FACTORS) → word
LOSSES: dict[str, str] = {
    "breakdowns": N_("Breakdowns"),
    "setup_and_adjustment": N_("Setup and adjustment"),
    "minor_stops": N_("Minor stops"),
    "reduced_speed": N_("Reduced speed"),
    "process_defects": N_("Process defects"),
    "start_up": N_("Start-up"),
}
# kind of terms → word
TERMS: dict[str, str] = {
    "kpi": N_("KPI target"),
    "output": N_("Output"),
    "commissioned": N_("Commissioning"),
    "document": N_("Document"),
    "operating": N_("Continued operation"),
    "training": N_("Training"),
    "headcount": N_("Headcount"),
    "expenditure": N_("Expenditure"),
}
# metric of KPI terms → word; the ids are those of analytics.milestones.sentences.metric_label,
# because the reasons of verdicts carry them too
METRICS: dict[str, str] = {
    "oee": N_("OEE"),
    "availability": N_("Availability"),
    "effectiveness": N_("Effectiveness"),
    "quality_ratio": N_("Quality ratio"),
    "net_equipment_effectiveness": N_("Net equipment effectiveness"),
    "allocation_efficiency": N_("Allocation efficiency"),
    "utilization_efficiency": N_("Utilization efficiency"),
    "setup_ratio": N_("Setup ratio"),
    "technical_efficiency": N_("Technical efficiency"),
    "scrap_ratio": N_("Scrap ratio"),
    "rework_ratio": N_("Rework ratio"),
    "comprehensive_energy_consumption": N_("Comprehensive energy consumption"),
    "energy_per_good_unit": N_("Energy per good unit"),
    "worker_efficiency": N_("Worker efficiency"),
    "allocation_ratio": N_("Allocation ratio"),
    "throughput_rate": N_("Throughput rate"),
    "production_process_ratio": N_("Production process ratio"),
    "actual_to_planned_scrap_ratio": N_("Actual to planned scrap ratio"),
    "first_pass_yield": N_("First pass yield"),
    "fall_off_ratio": N_("Fall off ratio"),
    "machine_capability_index": N_("Machine capability index"),
    "critical_machine_capability_index": N_("Critical machine capability index"),
    "process_capability_index": N_("Process capability index"),
    "critical_process_capability_index": N_("Critical process capability index"),
    "inventory_turns": N_("Inventory turns"),
    "finished_goods_ratio": N_("Finished goods ratio"),
    "integrated_goods_ratio": N_("Integrated goods ratio"),
    "production_loss_ratio": N_("Production loss ratio"),
    "storage_and_transport_loss_ratio": N_("Storage and transport loss ratio"),
    "other_loss_ratio": N_("Other loss ratio"),
    "equipment_load_ratio": N_("Equipment load ratio"),
    "mean_time_between_failures_s": N_("Mean time between failures"),
    "mean_time_to_failure_s": N_("Mean time to failure"),
    "mean_time_to_repair_s": N_("Mean time to repair"),
    "corrective_maintenance_ratio": N_("Corrective maintenance ratio"),
    "utilisation": N_("Utilisation"),
    "ooe": N_("OOE"),
    "teep": N_("TEEP"),
    "process_performance_index": N_("Process performance index"),
    "critical_process_performance_index": N_("Critical process performance index"),
    "good_count": N_("Good units"),
}
SHARES = frozenset(name for name, kpi in KPIS.items() if kpi.unit == "1")
DOCUMENTS: dict[str, str] = {
    "audited_accounts": N_("Audited accounts"),
    "final_report": N_("Final report"),
}
FLAGS: dict[str, str] = {
    "gap": N_("Gap in the data"),
    "counter_reset": N_("Counter reset"),
    "good_exceeds_total": N_("More good than total"),
    "count_missing": N_("Count missing"),
    "unplanned_production": N_("Items made outside the plan"),
    "counter_jitter": N_("Counter went back a little"),
    "implausible_count": N_("Count beyond what the machine can make"),
    "rejects_exceed_total": N_("More rejects than total"),
    "effectiveness_over_100": N_("Faster than planned: check the cycle time"),
}
STATUS_ORDER = ("met", "on_track", "at_risk", "not_provable", "not_met", "pending")
