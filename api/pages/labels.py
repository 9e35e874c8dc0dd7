"""What the closed lists are called on pages, and the sign that stands beside the colour.

Status is never shown by colour alone: each state and verdict has an icon (a symbol in
templates/icons.html) and a word. The words are message ids; the templates translate them.
"""

from __future__ import annotations

from analytics.kpi.evaluation import KPIS
from domain.texts import N_

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
# which rule is broken → words
ALERTS: dict[str, str] = {
    "stopped_longer_than_s": N_("Stopped for too long"),
    "no_data_for_s": N_("No data for too long"),
    "oee_under": N_("OEE too low"),
    "energy_over_kwh": N_("Too much energy"),
    "forecast_under_target": N_("Will miss its target"),
    "control_chart_out": N_("Beyond control limits"),
}
# what became of an alert → (word, icon)
ALERT_STATES: dict[str, tuple[str, str]] = {
    "open": (N_("Waits for somebody"), "bell"),
    "acknowledged": (N_("Acknowledged"), "check"),
    "ended": (N_("Ended"), "clock"),
}
# what a line needs someone for → word
NEEDS: dict[str, str] = {
    "fault": N_("Fault"),
    "no_data": N_("No data coming in"),
    "no_reason": N_("Stopped, no reason given"),
    "alert": N_("Alert"),
}
# signal → word
SIGNALS: dict[str, str] = {
    "state": N_("State"),
    "mode": N_("Mode"),
    "total_count": N_("Total count"),
    "good_count": N_("Good items"),
    "reject_count": N_("Rejects"),
    "rework_count": N_("Reworked items"),
    "speed": N_("Speed"),
    "ideal_speed": N_("Ideal speed"),
    "product": N_("Product"),
    "order": N_("Order"),
    "stop_reason": N_("Reason of the stop"),
    "alarm": N_("Alarm"),
    "blocked": N_("Blocked"),
    "starved": N_("Starved"),
    "energy": N_("Energy"),
    "power": N_("Power"),
    "serial_number": N_("Serial number"),
}
# level of a device profile → (word, icon, what it means)
LEVELS: dict[str, tuple[str, str, str]] = {
    "draft": (N_("Draft"), "clock", N_("No recording of a machine proves it yet.")),
    "recorded": (
        N_("Recorded"),
        "up",
        N_("Every signal is decoded from a recording, and nothing contradicts it."),
    ),
    "panel-verified": (
        N_("Panel-verified"),
        "check",
        N_("Every signal agrees with what a real machine showed on its own panel."),
    ),
}
PROTOCOLS: dict[str, str] = {
    "opcua": "OPC UA",
    "mqtt-json": "MQTT",
    "sparkplug-b": "Sparkplug B",
}
# why a collector refused a batch → word
REFUSALS: dict[str, str] = {
    "malformed": N_("No sealed batch at all"),
    "unknown_agent": N_("No agent of that name is enrolled"),
    "bad_signature": N_("Not signed with the agent's key"),
    "revoked_agent": N_("The agent is revoked"),
    "bad_payload": N_("Its values cannot be read"),
    "conflict": N_("Another batch has its number"),
    "gap": N_("A batch before it is missing"),
    "broken_chain": N_("It does not follow from the batch before"),
}
# kind of site visit → word
VISIT_KINDS: dict[str, str] = {
    "planned": N_("Planned visit"),
    "unannounced": N_("Unannounced visit"),
}
# a panel beside the sealed series → (word, icon)
AGREEMENTS: dict[str, tuple[str, str]] = {
    "agrees": (N_("Agrees with what was sealed"), "check"),
    "differs": (N_("Differs from what was sealed"), "cross"),
    "not_sealed": (N_("Nothing was sealed then"), "unknown"),
}
# what a change request is of → word
CHANGE_KINDS: dict[str, str] = {
    "dates": N_("Dates"),
    "scope": N_("Scope"),
    "budget": N_("Budget"),
    "equipment": N_("Meter or machine replaced"),
}
# how it was decided → (word, icon)
CHANGE_STATES: dict[str, tuple[str, str]] = {
    "open": (N_("Not decided yet"), "clock"),
    "approved": (N_("Approved"), "check"),
    "refused": (N_("Refused"), "cross"),
}
# who is told → word
ADDRESSEES: dict[str, str] = {
    "company": N_("the company"),
    "officer": N_("the officer"),
    "escalation": N_("who is named for what takes too long"),
}
# what became of a message → (word, icon)
MESSAGE_STATES: dict[str, tuple[str, str]] = {
    "waiting": (N_("Waits to be sent"), "clock"),
    "sent": (N_("Sent"), "check"),
    "failed": (N_("Given up"), "cross"),
}
# whom a visitor of the demo can be
DEMO_ROLES: dict[str, str] = {
    "operator": N_("Operator"),
    "officer": N_("Grant officer"),
    "integrator": N_("Integrator"),
}
# role → word
ROLES: dict[str, str] = {
    "operator": N_("operator"),
    "supervisor": N_("supervisor"),
    "integrator": N_("integrator"),
    "officer": N_("grant officer"),
    "auditor": N_("auditor"),
    "administrator": N_("administrator"),
}
# within what somebody has a role → word
SCOPES: dict[str, str] = {
    "plant": N_("plant %(name)s"),
    "line": N_("line %(name)s"),
    "scheme": N_("scheme %(name)s"),
    "project": N_("project %(name)s"),
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
        N_("Too much of the time is unknown to tell whether the term is met."),
    ),
    "pending": (N_("Pending"), "clock", N_("Its window has not begun.")),
}
# where a milestone stands → word
MILESTONE_STATES: dict[str, str] = {
    "draft": N_("Draft"),
    "submitted": N_("Submitted"),
    "in_check": N_("In check"),
    "query": N_("Query"),
    "recommended": N_("Recommended"),
    "accepted": N_("Accepted"),
    "accepted_in_part": N_("Accepted in part"),
    "extended": N_("Extended"),
    "waived": N_("Waived"),
    "rejected": N_("Rejected"),
    "closed": N_("Case closed"),
}
# whom a milestone waits for → word
WAITS_FOR: dict[str, str] = {
    "company": N_("the company"),
    "officer": N_("an officer"),
}
# step of a milestone → word
STEPS: dict[str, str] = {
    "submit": N_("Submit"),
    "take": N_("Take into check"),
    "query": N_("Ask the company"),
    "answer": N_("Answer"),
    "recommend": N_("Recommend"),
    "accept": N_("Accept"),
    "accept_in_part": N_("Accept in part"),
    "extend": N_("Extend"),
    "waive": N_("Waive"),
    "reject": N_("Reject"),
    "close": N_("Close the case"),
}
# what is against a person's taking a step → sentence
HINDRANCES: dict[str, str] = {
    "conflict": N_(
        "You have declared a conflict of interest with this project, so you take no step of it."
    ),
    "of_who_recommended": N_(
        "Who recommended it has declared a conflict of interest since: somebody else takes and "
        "recommends it again."
    ),
    "two_decide": N_("You recommended it, and two persons decide here: somebody else does."),
}
PLANS: dict[str, str] = {
    "busy": N_("Production time"),
    "planned_down": N_("Planned down time"),
    "not_planned": N_("No production planned"),
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
# category of a stop (analytics.stops.stop_list) → word
CATEGORIES: dict[str, str] = {
    "minor": N_("Minor stop"),
    "major": N_("Stop"),
    "setup": N_("Setup"),
    "maintenance": N_("Maintenance"),
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
    "undefined_product": N_("Product not in the plant file"),
    "contradiction": N_("Several new values at one instant"),
    "unusable_value": N_("Order, product or reason could not be read"),
    "clock_wrong": N_("Machine's clock was wrong"),
    "ideal_cycle_beaten": N_("Faster than the ideal cycle time"),
    "counter_jitter": N_("Counter went back a little"),
    "counter_out_of_line": N_("Counter reading not believed"),
    "implausible_count": N_("Count beyond what the machine can make"),
    "rejects_exceed_total": N_("More rejects than total"),
    "overdue": N_("Overdue"),
    "terms_changed_late": N_("Terms changed after their window began"),
    "terms_changed_without_approval": N_("Terms changed without approval"),
    "product_mix_moved": N_("Other products than in the baseline"),
    "product_mix_unknown": N_("Product mix not known well"),
    "effectiveness_over_100": N_("Faster than planned: check the cycle time"),
    "calendar_changed": N_("Calendar changed"),
    "cycle_time_changed": N_("Ideal cycle time changed"),
    "exception_entered_late": N_("Calendar exception entered late"),
    "planned_down_swelling": N_("Planned down time grew"),
    "corrections_concentrated": N_("Corrections piled up before the due day"),
    "replayed_segment": N_("Hours repeat other ones"),
    "production_without_energy": N_("Production without energy"),
    "flat_line": N_("Counter stood still in production"),
    "over_capacity": N_("More than the line can make"),
    "calibration_overdue": N_("Calibration overdue"),
    "source_changed": N_("Source of the data changed"),
    "late_data": N_("Data came late"),
}
# what a plant keeps confidential → what its line's page says to who is not shown it
WITHHELD: dict[str, str] = {
    "raw_samples": N_(
        "This plant keeps raw samples confidential: measurements, states with their times, speed, "
        "product and alarms are not shown to you. Figures and verdicts are."
    ),
    "reasons": N_(
        "This plant keeps the reasons of its stops and people's notes confidential: stops stand "
        "under their states."
    ),
    "names": N_("This plant does not name its people to you: each has a code that stays the same."),
}
# kind of correction → word
CORRECTIONS: dict[str, str] = {
    "reason": N_("Reason of a stop"),
    "split": N_("Stop split"),
    "merge": N_("Stops merged"),
    "quantity": N_("Counted amount"),
    "figure": N_("Amount that no machine tells"),
    "withdrawal": N_("Withdrawal of a correction"),
    "approval": N_("Approval of a correction"),
    "refusal": N_("Refusal of a correction"),
    "order": N_("Order and product"),
}
# kind of a stop's reason → (word, icon)
REASON_KINDS: dict[str, tuple[str, str]] = {
    "unplanned": (N_("Unplanned"), "stop"),
    "breakdown": (N_("Breakdown"), "fault"),
    "planned": (N_("Planned"), "clock"),
    "setup": (N_("Setup"), "setup"),
    "maintenance": (N_("Maintenance"), "wrench"),
}
# what an entry may meet that came too late → sentence
CONFLICTS: dict[str, str] = {
    "recorded": N_("Somebody else has given this stop a reason meanwhile."),
    "changed": N_("This stop is not any more as it was when this was entered."),
    "accepted": N_(
        "The figures of this time have been accepted. They stay as they were accepted; what is "
        "recorded now stands beside them."
    ),
    "person": N_("This was entered by somebody else than who is signed on now."),
}
# class of an exception of a calendar → word
EXCEPTIONS: dict[str, str] = {
    "planned_down": N_("Planned down time"),
    "closed": N_("Closed"),
    "overtime": N_("Overtime"),
}
# what the audit tells of → word
AUDITED: dict[str, str] = {
    "sign-in": N_("Sign-in"),
    "sign-out": N_("Sign-out"),
    "refused": N_("Refusal"),
    "change": N_("Change"),
    "export": N_("Export"),
    "account": N_("Account"),
    "token": N_("Token"),
    "agent": N_("Agent"),
}
OUTCOMES: dict[str, str] = {
    "done": N_("Done"),
    "wrong": N_("Name or password was wrong"),
    "waits": N_("Too many wrong tries"),
    "401": N_("Nobody was signed in"),
    "403": N_("Was not allowed"),
    "429": N_("Too many wrong tries"),
    "new password": N_("New password"),
    "disabled": N_("Disabled"),
    "enabled": N_("Enabled"),
    "revoked": N_("Revoked"),
    "enrolled": N_("Enrolled"),
    "code made": N_("Code to enrol made"),
    "new key": N_("New key"),
}
STATUS_ORDER = ("met", "on_track", "at_risk", "not_provable", "not_met", "pending")
