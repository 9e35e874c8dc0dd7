"""`/account`: a person's own: password, PIN, sessions.

Whoever changes password or PIN says the present password, so that an open page is not enough to
take an account over; who signs in through a provider has none.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.http.access.audit_trail import tell
from api.http.access.callers import SESSION_COOKIE
from api.http.access.forms import read_form
from api.http.dependencies import CallerDep, Services, ServicesDep
from api.http.password_check import account_with_password
from api.pages.refusals import Refusal, refusal_of
from api.pages.render import render
from api.pages.templates import language_of
from domain.access import Caller
from domain.errors import InputError, NotFoundError
from store.registry.accounts.accounts import Account
from store.registry.accounts.secrets import PASSWORD_MIN
from store.registry.audit import Done, Event

router = APIRouter()


@dataclass(frozen=True, slots=True)
class _Own:
    """Whose page it is."""

    account: Account
    has_pin: bool


@router.get("/account")
async def account_page(
    request: Request, services: ServicesDep, caller: CallerDep, pin: bool = False
) -> Response:
    """`pin`: it was just changed."""
    return _page(request, await _own(services, caller), said=pin)


@router.post("/account")
async def change(request: Request, services: ServicesDep, caller: CallerDep) -> Response:
    """`action` pin: another PIN; else another password, which signs out everywhere."""
    own = await _own(services, caller)
    fields = await read_form(request)
    is_pin = fields.get("action") == "pin"
    place = "another PIN" if is_pin else "another password"
    tell(request, Event(Done.ACCOUNT, caller.name, place=place))
    if not is_pin and not own.account.has_password:
        raise NotFoundError(
            f"'{caller.name}' has no password here", todo="Change it where you sign in."
        )
    if not is_pin and fields.get("password", "") != fields.get("again", ""):
        return _page(request, own, status=422, wrong="again")
    old = fields.get("old", "")
    if own.account.has_password and (
        await account_with_password(request, services, caller.name, old) is None
    ):
        tell(request, Event(Done.REFUSED, caller.name, place=place))
        return _page(request, own, status=403, wrong="old")
    registry = services.registry
    try:
        if is_pin:
            pin = fields.get("pin", "").strip() or None
            await run_in_threadpool(registry.pins_and_badges.set_pin, caller.name, pin)
            return RedirectResponse("/account?pin=true", status_code=303)
        await run_in_threadpool(
            registry.accounts.set_password, caller.name, fields.get("password", "")
        )
    except InputError as error:
        refused = refusal_of(error, language_of(request))
        return _page(request, own, status=error.http_status, refused=refused)
    answer = RedirectResponse("/sign-in", status_code=303)
    answer.delete_cookie(SESSION_COOKIE)
    return answer


async def _own(services: Services, caller: Caller) -> _Own:
    """Raises NotFoundError where nobody is signed in by a session of the own: on an open node, by
    a token, at a shared tablet."""
    registry = services.registry
    if caller.device:
        raise NotFoundError(
            "this is a shared tablet", todo="Open your account where you sign in yourself."
        )
    if not caller.name or caller.name.startswith("token:"):
        raise NotFoundError("nobody is signed in here", todo="Open /sign-in.")
    means = await run_in_threadpool(registry.pins_and_badges.means)
    account = await run_in_threadpool(registry.accounts.named, caller.name)
    return _Own(account, account.name in means.pins)


def _page(
    request: Request,
    own: _Own,
    *,
    status: int = 200,
    wrong: str = "",
    refused: Refusal | None = None,
    said: bool = False,
) -> Response:
    return render(
        request,
        "account.html",
        status=status,
        wrong=wrong,
        refused=refused,
        said=said,
        has_password=own.account.has_password,
        has_pin=own.has_pin,
        password_min=PASSWORD_MIN,
    )
