"""What each KPI is called, and what it says, in English: the ids of the translations.

The one list of these words: reference pages, pages for people and the sentences of verdicts
take them from here and translate them by the catalogues. Formulas, units and inputs stand in
`analytics.kpi.registry`; a test holds the two lists together.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.texts import N_


@dataclass(frozen=True, slots=True)
class KpiWords:
    """The name of a KPI, and one or two sentences on what it says."""

    name: str
    meaning: str


KPI_WORDS: dict[str, KpiWords] = {
    "worker_efficiency": KpiWords(
        N_("Worker efficiency"),
        N_("How much of their attendance people work on orders."),
    ),
    "allocation_ratio": KpiWords(
        N_("Allocation ratio"),
        N_("How much of the orders' time the line was busy with them."),
    ),
    "throughput_rate": KpiWords(
        N_("Throughput rate"),
        N_("Items made for each second of order execution."),
    ),
    "allocation_efficiency": KpiWords(
        N_("Allocation efficiency"),
        N_("How much of the planned time the line was busy."),
    ),
    "utilization_efficiency": KpiWords(
        N_("Utilization efficiency"),
        N_("How much of the busy time was production."),
    ),
    "oee": KpiWords(
        N_("OEE"),
        N_("How much of the planned time was needed, at the ideal rate, for the good items."),
    ),
    "net_equipment_effectiveness": KpiWords(
        N_("Net equipment effectiveness"),
        N_("As OEE, but changeover counts as useful time."),
    ),
    "availability": KpiWords(
        N_("Availability"),
        N_("How much of the planned time was production."),
    ),
    "effectiveness": KpiWords(
        N_("Effectiveness"),
        N_(
            "How fast it ran against the planned cycle. Over 100 %: the planned cycle time "
            "is wrong. It is never capped."
        ),
    ),
    "quality_ratio": KpiWords(
        N_("Quality ratio"),
        N_("How many of the items were good."),
    ),
    "setup_ratio": KpiWords(
        N_("Setup ratio"),
        N_("How much of the processing time went into changeover."),
    ),
    "technical_efficiency": KpiWords(
        N_("Technical efficiency"),
        N_("How much production there was beside delays."),
    ),
    "production_process_ratio": KpiWords(
        N_("Production process ratio"),
        N_("How much of the orders' time was production."),
    ),
    "actual_to_planned_scrap_ratio": KpiWords(
        N_("Actual to planned scrap ratio"),
        N_("Scrap against what was planned."),
    ),
    "first_pass_yield": KpiWords(
        N_("First pass yield"),
        N_("How many inspected parts were good without rework."),
    ),
    "scrap_ratio": KpiWords(
        N_("Scrap ratio"),
        N_("How many of the items were scrap."),
    ),
    "rework_ratio": KpiWords(
        N_("Rework ratio"),
        N_("How many of the items needed rework."),
    ),
    "fall_off_ratio": KpiWords(
        N_("Fall off ratio"),
        N_("Scrap against what the first operation made."),
    ),
    "machine_capability_index": KpiWords(
        N_("Machine capability index"),
        N_("Cm: how often the spread of one run fits between the limits."),
    ),
    "critical_machine_capability_index": KpiWords(
        N_("Critical machine capability index"),
        N_("Cmk: as Cm, towards the nearer limit."),
    ),
    "process_capability_index": KpiWords(
        N_("Process capability index"),
        N_("Cp: how often the spread within subgroups fits between the limits."),
    ),
    "critical_process_capability_index": KpiWords(
        N_("Critical process capability index"),
        N_("Cpk: as Cp, towards the nearer limit."),
    ),
    "comprehensive_energy_consumption": KpiWords(
        N_("Comprehensive energy consumption"),
        N_("Energy for each item."),
    ),
    "inventory_turns": KpiWords(
        N_("Inventory turns"),
        N_("How often the inventory was turned over."),
    ),
    "finished_goods_ratio": KpiWords(
        N_("Finished goods ratio"),
        N_("Good items for the material consumed."),
    ),
    "integrated_goods_ratio": KpiWords(
        N_("Integrated goods ratio"),
        N_("Integrated good quantity for the material consumed."),
    ),
    "production_loss_ratio": KpiWords(
        N_("Production loss ratio"),
        N_("What production lost of the material."),
    ),
    "storage_and_transport_loss_ratio": KpiWords(
        N_("Storage and transport loss ratio"),
        N_("What storage and transport lost of the material."),
    ),
    "other_loss_ratio": KpiWords(
        N_("Other loss ratio"),
        N_("What else of the material was lost. With the three ratios before it makes 1."),
    ),
    "equipment_load_ratio": KpiWords(
        N_("Equipment load ratio"),
        N_("Items made against what the equipment could make."),
    ),
    "mean_time_between_failures_s": KpiWords(
        N_("Mean time between failures"),
        N_(
            "MTBF: production and setup time for each failure. The denominator is the "
            "number of failures."
        ),
    ),
    "mean_time_to_failure_s": KpiWords(
        N_("Mean time to failure"),
        N_(
            "MTTF: planned time without failure for each failure. The denominator is the "
            "number of failures."
        ),
    ),
    "mean_time_to_repair_s": KpiWords(
        N_("Mean time to repair"),
        N_("MTTR: how long a failure lasts. The denominator is the number of failures."),
    ),
    "corrective_maintenance_ratio": KpiWords(
        N_("Corrective maintenance ratio"),
        N_("How much of the maintenance was repair."),
    ),
    "utilisation": KpiWords(
        N_("Utilisation"),
        N_("How much of the calendar's time was planned to produce."),
    ),
    "energy_per_good_unit": KpiWords(
        N_("Energy per good unit"),
        N_("Energy for each good item."),
    ),
    "ooe": KpiWords(
        N_("OOE"),
        N_("As OEE, of all operation time: planned stops count as a loss."),
    ),
    "teep": KpiWords(
        N_("TEEP"),
        N_("As OEE, of the calendar's whole time."),
    ),
    "process_performance_index": KpiWords(
        N_("Process performance index"),
        N_("Pp: how often the spread of all values fits between the limits."),
    ),
    "critical_process_performance_index": KpiWords(
        N_("Critical process performance index"),
        N_("Ppk: as Pp, towards the nearer limit."),
    ),
}
GOOD_COUNT = N_("Good units")  # what terms of output ask for: a count, no KPI


def metric_name(metric: str) -> str:
    """The English name of what terms measure: a KPI, or good_count."""
    return GOOD_COUNT if metric == "good_count" else KPI_WORDS[metric].name
