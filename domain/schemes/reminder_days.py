"""After how many days people are reminded in a project, by its scheme's rule.

Where no rule is known for its day of approval these are the defaults of `ReminderDays`. A node's
settings may name other days.
"""

from __future__ import annotations

from domain.grants import Project
from domain.reminders import ReminderDays
from domain.schemes.funding import rule_for


def reminder_days(project: Project) -> ReminderDays:
    rule = rule_for(project.scheme, project.approved_on)
    if rule is None:
        return ReminderDays()
    office = rule.office
    return ReminderDays(
        int(office.remind_before_days.value),
        int(office.remind_waiting_after_days.value),
        int(office.escalate_after_days.value),
    )
