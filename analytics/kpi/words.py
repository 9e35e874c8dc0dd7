"""What each KPI is called, and what it says, in English: the ids of the translations.

The one list of these words: reference pages, pages for people and the sentences of verdicts
take them from here and translate them by the catalogues. Formulas, units and inputs stand in
`analytics.kpi.formulas.registry`; a test holds the two lists together.
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
        N_("The share of attendance time in which people work on orders."),
    ),
    "allocation_ratio": KpiWords(
        N_("Allocation ratio"),
        N_("The share of order execution time in which the line was busy."),
    ),
    "throughput_rate": KpiWords(
        N_("Throughput rate"),
        N_("Items made per second of order execution."),
    ),
    "allocation_efficiency": KpiWords(
        N_("Allocation efficiency"),
        N_("The share of planned busy time in which the line was busy."),
    ),
    "utilization_efficiency": KpiWords(
        N_("Utilization efficiency"),
        N_("The share of busy time that was production."),
    ),
    "oee": KpiWords(
        N_("OEE"),
        N_(
            "The share of planned busy time that the good items would have taken at the ideal rate."
        ),
    ),
    "net_equipment_effectiveness": KpiWords(
        N_("Net equipment effectiveness"),
        N_("Like OEE, but changeover counts as useful time."),
    ),
    "availability": KpiWords(
        N_("Availability"),
        N_("The share of planned busy time that was production."),
    ),
    "effectiveness": KpiWords(
        N_("Effectiveness"),
        N_(
            "How fast the line ran compared with its planned cycle time. A value over 100 % "
            "means that the planned cycle time is wrong; the value is never capped."
        ),
    ),
    "quality_ratio": KpiWords(
        N_("Quality ratio"),
        N_("The share of the items that were good."),
    ),
    "setup_ratio": KpiWords(
        N_("Setup ratio"),
        N_("The share of processing time that was spent on changeover."),
    ),
    "technical_efficiency": KpiWords(
        N_("Technical efficiency"),
        N_("Production time as a share of production and delays together."),
    ),
    "production_process_ratio": KpiWords(
        N_("Production process ratio"),
        N_("The share of order execution time that was production."),
    ),
    "actual_to_planned_scrap_ratio": KpiWords(
        N_("Actual to planned scrap ratio"),
        N_("Actual scrap divided by planned scrap."),
    ),
    "first_pass_yield": KpiWords(
        N_("First pass yield"),
        N_("The share of inspected parts that were good without rework."),
    ),
    "scrap_ratio": KpiWords(
        N_("Scrap ratio"),
        N_("The share of the items that were scrap."),
    ),
    "rework_ratio": KpiWords(
        N_("Rework ratio"),
        N_("The share of the items that needed rework."),
    ),
    "fall_off_ratio": KpiWords(
        N_("Fall off ratio"),
        N_("Scrap divided by what the first operation made."),
    ),
    "machine_capability_index": KpiWords(
        N_("Machine capability index"),
        N_("Cm: how many times the spread of one run fits between the specification limits."),
    ),
    "critical_machine_capability_index": KpiWords(
        N_("Critical machine capability index"),
        N_("Cmk: like Cm, measured to the nearer limit."),
    ),
    "process_capability_index": KpiWords(
        N_("Process capability index"),
        N_("Cp: how many times the spread within subgroups fits between the specification limits."),
    ),
    "critical_process_capability_index": KpiWords(
        N_("Critical process capability index"),
        N_("Cpk: like Cp, measured to the nearer limit."),
    ),
    "comprehensive_energy_consumption": KpiWords(
        N_("Comprehensive energy consumption"),
        N_("Energy per item."),
    ),
    "inventory_turns": KpiWords(
        N_("Inventory turns"),
        N_("How many times the inventory was turned over."),
    ),
    "finished_goods_ratio": KpiWords(
        N_("Finished goods ratio"),
        N_("Good items divided by the material consumed."),
    ),
    "integrated_goods_ratio": KpiWords(
        N_("Integrated goods ratio"),
        N_("Integrated good quantity divided by the material consumed."),
    ),
    "production_loss_ratio": KpiWords(
        N_("Production loss ratio"),
        N_("The share of the material that was lost in production."),
    ),
    "storage_and_transport_loss_ratio": KpiWords(
        N_("Storage and transport loss ratio"),
        N_("The share of the material that was lost in storage and transport."),
    ),
    "other_loss_ratio": KpiWords(
        N_("Other loss ratio"),
        N_(
            "The share of the material that was lost in other ways. With the three ratios "
            "before, it adds up to 1."
        ),
    ),
    "equipment_load_ratio": KpiWords(
        N_("Equipment load ratio"),
        N_("Items made divided by what the equipment could have made."),
    ),
    "mean_time_between_failures_s": KpiWords(
        N_("Mean time between failures"),
        N_("MTBF: production and setup time divided by the number of failures."),
    ),
    "mean_time_to_failure_s": KpiWords(
        N_("Mean time to failure"),
        N_("MTTF: planned time without failure divided by the number of failures."),
    ),
    "mean_time_to_repair_s": KpiWords(
        N_("Mean time to repair"),
        N_("MTTR: how long all failures lasted together, divided by their number."),
    ),
    "corrective_maintenance_ratio": KpiWords(
        N_("Corrective maintenance ratio"),
        N_("The share of maintenance that was repair."),
    ),
    "utilisation": KpiWords(
        N_("Utilisation"),
        N_("The share of calendar time that was planned for production."),
    ),
    "energy_per_good_unit": KpiWords(
        N_("Energy per good unit"),
        N_("Energy per good item."),
    ),
    "ooe": KpiWords(
        N_("OOE"),
        N_("Like OEE, but over all operation time: planned stops count as a loss."),
    ),
    "teep": KpiWords(
        N_("TEEP"),
        N_("Like OEE, but over the whole calendar time."),
    ),
    "process_performance_index": KpiWords(
        N_("Process performance index"),
        N_("Pp: how many times the spread of all values fits between the specification limits."),
    ),
    "critical_process_performance_index": KpiWords(
        N_("Critical process performance index"),
        N_("Ppk: like Pp, measured to the nearer limit."),
    ),
}
# What terms ask for that is a count and no KPI.
COUNTED = {
    "good_count": N_("Good units"),
    "months": N_("Months with production"),
    "production_days": N_("Days with production"),
    "people": N_("People"),
    "expenditure": N_("Eligible expenditure"),
}


def metric_name(metric: str) -> str:
    """The English name of what terms measure: a KPI, or one of COUNTED."""
    return COUNTED.get(metric) or KPI_WORDS[metric].name
