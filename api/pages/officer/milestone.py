"""`/grants/{ref}/{milestone}`: what the data say of a milestone, and what people make of it.

It has the verdict, the state, what was done so far, and a form of the steps that its reader may
take now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.http.access.audit_trail import tell
from api.http.access.callers import Seen, check_place
from api.http.access.forms import read_form
from api.http.dependencies import CallerDep, SeenDep, Services, ServicesDep
from api.http.project_answers import project_answer
from api.http.routes.decisions import action_for, authors_for
from api.i18n import Language
from api.pages.officer.grants import Until, printing, shown_milestone, shown_project_of, verdicts_of
from api.pages.officer.milestone_documents import document_kinds, shown_documents
from api.pages.officer.milestone_export import milestone_links
from api.pages.officer.shown_basis import ShownBasis, shown_basis
from api.pages.officer.shown_visits import VisitForm, shown_visits, visit_form
from api.pages.officer.waiting_rows import waiting_row
from api.pages.refusals import refusal_of
from api.pages.render import render
from api.pages.templates import fragment, language_of
from api.queries.lines import Queries
from api.queries.milestone_basis import milestone_basis
from api.records.milestone_steps import (
    NewStep,
    declare_conflict,
    is_for_two_persons,
    milestone_named,
    steps_of,
    take_step,
)
from domain.access import Action, Caller
from domain.errors import LineproofError
from domain.grants import Milestone, Project
from domain.milestone_states import (
    DECIDING,
    Hindrance,
    Persons,
    Step,
    StepTaken,
    state_after,
    step_named,
    steps_from,
)
from domain.plant import Plant
from store.archive.document_types import TAKEN
from store.registry.audit import Done, Event

router = APIRouter()
_CONFLICT = "declare_conflict"  # what the form of it sends as its action


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step that was taken, as texts. `status`, `digest`: of a decision, the verdict and the
    facts of its moment; `is_of_other_terms`: the grant file has changed them since."""

    step: str
    author: str
    at: str
    reason: str
    due: str | None
    status: str | None
    digest: str | None
    is_of_other_terms: bool


@dataclass(frozen=True, slots=True)
class OpenSteps:
    """The steps that a reader may take now, and what is against the others. `may_declare`: a
    conflict of interest."""

    steps: tuple[Step, ...] = ()
    hindrances: tuple[Hindrance, ...] = ()
    may_declare: bool = False


@router.get("/grants/{ref}/{milestone}")
async def milestone(
    ref: str,
    milestone: str,
    request: Request,
    services: ServicesDep,
    caller: CallerDep,
    seen: SeenDep,
    until: Until = None,
) -> Response:
    _, project = await run_in_threadpool(services.queries.project, ref)
    milestone_named(project, milestone)
    found, now = await verdicts_of(request, services, project, until)
    language = language_of(request)
    verdict = next(it for it in found.verdicts if it.milestone.id == milestone)
    changed = now.get(milestone)
    zone = found.plant.zone
    basis = await project_answer(
        request,
        services,
        project,
        ("basis", ref, milestone, until),
        found.as_of if until else None,
        lambda queries: milestone_basis(queries, found, verdict),
    )
    row = shown_milestone(verdict, language, found)
    withheld = seen.withheld_of_project(project)

    def made(queries: Queries) -> tuple[ShownBasis, Markup]:
        shown = shown_basis(services, withheld, found, row, basis, language)
        days = fragment(language, "milestone_days.html", basis=shown) if shown.chart else ""
        return shown, Markup(days)

    shown, days = await project_answer(
        request,
        services,
        project,
        ("shown basis", ref, milestone, until, language.tag, withheld),
        found.as_of if until else None,
        made,
    )
    return render(
        request,
        "milestone.html",
        row=row,
        basis=shown,
        days=days,
        waiting=waiting_row(found, milestone, services.queries.now(), language),
        restated=shown_milestone(changed[0], language, found) if changed else None,
        since=language.moment(changed[1], zone) if changed else None,
        exports=milestone_links(ref, milestone, until, basis.figures is not None, language),
        **shown_project_of(found, until, language),
        **printing(found, services.queries.now(), language),
        **await run_in_threadpool(_life, services, seen, caller, project, milestone, language),
    )


