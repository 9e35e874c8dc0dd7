"""`GET checks/risks`: which milestones are to be checked more closely because of what they show."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import i18n
from api.documents.checks import risk_json
from api.http.dependencies import SeenDep, ServicesDep
from api.http.paging import PageDep, json_answer
from api.http.project_answers import portfolio_rows
from api.http.routes import PREFIX
from api.queries.portfolio import ranked_risks
from domain.access import Action

router = APIRouter(prefix=f"{PREFIX}/checks", tags=["grants"])
ReasonsIn = Annotated[str | None, Query(description="Language of reasons: en, zh-Hant, zh-Hans")]
OfScheme = Annotated[str | None, Query(max_length=200, description="Of this scheme alone")]


@router.get("/risks", summary="Submitted milestones, those with most reasons for a check first")
async def risks(
    request: Request,
    services: ServicesDep,
    seen: SeenDep,
    page: PageDep,
    lang: ReasonsIn = None,
    scheme: OfScheme = None,
) -> Response:
    """A score is a sum of points, each with its reason. It is no probability: no error rate
    follows from it. Projects that cannot be computed here are named in `not_computed`."""
    projects = await run_in_threadpool(seen.projects, Action.SEE_CHECKS)
    wanted = [it for it in projects if scheme in (None, it.scheme)]
    rows, too_dear = await portfolio_rows(request, services, wanted)
    shown, next_key = page.part(ranked_risks(rows))
    language = i18n.language(i18n.negotiate(lang, None, None))
    told = {
        "milestones": [risk_json(project, it, language) for project, it in shown],
        "not_computed": [it.reference for it in too_dear],
    }
    return page.linked(json_answer(told), next_key)
