"""`/checks`: which milestones an officer checks more closely: by what they show, and by a sample
that was drawn at random. The two stand apart. Its forms need no script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from analytics.checks.error_rate import ErrorRate, error_rate
from analytics.checks.risk import CheckRisk
from api.http.access.audit_trail import tell
from api.http.access.callers import Seen
from api.http.access.forms import read_form
from api.http.dependencies import CallerDep, SeenDep, Services, ServicesDep
from api.http.project_answers import portfolio_rows
from api.i18n import Language
from api.pages import labels
from api.pages.refusals import refusal_of
from api.pages.render import render
from api.pages.templates import language_of
from api.queries.portfolio import ranked_risks
from api.records.audit_samples import (
    NewResult,
    NewSample,
    announce_sample,
    check_scheme,
    enter_result,
    enter_seed,
    may_of_scheme,
    sample_numbered,
    samples_seen,
)
from domain.access import Action, Caller
from domain.audit_samples import AuditSample, SampleItem, SampleResult, last_results
from domain.errors import InputError, LineproofError
from domain.grants import Project
from domain.texts import N_
from store.registry.audit import Done, Event

router = APIRouter()
RISKS_SHOWN_MAX = 100
_ANNOUNCED = ("start", "end", "public_value", "known_on")


@dataclass(frozen=True)
class ShownRisk:
    """`reasons`: points and sentences, with what the flags mean that they are about."""

    project: str
    scheme: str
    risk: CheckRisk
    reasons: list[tuple[int, str]]


@dataclass(frozen=True)
class ShownSample:
    """`drawn`: each with the result that counts; `may_enter`: its reader may enter more."""

    sample: AuditSample
    period: str
    announced_at: str
    known_on: str
    rate: ErrorRate
    drawn: list[tuple[SampleItem, SampleResult | None]]
    may_enter: bool


@router.get("/checks")
async def checks(
    request: Request, services: ServicesDep, caller: CallerDep, seen: SeenDep
) -> Response:
    return await _page(request, services, seen, caller)


@router.post("/checks")
async def checks_on_page(
    request: Request, services: ServicesDep, caller: CallerDep, seen: SeenDep
) -> Response:
    """`action`: announce (scheme, start, end, public_value, known_on), seed (number, value), or
    result (number, project, milestone, found, amount_hkd, note)."""
    fields = await read_form(request)
    place = f"/checks: {fields.get('action', '')} {fields.get('number', '')}".rstrip()
    tell(request, Event(Done.CHANGE, caller.name, place=place))
    try:
        await services.lanes.quick.run(lambda: _done(services, caller, fields))
    except LineproofError as error:
        tell(request, Event(Done.REFUSED, caller.name, place=place))
        return await _page(request, services, seen, caller, error)
    return RedirectResponse(request.url.path, status_code=303)


def _done(services: Services, caller: Caller, fields: Mapping[str, str]) -> None:
    queries, samples = services.queries, services.registry.audit_samples
    action = fields.get("action", "")
    if action == "announce":
        scheme = fields.get("scheme", "")
        check_scheme(caller, scheme)
        start, end, public_value, known_on = (fields.get(it, "") for it in _ANNOUNCED)
        sample = NewSample(scheme, start, end, public_value, known_on, caller.name)
        announce_sample(queries, samples, sample)
        return
    if action not in ("seed", "result"):
        raise InputError(f"there is no action '{action}'", todo="Send announce, seed or result.")
    number = fields.get("number", "")
    if not number.isdecimal() or len(number) > 9:
        raise InputError(f"'{number}' is no sample", todo="Send the number of one.")
    check_scheme(caller, sample_numbered(caller, samples, int(number)).scheme)
    if action == "seed":
        enter_seed(queries, samples, int(number), fields.get("value", ""), caller.name)
        return
    found = fields.get("found", "")
    if found not in ("error", "none"):
        raise InputError(
            N_("nothing is said of what was found"), todo=N_("Choose whether it is wrong.")
        )
    new = NewResult(
        fields.get("project", ""),
        fields.get("milestone", ""),
        found == "error",
        caller.name,
        fields.get("amount_hkd", ""),
        fields.get("note", ""),
    )
    enter_result(queries, samples, int(number), new)


async def _page(
    request: Request,
    services: Services,
    seen: Seen,
    caller: Caller,
    wrong: LineproofError | None = None,
) -> Response:
    language = language_of(request)
    projects = await run_in_threadpool(seen.projects, Action.SEE_CHECKS)
    rows, too_dear = await portfolio_rows(request, services, projects)
    found = [it for it in ranked_risks(rows) if it[1].score]
    samples = await services.lanes.quick.run(lambda: _samples(services, caller, language))
    schemes = sorted({it.scheme for it in projects})
    return render(
        request,
        "checks.html",
        status=wrong.http_status if wrong else 200,
        wrong=wrong and refusal_of(wrong, language),
        risks=[_shown(project, it, language) for project, it in found[:RISKS_SHOWN_MAX]],
        risks_left=max(len(found) - RISKS_SHOWN_MAX, 0),
        submitted=sum(len(row.risks) for row in rows),
        too_dear=too_dear,
        samples=samples,
        schemes=[it for it in schemes if _may_draw(caller, it)],
    )


def _may_draw(caller: Caller, scheme: str) -> bool:
    """On an open node nobody is somebody, so nobody is an author there."""
    return not caller.is_open and may_of_scheme(caller, Action.DRAW_SAMPLES, scheme)


def _samples(services: Services, caller: Caller, language: Language) -> list[ShownSample]:
    """The newest first."""
    kept, shown = services.registry.audit_samples, []
    for it in samples_seen(caller, kept):
        results = last_results(kept.results(it.number))
        shown.append(
            ShownSample(
                it,
                f"{language.day(it.start)} – {language.day(it.end)}",
                language.day(it.announced_at.date()),
                language.day(it.known_on),
                error_rate(it, results),
                [(item, results.get(item)) for item in it.drawn],
                _may_draw(caller, it.scheme),
            )
        )
    return shown[::-1]


def _shown(project: Project, risk: CheckRisk, language: Language) -> ShownRisk:
    reasons = []
    for it in risk.reasons:
        flags = language.listed(language.text(labels.FLAGS.get(flag, flag)) for flag in it.flags)
        says = language.sentence(it.says)
        reasons.append((it.points, f"{says} ({flags})" if flags else says))
    return ShownRisk(project.reference, project.scheme, risk, reasons)
