"""`/users`: accounts for administrators. `/account`: a person's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.http.access.audit_trail import tell
from api.http.access.callers import SESSION_COOKIE
from api.http.access.forms import read_form
from api.http.dependencies import CallerDep, Services, ServicesDep
from api.http.password_check import account_with_password
from api.pages.render import render
from api.records import accounts as records
from domain.access import Caller, Role, ScopeKind
from domain.errors import InputError, LineproofError, NotFoundError
from store.registry.accounts.secrets import PASSWORD_MIN
from store.registry.audit import Done, Event

router = APIRouter()


@router.get("/users")
async def users_page(request: Request, services: ServicesDep) -> Response:
    return await _page(request, services)


@router.post("/users")
async def change_users(request: Request, services: ServicesDep, caller: CallerDep) -> Response:
    """`action`: add, roles, link, disable or enable; `name`: of whom."""
    fields = await read_form(request)
    action, name = fields.get("action", ""), fields.get("name", "").strip().lower()
    work = _work(services, action, name, fields)
    tell(request, Event(Done.CHANGE, caller.name, place=f"/users: {action} {name}"))
    try:
        done = await services.lanes.quick.run(work)
    except LineproofError as error:
        tell(request, Event(Done.REFUSED, caller.name, place=f"/users: {action} {name}"))
        return await _page(request, services, status=error.http_status, wrong=str(error))
    if link := done.get("link"):
        return await _page(request, services, link=(name, str(link)))
    return RedirectResponse("/users", status_code=303)


@router.get("/account")
async def account_page(request: Request, services: ServicesDep, caller: CallerDep) -> Response:
    await _own(services, caller)
    return _account(request)


@router.post("/account")
async def change_password(request: Request, services: ServicesDep, caller: CallerDep) -> Response:
    """The old password is asked for, so that an open page is not enough to take an account over.
    Signs out everywhere else, and here begins a new session."""
    await _own(services, caller)
    fields = await read_form(request)
    accounts = services.registry.accounts
    old, new, again = (fields.get(it, "") for it in ("old", "password", "again"))
    tell(request, Event(Done.ACCOUNT, caller.name, place="another password"))
    if new != again:
        return _account(request, status=422, wrong="again")
    if await account_with_password(request, services, caller.name, old) is None:
        tell(request, Event(Done.REFUSED, caller.name, place="another password"))
        return _account(request, status=403, wrong="old")
    try:
        await run_in_threadpool(accounts.set_password, caller.name, new)
    except InputError as error:
        return _account(request, status=error.http_status, wrong="refused", sentence=str(error))
    answer = RedirectResponse("/sign-in", status_code=303)
    answer.delete_cookie(SESSION_COOKIE)
    return answer


def _work(
    services: Services, action: str, name: str, fields: dict[str, str]
) -> Callable[[], dict[str, Any]]:
    registry, now = services.registry, services.queries.now()
    roles = [it for it in fields.get("roles", "").replace(",", " ").split() if it]
    known: dict[str, Callable[[], dict[str, Any]]] = {
        "add": lambda: records.create_account(
            registry, records.NewAccount(name, roles, fields.get("full_name", "")), now
        ),
        "roles": lambda: records.assign_roles(registry, name, roles),
        "link": lambda: records.reset_account(registry, name, now),
        "disable": lambda: records.disable_account(registry, name, now),
        "enable": lambda: records.enable_account(registry, name),
    }
    if action not in known:
        raise InputError(f"there is no action '{action}'", todo=f"Known are {', '.join(known)}.")
    return known[action]


async def _page(
    request: Request,
    services: Services,
    *,
    status: int = 200,
    wrong: str = "",
    link: tuple[str, str] | None = None,
) -> Response:
    accounts = await run_in_threadpool(services.registry.accounts.all)
    return render(
        request,
        "users.html",
        status=status,
        accounts=accounts,
        wrong=wrong,
        link=link,
        base=f"{request.url.scheme}://{request.url.netloc}",
        roles=list(Role),
        scopes=list(ScopeKind),
    )


async def _own(services: Services, caller: Caller) -> None:
    """Raises NotFoundError for who has no password here: an open node's visitor, a token."""
    accounts = services.registry.accounts
    if not caller.name or caller.name.startswith("token:"):
        raise NotFoundError("nobody is signed in here", todo="Open /sign-in.")
    if not (await run_in_threadpool(accounts.named, caller.name)).has_password:
        raise NotFoundError(
            f"'{caller.name}' has no password here", todo="Change it where you sign in."
        )


def _account(
    request: Request, *, status: int = 200, wrong: str = "", sentence: str = ""
) -> Response:
    return render(
        request,
        "account.html",
        status=status,
        wrong=wrong,
        sentence=sentence,
        password_min=PASSWORD_MIN,
    )
