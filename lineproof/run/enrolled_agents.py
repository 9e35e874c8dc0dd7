"""`/agents/enrolled`: which agents there are, when the last batch of each came; enrol and revoke.

Beside `/agents`, because that page reloads itself, under the hands of whoever fills in a form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.http.access.audit_trail import tell
from api.http.access.forms import read_form
from api.http.dependencies import CallerDep, Services, ServicesDep
from api.i18n import Language
from api.pages.refusals import Refusal, refusal_of
from api.pages.render import render
from api.pages.templates import language_of
from domain.access import Action
from domain.errors import InputError, LineproofError
from lineproof.agents import code_text
from store.registry.agents import Agent
from store.registry.audit import Done, Event
from store.telemetry.protocol import BatchRecord

ENROLLED_PATH = "/agents/enrolled"
_ZONE = ZoneInfo("Asia/Hong_Kong")  # of a node that has no plant yet
_SILENT = timedelta(minutes=10)  # an agent that reads seals a batch a minute


@dataclass(frozen=True, slots=True)
class EnrolledRow:
    """`last`: when its last batch was taken, `ago`: how long that is; `lag`: how old its newest
    value was then. `state`: ok, silent, never or revoked."""

    name: str
    origin: str
    enrolled: str
    last: str
    ago: str
    lag: str
    state: str
    revoked: str


def enrolled_agents_router(now: Callable[[], datetime], authority: str | None = None) -> APIRouter:
    """The page; `authority` as in `lineproof.run.agents_routes`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(ENROLLED_PATH)
    async def page(request: Request, services: ServicesDep, caller: CallerDep) -> Response:
        return await _page(request, services, now())

    @routes.post(ENROLLED_PATH)
    async def change(request: Request, services: ServicesDep, caller: CallerDep) -> Response:
        """`action`: code or revoke; `name`: of which agent; `again`: its name once more."""
        fields = await read_form(request)
        action, name = fields.get("action", ""), fields.get("name", "").strip()

        def made() -> str:
            registry = services.registry
            if action == "code":
                secret = registry.agent_codes.make(name, now(), by=caller.name)
                return code_text(secret, authority)
            if action != "revoke":
                raise InputError(f"there is no action '{action}'", todo="Send code or revoke.")
            if fields.get("again", "").strip() != name:
                raise InputError(
                    f"the name of the agent '{name}' was not written once more",
                    todo="Write it, so that no other one is revoked by a slip.",
                )
            registry.agents.revoke(name, now(), by=caller.name)
            return ""

        try:
            code = await services.lanes.quick.run(made)
        except LineproofError as error:
            tell(
                request, Event(Done.REFUSED, caller.name, place=f"{ENROLLED_PATH}: {action} {name}")
            )
            wrong = refusal_of(error, language_of(request))
            return await _page(request, services, now(), status=error.http_status, wrong=wrong)
        if code:
            return await _page(request, services, now(), code=(name, code))
        return RedirectResponse(ENROLLED_PATH, status_code=303)

    return routes


async def _page(
    request: Request,
    services: Services,
    at: datetime,
    *,
    status: int = 200,
    wrong: Refusal | None = None,
    code: tuple[str, str] | None = None,
) -> Response:
    language, caller = language_of(request), request.state.caller
    lines = services.queries.lines()
    zone = lines[0][0].zone if lines else _ZONE

    def rows() -> list[EnrolledRow]:
        intake = services.queries.intake
        return [
            _row(it, intake.last_batch(it.name), at, language, zone)
            for it in services.registry.agents.all()
        ]

    return render(
        request,
        "enrolled_agents.html",
        status=status,
        rows=await run_in_threadpool(rows),
        wrong=wrong,
        code=code,
        node=f"{request.url.scheme}://{request.url.netloc}",
        # An open node has no forms: nobody is signed in who could send one.
        may_manage=not caller.is_open and caller.may(Action.MANAGE_AGENTS),
        zone=zone.key,
        version=version("lineproof"),
    )


def _row(
    agent: Agent, last: BatchRecord | None, at: datetime, language: Language, zone: ZoneInfo
) -> EnrolledRow:
    ago = None if last is None else at - last.received
    lag = None if last is None or last.last_time is None else last.received - last.last_time
    if agent.revoked_at is not None:
        state = "revoked"
    elif ago is None:
        state = "never"
    else:
        state = "silent" if ago > _SILENT else "ok"
    return EnrolledRow(
        name=agent.name,
        origin=agent.origin,
        enrolled=language.moment(agent.enrolled_at, zone),
        last=language.moment(None if last is None else last.received, zone),
        ago="" if ago is None else language.duration(max(ago.total_seconds(), 0.0)),
        lag="" if lag is None else language.duration(max(lag.total_seconds(), 0.0)),
        state=state,
        revoked=language.moment(agent.revoked_at, zone),
    )
