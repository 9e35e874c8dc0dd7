"""`/users`: accounts for administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.http.access.audit_trail import tell
from api.http.access.forms import read_form
from api.http.dependencies import CallerDep, Services, ServicesDep
from api.pages.refusals import Refusal, refusal_of
from api.pages.render import render
from api.pages.templates import language_of
from api.records import accounts as records
from domain.access import Role, ScopeKind
from domain.errors import InputError, LineproofError
from store.registry.audit import Done, Event

router = APIRouter()


@router.get("/users")
async def users_page(request: Request, services: ServicesDep) -> Response:
    return await _page(request, services)


@router.post("/users")
async def change_users(request: Request, services: ServicesDep, caller: CallerDep) -> Response:
    """`action`: add, roles, link, disable, enable, pin or badge; `name`: of whom."""
    fields = await read_form(request)
    action, name = fields.get("action", ""), fields.get("name", "").strip().lower()
    work = _work(services, action, name, fields)
    tell(request, Event(Done.CHANGE, caller.name, place=f"/users: {action} {name}"))
    try:
        done = await services.lanes.quick.run(work)
    except LineproofError as error:
        tell(request, Event(Done.REFUSED, caller.name, place=f"/users: {action} {name}"))
        wrong = refusal_of(error, language_of(request))
        return await _page(request, services, status=error.http_status, wrong=wrong)
    if link := done.get("link"):
        return await _page(request, services, link=(name, str(link)))
    return RedirectResponse("/users", status_code=303)


def _work(
    services: Services, action: str, name: str, fields: dict[str, str]
) -> Callable[[], dict[str, Any]]:
    registry, now = services.registry, services.queries.now()
    roles = [it for it in fields.get("roles", "").replace(",", " ").split() if it]
    known: dict[str, Callable[[], dict[str, Any]]] = {
        "add": lambda: records.create_account(
            registry,
            records.NewAccount(name, roles, fields.get("full_name", ""), device="device" in fields),
            now,
        ),
        "roles": lambda: records.assign_roles(registry, name, roles),
        "link": lambda: records.reset_account(registry, name, now),
        "disable": lambda: records.disable_account(registry, name, now),
        "enable": lambda: records.enable_account(registry, name),
        "pin": lambda: records.give_pin(registry, name, fields.get("pin", "").strip() or None),
        "badge": lambda: records.give_badge(
            registry, name, fields.get("badge", "").strip() or None
        ),
    }
    if action not in known:
        raise InputError(f"there is no action '{action}'", todo=f"Known are {', '.join(known)}.")
    return known[action]


async def _page(
    request: Request,
    services: Services,
    *,
    status: int = 200,
    wrong: Refusal | None = None,
    link: tuple[str, str] | None = None,
) -> Response:
    accounts = await run_in_threadpool(services.registry.accounts.all)
    return render(
        request,
        "users.html",
        status=status,
        accounts=accounts,
        means=await run_in_threadpool(services.registry.pins_and_badges.means),
        wrong=wrong,
        link=link,
        base=f"{request.url.scheme}://{request.url.netloc}",
        roles=list(Role),
        scopes=list(ScopeKind),
    )
