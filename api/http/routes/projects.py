"""`GET projects`, `GET projects/{ref}/milestones` and `GET projects/{ref}/attested`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import i18n
from api.documents.milestones import attested_json, grant_json, milestones_document
from api.documents.smart_line import smart_line_json
from api.http.dependencies import KnownQueriesDep, SeenDep, ServicesDep
from api.http.paging import PageDep, json_answer
from api.http.routes import PREFIX
from api.http.routes.attachments import names_for
from api.queries.prices import verdicts_price
from api.queries.smart_line import smart_line
from api.queries.times import instant_of
from domain.grants import Project
from domain.schemes.funding import funding

router = APIRouter(prefix=f"{PREFIX}/projects", tags=["grants"])
AsOf = Annotated[
    str | None,
    Query(description="What was known of the time before this instant; the present without it"),
]

ReasonsLang = Annotated[
    str | None, Query(description="Language of the reasons: en, zh-Hant, zh-Hans")
]


@router.get("", summary="Every funded project with its funding")
def projects(seen: SeenDep, queries: KnownQueriesDep, page: PageDep) -> Response:
    companies = queries.projects_of_companies()
    rows = [_project_json(it, companies[it.plant]) for it in seen.projects()]
    return page.of(rows)


@router.get("/{ref}/milestones", summary="Verdicts of a project's milestones")
async def milestones(
    ref: str,
    request: Request,
    services: ServicesDep,
    queries: KnownQueriesDep,
    as_of: AsOf = None,
    lang: ReasonsLang = None,
) -> Response:
    """The document of `lineproof milestones --json`; its reasons in English or in `lang`."""
    plant, project = await run_in_threadpool(queries.project, ref)
    at = instant_of(as_of, plant.zone, "as_of") if as_of is not None else None
    language = i18n.language(i18n.negotiate(lang, None, None))

    def made() -> Response:
        return json_answer(milestones_document(queries, ref, at, language.reason))

    return await services.lanes.ask(request, verdicts_price(queries, project, at), made)


@router.get("/{ref}/smart-line", summary="The scheme's points of a smart line, with evidence")
async def points_of_smart_line(
    ref: str,
    request: Request,
    services: ServicesDep,
    queries: KnownQueriesDep,
    lang: ReasonsLang = None,
) -> Response:
    """What is connected, heard and measured, and documents of the kind that each point names."""
    _, project = await run_in_threadpool(queries.project, ref)
    language = i18n.language(i18n.negotiate(lang, None, None))

    def made() -> Response:
        return json_answer(smart_line_json(smart_line(queries, ref), language.tag, language.reason))

    return await services.lanes.ask(request, verdicts_price(queries, project, None), made)


@router.get("/{ref}/attested", summary="Figures that people attested with documents")
def attested(
    ref: str, services: ServicesDep, queries: KnownQueriesDep, seen: SeenDep, page: PageDep
) -> Response:
    """Money spent and paid out, people trained and employed; withdrawn ones and withdrawals too."""
    zone, name = queries.project_zone(ref), names_for(services, seen, ref)
    return page.of([attested_json(it, zone, name) for it in queries.attested(ref)])


def _project_json(project: Project, of_company: Sequence[Project]) -> dict[str, Any]:
    return {
        "project": project.reference,
        "plant": project.plant,
        "lines": project.lines,
        "approved_on": project.approved_on,
        "start": project.start,
        "end": project.end,
        "milestones": [milestone.id for milestone in project.milestones],
        "grant": grant_json(funding(project, of_company)),
    }
