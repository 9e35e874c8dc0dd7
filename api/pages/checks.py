"""`/checks`: which milestones an officer checks more closely: by what they show, and by a sample
that was drawn at random. The two stand apart."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from analytics.checks.risk import CheckRisk
from api.http.dependencies import SeenDep, ServicesDep
from api.http.project_answers import portfolio_rows
from api.i18n import Language
from api.pages import labels
from api.pages.render import language_of, render
from api.queries.portfolio import ranked_risks
from domain.access import Action
from domain.grants import Project

router = APIRouter()
RISKS_SHOWN_MAX = 100


@dataclass(frozen=True)
class ShownRisk:
    """`reasons`: points and sentences, with what the flags mean that they are about."""

    project: str
    scheme: str
    risk: CheckRisk
    reasons: list[tuple[int, str]]


@router.get("/checks")
async def checks(request: Request, services: ServicesDep, seen: SeenDep) -> Response:
    language = language_of(request)
    projects = await run_in_threadpool(seen.projects, Action.SEE_CHECKS)
    rows, too_dear = await portfolio_rows(request, services, projects)
    found = [it for it in ranked_risks(rows) if it[1].score]
    return render(
        request,
        "checks.html",
        risks=[_shown(project, it, language) for project, it in found[:RISKS_SHOWN_MAX]],
        risks_left=max(len(found) - RISKS_SHOWN_MAX, 0),
        submitted=sum(len(row.risks) for row in rows),
        too_dear=too_dear,
    )


def _shown(project: Project, risk: CheckRisk, language: Language) -> ShownRisk:
    reasons = []
    for it in risk.reasons:
        flags = language.listed(language.text(labels.FLAGS.get(flag, flag)) for flag in it.flags)
        says = language.reason(it.says)
        reasons.append((it.points, f"{says} ({flags})" if flags else says))
    return ShownRisk(project.reference, project.scheme, risk, reasons)