@router.post("/grants/{ref}/{milestone}")
async def take_step_of(
    ref: str,
    milestone: str,
    request: Request,
    services: ServicesDep,
    caller: CallerDep,
    seen: SeenDep,
) -> Response:
    """`action`: a step, or declare_conflict; `reason`; `due`: of an extension."""
    fields = await read_form(request)
    action, reason, due = (fields.get(it, "") for it in ("action", "reason", "due"))
    place = f"/grants/{ref}/{milestone}: {action}"
    queries, taking = services.queries, services.registry.take

    def made() -> None:
        if action == _CONFLICT:
            check_place(caller, queries, {"ref": ref}, Action.DECIDE)
            declare_conflict(queries, taking, ref, reason, caller.name)
            return
        step = step_named(action)
        check_place(caller, queries, {"ref": ref}, action_for(step))
        # A day that was filled in for an extension says nothing of another step.
        new = NewStep(action, caller.name, reason, due if step is Step.EXTEND else "")
        take_step(queries, taking, ref, milestone, new)

    tell(request, Event(Done.CHANGE, caller.name, place=place))
    lane = services.lanes.long if action in list(DECIDING) else services.lanes.quick
    try:
        await lane.run(made)
    except LineproofError as error:
        tell(request, Event(Done.REFUSED, caller.name, place=place))
        return await refused(request, services, seen, caller, (ref, milestone), error)
    return RedirectResponse(request.url.path, status_code=303)


async def refused(
    request: Request,
    services: Services,
    seen: Seen,
    caller: Caller,
    place: tuple[str, str],
    error: LineproofError,
) -> Response:
    """The state as it is, with the sentence of the refusal."""
    ref, milestone = place
    _, project = await run_in_threadpool(services.queries.project, ref)
    milestone_named(project, milestone)
    language = language_of(request)
    life = await run_in_threadpool(_life, services, seen, caller, project, milestone, language)
    return render(
        request,
        "milestone_refused.html",
        status=error.http_status,
        project=project,
        milestone=milestone,
        wrong=refusal_of(error, language),
        **life,
    )


def _life(
    services: Services,
    seen: Seen,
    caller: Caller,
    project: Project,
    milestone: str,
    language: Language,
) -> dict[str, Any]:
    """Where it stands, how it came there, and what may be done now."""
    queries = services.queries.still()
    plant, _ = queries.project(project.reference)
    described = milestone_named(project, milestone)
    taken = steps_of(queries, project.reference, milestone)
    conflicts = queries.conflicts(project.reference)
    persons = Persons(taken, conflicts, is_for_two_persons(queries, plant, project))
    author = authors_for(services, queries, seen, project.reference)
    return {
        "state": state_after(taken).value,
        "history": [shown_step(it, author(it), plant, described, language) for it in taken],
        "conflicts": [(it.author, language.moment(it.declared_at, plant.zone)) for it in conflicts],
        "open_steps": _open_steps(caller, seen, project, persons),
        "documents": shown_documents(services, seen, plant, project, milestone, language),
        "may_attach": not caller.is_open and seen.may_of_project(Action.ATTACH, project),
        "types": TAKEN,
        "kinds": document_kinds(project, language),
        "visits": shown_visits(services, seen, plant, project, milestone, language),
        "visit_form": _visit_form(caller, seen, plant, project, persons, language),
    }


def _visit_form(
    caller: Caller,
    seen: Seen,
    plant: Plant,
    project: Project,
    persons: Persons,
    language: Language,
) -> VisitForm | None:
    """For who may enter a visit."""
    has_conflict = persons.hindrance(Step.TAKE, caller.name) is Hindrance.CONFLICT
    if caller.is_open or has_conflict or not seen.may_of_project(Action.VISIT, project):
        return None
    return visit_form(plant, project, language)


def _open_steps(caller: Caller, seen: Seen, project: Project, persons: Persons) -> OpenSteps:
    if caller.is_open:  # nobody is signed in who could send a form
        return OpenSteps()
    allowed: Sequence[Step] = [
        it
        for it in steps_from(state_after(persons.taken))
        if seen.may_of_project(action_for(it), project)
    ]
    against = {it: persons.hindrance(it, caller.name) for it in allowed}
    may_decide = seen.may_of_project(Action.DECIDE, project)
    has_conflict = persons.hindrance(Step.TAKE, caller.name) is Hindrance.CONFLICT
    return OpenSteps(
        tuple(it for it, hindrance in against.items() if hindrance is None),
        tuple(dict.fromkeys(it for it in against.values() if it is not None)),
        may_decide and not has_conflict,
    )


def shown_step(
    taken: StepTaken, author: str, plant: Plant, milestone: Milestone, language: Language
) -> ShownStep:
    """A step of that milestone, its author as the reader is shown them."""
    verdict = None if taken.verdict is None else orjson.loads(taken.verdict)
    return ShownStep(
        taken.step.value,
        author,
        language.moment(taken.taken_at, plant.zone),
        taken.reason,
        language.day(taken.due) if taken.due else None,
        verdict["status"] if verdict else None,
        verdict["evidence"]["facts_digest"] if verdict else None,
        verdict is not None and verdict["evidence"]["terms_digest"] != milestone.terms_digest,
    )
