"""What each flag of a verdict says to who decides on it: one sentence beside its name
(`api.pages.labels.FLAGS`)."""

from __future__ import annotations

from domain.texts import N_

FLAG_MEANINGS: dict[str, str] = {
    "gap": N_(
        "More than a thousandth of the planned time is not recorded; the bounds allow for it."
    ),
    "counter_reset": N_("A counter fell without being expected to."),
    "good_exceeds_total": N_("More good items than items were counted."),
    "count_missing": N_("The line produced while one of its counters told nothing."),
    "unplanned_production": N_(
        "Items were made outside the planned time; they lift no share of that time."
    ),
    "undefined_product": N_(
        "A product was made that the plant file does not define; the line's cycle time measures it."
    ),
    "contradiction": N_(
        "A machine said several new things at one instant; nothing is taken for known until it "
        "says the next."
    ),
    "unusable_value": N_(
        "What a machine told of its order, its product or the reason of a stop cannot be used."
    ),
    "clock_wrong": N_("A machine's times were not believed, because its clock was wrong."),
    "ideal_cycle_beaten": N_(
        "The line was faster than its ideal cycle time allows, which may be too easy; what "
        "exceeds it does not count towards the target."
    ),
    "counter_jitter": N_("A counter went back a little; nothing is counted for it."),
    "counter_out_of_line": N_(
        "A reading of a counter fitted neither the one before nor the one after; it counts nothing."
    ),
    "implausible_count": N_(
        "A counter rose faster than the machine can work; the rise is in no count, only in the "
        "upper bound."
    ),
    "rejects_exceed_total": N_("More rejected items than items were counted."),
    "overdue": N_("The due day has passed, and nothing has met the milestone."),
    "terms_changed_late": N_(
        "The terms were changed after their window had begun; the verdict says what it would be "
        "under those of before."
    ),
    "terms_changed_without_approval": N_(
        "No change request that was approved before allows that change of the terms."
    ),
    "product_mix_moved": N_(
        "At least a tenth of the good units is of other products than in the baseline: the change "
        "may be of the products, not of the line."
    ),
    "product_mix_unknown": N_(
        "At least a tenth of the good units may be of any product, so that nobody can tell whether "
        "the product mix moved."
    ),
    "effectiveness_over_100": N_("The planned cycle time is longer than the line needs."),
    "calendar_changed": N_(
        "The plan of these days was changed while they were under way, or behind them."
    ),
    "cycle_time_changed": N_(
        "The ideal cycle time of these days was changed while they were under way, or behind them."
    ),
    "exception_entered_late": N_(
        "Exceptions of the calendar were entered or taken back after they had begun."
    ),
    "planned_down_swelling": N_(
        "Planned down time takes twice as much of the shifts as before, or more."
    ),
    "corrections_concentrated": N_(
        "Most corrections of these days were recorded long after, shortly before the due day."
    ),
    "replayed_segment": N_("Hours are in all they tell the same as hours of another day or line."),
    "production_without_energy": N_("Items were counted while the meter showed next to nothing."),
    "flat_line": N_("The line said for hours that it produced, and its counter stood still."),
    "over_capacity": N_("More items were counted in a day than fit into its time."),
    "calibration_overdue": N_(
        "No calibration covers some of these days, or its certificate is missing."
    ),
    "source_changed": N_("Data come from another source than before, and nobody had asked for it."),
    "late_data": N_("Data of these days came more than a day after they were told."),
}
