"""`checks`: which milestones are to be checked more closely: `risks` because of what they show,
`samples` because they were drawn at random."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import i18n
from api.documents.audit_samples import sample_json
from api.documents.checks import risk_json
from api.http.dependencies import CallerDep, SeenDep, Services, ServicesDep, author_of
from api.http.paging import PageDep, json_answer
from api.http.project_answers import portfolio_rows
from api.http.routes import PREFIX
from api.queries.portfolio import ranked_risks
from api.records.audit_samples import (
    NewResult,
    NewSample,
    announce_sample,
    check_scheme,
    enter_result,
    enter_seed,
    sample_numbered,
    samples_seen,
)
from domain.access import Action
from domain.audit_samples import USUAL_PRECISION, Precision

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


class GivenSample(BaseModel):
    """A sample to be announced."""

    model_config = ConfigDict(extra="forbid")

    scheme: str
    start: str = Field(description="First day of the financial period")
    end: str = Field(description="Its last day")
    public_value: str = Field(
        description="What will be the seed, as in: Hang Seng Index, closing, 2026-05-04"
    )
    known_on: str = Field(description="The day on which everybody will know it; after today")
    rate: StrictFloat = Field(USUAL_PRECISION.rate, description="The error rate that is expected")
    margin: StrictFloat = Field(
        USUAL_PRECISION.margin, description="To within how much it is to be told"
    )
    confidence: StrictFloat = USUAL_PRECISION.confidence
    author: str | None = Field(None, description="Left out: who is signed in")


class GivenSeed(BaseModel):
    """What the public value was."""

    model_config = ConfigDict(extra="forbid")

    value: str
    author: str | None = Field(None, description="Left out: who is signed in")


class GivenResult(BaseModel):
    """What came of looking at a drawn milestone."""

    model_config = ConfigDict(extra="forbid")

    project: str
    milestone: str
    is_error: StrictBool
    amount_hkd: str = Field("", description="Of an error, if it is known: as in 12500.50")
    note: str = ""
    author: str | None = Field(None, description="Left out: who is signed in")


@router.get("/samples", summary="Samples of the schemes that you see as a whole")
def samples(services: ServicesDep, caller: CallerDep, page: PageDep) -> Response:
    """Each with its population, what was drawn, and the error rate once all of it was looked at."""
    kept = services.registry.audit_samples
    told = [sample_json(it, kept.results(it.number)) for it in samples_seen(caller, kept)]
    return page.of(told)


@router.get("/samples/{number}", summary="One sample")
def sample(number: int, services: ServicesDep, caller: CallerDep) -> Response:
    kept = services.registry.audit_samples
    found = sample_numbered(caller, kept, number)
    return json_answer(sample_json(found, kept.results(number)))


@router.post("/samples", status_code=201, summary="Announce a sample")
async def announce(given: GivenSample, services: ServicesDep, caller: CallerDep) -> Response:
    """Nothing of it can be changed later. A scheme's days are drawn from once."""
    check_scheme(caller, given.scheme)
    new = NewSample(
        given.scheme,
        given.start,
        given.end,
        given.public_value,
        given.known_on,
        author_of(caller, given.author),
        Precision(given.rate, given.margin, given.confidence),
    )
    kept = services.registry.audit_samples
    return await _told(services, lambda: announce_sample(services.queries, kept, new).number)


@router.post("/samples/{number}/seed", status_code=201, summary="Enter the public value: draw")
async def seed(number: int, given: GivenSeed, services: ServicesDep, caller: CallerDep) -> Response:
    author = author_of(caller, given.author)
    kept = services.registry.audit_samples

    def made() -> int:
        check_scheme(caller, sample_numbered(caller, kept, number).scheme)
        return enter_seed(services.queries, kept, number, given.value, author).number

    return await _told(services, made)


@router.post("/samples/{number}/results", status_code=201, summary="Enter what came of a milestone")
async def result(
    number: int, given: GivenResult, services: ServicesDep, caller: CallerDep
) -> Response:
    """Of a drawn milestone, by an officer who took no part in deciding on it. The last result of a
    milestone counts; earlier ones stay."""
    new = NewResult(
        given.project,
        given.milestone,
        given.is_error,
        author_of(caller, given.author),
        given.amount_hkd,
        given.note,
    )
    kept = services.registry.audit_samples

    def made() -> int:
        check_scheme(caller, sample_numbered(caller, kept, number).scheme)
        return enter_result(services.queries, kept, number, new).sample

    return await _told(services, made)


async def _told(services: Services, made: Callable[[], int]) -> Response:
    """The sample with the number that `made` gives, as it is by then."""
    kept = services.registry.audit_samples

    def told() -> dict[str, Any]:
        number = made()
        found = next(it for it in kept.all() if it.number == number)
        return sample_json(found, kept.results(number))

    answer = json_answer(await services.lanes.quick.run(told))
    answer.status_code = 201
    return answer
