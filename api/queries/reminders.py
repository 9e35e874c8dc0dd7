"""What people are to be reminded of, in every project."""

from __future__ import annotations

from dataclasses import dataclass, replace

from api.queries.lines import Queries
from domain.grants import Project
from domain.reminders import ProjectWork, ReminderDays
from domain.schemes.reminder_days import reminder_days


@dataclass(frozen=True, slots=True)
class OtherDays:
    """Days that a node's settings name instead of those of the scheme's rule."""

    before: int | None = None
    waiting: int | None = None
    escalate: int | None = None

    def instead_of(self, days: ReminderDays) -> ReminderDays:
        given = {"before": self.before, "waiting": self.waiting, "escalate": self.escalate}
        return replace(days, **{name: it for name, it in given.items() if it is not None})


def work_of(queries: Queries, project: Project, days: OtherDays) -> ProjectWork:
    """`project`: with its extensions."""
    ref = project.reference
    return ProjectWork(
        project,
        queries.steps(ref),
        queries.change_requests(ref),
        days.instead_of(reminder_days(project)),
        queries.line(project.lines[0])[0].zone,
    )
