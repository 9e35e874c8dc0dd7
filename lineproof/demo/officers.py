"""What the demo's people did with its milestones: steps, a site visit, a request for a change.

They did it as `lineproof decide`, `lineproof visit` and `lineproof change` do. One milestone is
accepted, one waits for the visitor's decision, one for an answer of the company.
"""

from __future__ import annotations

from api.queries.lines import Queries
from api.records.change_requests import NewChange
from api.records.milestone_steps import NewStep
from api.records.site_visits import NewReading, NewVisit
from domain.time import HOUR_US, instant
from lineproof.access.change_requests import LocalChanges
from lineproof.access.milestone_steps import LocalMilestones
from lineproof.access.site_visits import LocalSiteVisits
from lineproof.demo.model.days import DemoDays
from lineproof.demo.model.lines import NOODLE_1, DemoLine
from lineproof.demo.operators import SHIFT_LEADER
from lineproof.demo.people import OFFICER
from lineproof.demo.texts import PROJECTS
from store.registry.registry import Registry

_DIRECTOR, _CHECKER, _HEAD = "Chow Tat Wai", "Ho Wing Yan", "Yip Lai Ping"
FIRST, SECOND, THIRD = PROJECTS
_STEPS = (
    (FIRST, "M1", "submit", _DIRECTOR, "The line has run as agreed since its first week."),
    (FIRST, "M1", "take", _CHECKER, ""),
    (FIRST, "M1", "recommend", _CHECKER, "The output of the first days is proven in full."),
    (FIRST, "M1", "accept", _HEAD, "As recommended."),
    (FIRST, "M2", "submit", _DIRECTOR, "The acceptance run is over."),
    (FIRST, "M2", "take", _CHECKER, ""),
    (FIRST, "M2", "query", _CHECKER, "Which products were made during the run?"),
    (FIRST, "M2", "answer", _DIRECTOR, "Both, as on every day: beef and seafood."),
    (FIRST, "M2", "recommend", _CHECKER, "The target is reached, and no hour is unknown."),
    (SECOND, "M1", "submit", _DIRECTOR, "The second line was commissioned on time."),
    (THIRD, "M1", "submit", _DIRECTOR, "Both lines have run well."),
    (THIRD, "M1", "take", _CHECKER, ""),
    (
        THIRD,
        "M1",
        "query",
        _CHECKER,
        "Almost a third of the run of the sauce line is unknown. Is there another record?",
    ),
)


def tell_milestones(
    queries: Queries, registry: Registry, line: DemoLine, days: DemoDays, until_us: int
) -> None:
    """All of it, in its order. `line`: the first one, on which the officer reads the panels."""
    milestones = LocalMilestones(queries, registry)
    for project, milestone, action, author, reason in _STEPS:
        milestones.take(project, milestone, NewStep(action, author, reason))
    LocalSiteVisits(queries, registry).enter(FIRST, "M2", _visit(line, until_us))
    LocalChanges(queries, registry).ask(SECOND, _later_due_day(days))


def _visit(line: DemoLine, until_us: int) -> NewVisit:
    """A day ago, at a full hour: that is when the old system kept counters."""
    read_us = until_us - until_us % HOUR_US - 24 * HOUR_US
    read_at = instant(read_us).isoformat()
    totals = line.model.totals(read_us)
    shown = (
        NewReading("filler", "total_count", read_at, str(totals.items), SHIFT_LEADER),
        NewReading("meter", "energy", read_at, f"{totals.energy_kwh:.1f}"),
    )
    return NewVisit(NOODLE_1, "unannounced", read_at, OFFICER, "The line was running.", shown)


def _later_due_day(days: DemoDays) -> NewChange:
    return NewChange(
        "dates",
        days.later_due.isoformat(),
        "The packer holds the line up; a faster one is ordered and comes in six weeks.",
        _DIRECTOR,
        milestone="M2",
    )
