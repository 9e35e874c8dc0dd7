"""What is made of a project's data for several who ask, made once for all of them.

Made again when facts of the past changed or something was recorded, else every SHOWN_S seconds:
verdicts look at days that have ended, and in every zone a day ends with a whole minute. Who goes
from a project to its milestones waits once. It runs in the lane for its price, and ends when nobody
waits.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime

from fastapi import Request

from api.http.dependencies import Services
from api.http.lanes import Made, while_there
from api.queries.lines import Queries
from api.queries.portfolio import PortfolioRow, portfolio_row
from api.queries.prices import TooDearError, verdicts_price
from domain.grants import Project

SHOWN_S = 60


async def project_answer(
    request: Request,
    services: Services,
    project: Project,
    key: Hashable,
    as_of: datetime | None,
    make: Callable[[Queries], Made],
) -> Made:
    """What `make` gives of the project, at the price of its verdicts. `key` names it among all
    that is made of projects. Raises TooDearError, ComeAgainError, ClientDisconnect."""
    queries = services.queries.still()
    entries = [queries.seen(line) for line in project.lines]
    stamp = None
    if all(entries):
        ticks = [
            (it.version, it.registry, int(it.at.timestamp()) // SHOWN_S) for it in entries if it
        ]
        stamp = tuple(ticks)
    lane = services.lanes.of(verdicts_price(queries, project, as_of))
    shared = services.feed.shared(key, stamp, lambda: make(queries), lane)
    return await while_there(request, shared)


async def portfolio_rows(
    request: Request, services: Services, projects: list[Project]
) -> tuple[list[PortfolioRow], list[Project]]:
    """A row for each project; and those whose verdicts are too dear to be made here."""
    rows, too_dear = [], []
    for project in projects:
        key = ("portfolio", project.reference)

        def make(queries: Queries, project: Project = project) -> PortfolioRow:
            return portfolio_row(queries, project)

        try:
            rows.append(await project_answer(request, services, project, key, None, make))
        except TooDearError:
            too_dear.append(project)
    return rows, too_dear
