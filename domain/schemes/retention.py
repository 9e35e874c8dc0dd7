"""How long a document of a project is kept: the years that the scheme's rule names, and from when.

They count from the latest of three days: the project's end, the last due day of its milestones (as
extended), and the day on which the document was attached. Nobody audits a project that still has
something due, and what comes late is of use as long as what came in time. An example, of a rule
that names 7 years:

    the project ends on 2027-01-31; its last milestone is due on 2027-03-31
    attached on 2026-05-02      kept until 2034-03-31, that day included
    attached on 2030-01-15      kept until 2037-01-15

Where no rule is known for the day of approval there is no such day: then it is kept for ever.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING

from domain.grants import Project
from domain.schemes.funding import rule_for


def retain_until(project: Project, attached_on: date) -> date | None:
    """The last day on which a document must be there; None: for ever. `project`: with its
    extensions."""
    rule = rule_for(project.scheme, project.approved_on)
    if rule is None:
        return None
    since = max([project.end, attached_on, *(it.due for it in project.milestones)])
    years = int(rule.office.retention_years.value.to_integral_value(ROUND_CEILING))
    return _years_later(since, years)


def _years_later(day: date, years: int) -> date | None:
    """29 February becomes 1 March where there is none. None behind the last day of calendars."""
    if day.year + years > date.max.year:
        return None
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
