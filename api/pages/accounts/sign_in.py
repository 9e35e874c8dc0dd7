"""`/sign-in`: with name and password, or with a code that sets a password or makes a browser a
shared tablet; and signing out. At a shared tablet people sign on at `/sign-on` instead."""

from __future__ import annotations

from urllib.parse import quote, unquote

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.http.access.audit_trail import tell
from api.http.access.callers import SESSION_COOKIE
from api.http.access.client_address import is_on_this_machine
from api.http.access.forms import keep_form_token, read_form, set_cookie
from api.http.access.open_id import OpenId, SignInFlow
from api.http.dependencies import CallerDep, Services, ServicesDep
from api.http.password_check import ONE_AT_A_TIME, account_with_password
from api.pages.accounts.sign_on import DEVICE_COOKIE_LASTS_S, inside, sign_off
from api.pages.refusals import Refusal, refusal_of
from api.pages.render import render
from api.pages.templates import language_of
from domain.access import Action
from domain.errors import InputError, LineproofError, NotFoundError, TooManyTriesError
from store.registry.accounts.accounts import Account
from store.registry.accounts.secrets import PASSWORD_MIN
from store.registry.audit import Done, Event

router = APIRouter()
FLOW_COOKIE, NEXT_COOKIE = "lineproof_flow", "lineproof_next"
FLOW_LASTS_S = 900


@router.get("/sign-in")
async def sign_in_page(
    request: Request,
    services: ServicesDep,
    caller: CallerDep,
    next: str = "/",
    code: str = "",
    left: bool = False,
) -> Response:
    """`left`: somebody signed out who may still be signed in at the provider."""
    if code:
        return await _code_page(request, services, code)
    if caller.device:
        return RedirectResponse("/sign-on", status_code=303)
    out = None
    if left and services.open_id is not None:
        back = str(request.url.replace(path="/sign-in", query="", fragment=""))
        out = await services.open_id.sign_out_address(back)
    return _page(request, services, then=inside(next), provider_sign_out=out)


@router.post("/sign-in")
async def sign_in(request: Request, services: ServicesDep, caller: CallerDep) -> Response:
    fields = await read_form(request)
    if code := fields.get("code"):
        return await _use_code(request, services, code, fields)
    if caller.device:
        return RedirectResponse("/sign-on", status_code=303)
    name, password = (fields.get(it, "") for it in ("name", "password"))
    then = inside(fields.get("next", "/"))
    name = name.strip().lower()
    try:
        account = await account_with_password(request, services, name, password)
    except TooManyTriesError as error:
        return _wait(request, services, error, then, name)
    if account is None:
        tell(request, Event(Done.SIGN_IN, _known(services, name), outcome="wrong"))
        return _page(request, services, status=401, then=then, name=name, wrong="credentials")
    return await _signed_in(request, services, account, then)


def _known(services: Services, name: str) -> str:
    """The name, if it is an account's: what else is typed there may be a password."""
    try:
        return services.registry.accounts.named(name).name
    except NotFoundError:
        return ""


def _wait(
    request: Request, services: Services, error: TooManyTriesError, then: str, name: str
) -> Response:
    tell(request, Event(Done.SIGN_IN, _known(services, name), outcome="waits"))
    answer = _page(
        request, services, status=error.http_status, then=then, name=name, wrong="wait",
        minutes=-(-error.retry_after_s // 60),
    )  # fmt: skip
    answer.headers["retry-after"] = str(error.retry_after_s)
    return answer


@router.post("/sign-in/demo")
async def sign_in_to_demo(request: Request, services: ServicesDep) -> Response:
    """As the person of the demo that `name` says, by a click."""
    fields = await read_form(request)
    people = {it.name: it for it in services.demo_people}
    person = people.get(fields.get("name", ""))
    if person is None or not is_on_this_machine(request):
        raise NotFoundError("nobody signs in here by a click", todo="Open /sign-in.")
    account = await run_in_threadpool(services.registry.accounts.named, person.name)
    return await _signed_in(request, services, account, person.first)


@router.get("/sign-in/provider")
async def to_provider(request: Request, services: ServicesDep, next: str = "/") -> Response:
    """Leads the browser to the provider's own sign-in."""
    open_id = _provider(services)
    address, flow = await open_id.begin(_returned_to(request))
    answer = RedirectResponse(address, status_code=303)
    set_cookie(request, answer, FLOW_COOKIE, flow.as_text(), FLOW_LASTS_S)
    set_cookie(request, answer, NEXT_COOKIE, quote(inside(next)), FLOW_LASTS_S)
    return answer


@router.get("/sign-in/returned")
async def from_provider(request: Request, services: ServicesDep) -> Response:
    """Where the provider sends the browser back to."""
    open_id, now = _provider(services), services.queries.now()
    flow = SignInFlow.parse(request.cookies.get(FLOW_COOKIE, ""))
    then = inside(unquote(request.cookies.get(NEXT_COOKIE, "/")))
    identities = services.registry.identities
    try:
        identity = await open_id.finish(flow, request.query_params, _returned_to(request), now)
        account = await run_in_threadpool(identities.sign_in, identity, now)
        answer = await _signed_in(request, services, account, then)
    except LineproofError as error:
        tell(request, Event(Done.SIGN_IN, outcome="refused"))
        answer = _page(
            request,
            services,
            status=error.http_status,
            refused=refusal_of(error, language_of(request)),
        )
    for name in (FLOW_COOKIE, NEXT_COOKIE):
        answer.delete_cookie(name)
    return answer


@router.post("/sign-out")
async def sign_out(request: Request, services: ServicesDep, caller: CallerDep) -> Response:
    """Here; with the field `everywhere` all sessions of the account. A shared tablet stays signed
    in: only its person is off."""
    fields = await read_form(request)
    secret = request.cookies.get(SESSION_COOKIE, "")
    sessions = services.registry.sessions
    account = await run_in_threadpool(sessions.account, secret, services.queries.now())
    if account is not None and account.is_device:
        return await sign_off(request, services, caller)
    tell(request, Event(Done.SIGN_OUT, account.name if account else ""))
    if fields.get("everywhere") and account is not None:
        await run_in_threadpool(sessions.end_all, account.name)
    await run_in_threadpool(sessions.end, secret)
    by_provider = account is not None and not account.has_password
    answer = RedirectResponse("/sign-in?left=true" if by_provider else "/sign-in", status_code=303)
    answer.delete_cookie(SESSION_COOKIE)
    return answer


def _provider(services: Services) -> OpenId:
    if services.open_id is None:
        raise NotFoundError("this node signs people in by itself", todo="Open /sign-in.")
    return services.open_id


def _returned_to(request: Request) -> str:
    return str(request.url.replace(path="/sign-in/returned", query="", fragment=""))


async def _code_page(request: Request, services: Services, code: str) -> Response:
    codes, now = services.registry.sign_in_codes, services.queries.now()
    try:
        account = await run_in_threadpool(codes.account_of, code, now)
    except InputError as error:
        return _page(request, services, status=error.http_status, wrong="code")
    return _page(request, services, code=code, account=account)


async def _use_code(
    request: Request, services: Services, code: str, fields: dict[str, str]
) -> Response:
    codes, now = services.registry.sign_in_codes, services.queries.now()
    name, password = fields.get("name", "").strip().lower(), fields.get("password", "")
    account: Account | None = None  # whose code it is; nobody's where it does not work
    try:
        account = await run_in_threadpool(codes.account_of, code, now)
        if account is not None and account.is_device:
            account = await run_in_threadpool(codes.use_at_device, code, now)
            return await _signed_in(request, services, account, "/sign-on")
        if password != fields.get("again", ""):
            return _page(
                request, services, status=422, code=code, account=account, wrong="again", name=name
            )
        async with ONE_AT_A_TIME:
            account = await run_in_threadpool(codes.use, code, name, password, now)
    except InputError as error:
        return _page(
            request, services, status=error.http_status, code=code, account=account,
            refused=refusal_of(error, language_of(request)), name=name,
        )  # fmt: skip
    return await _signed_in(request, services, account, "/")


async def _signed_in(request: Request, services: Services, account: Account, then: str) -> Response:
    """A new session always, so that nobody can have put one into the browser before."""
    sessions, now = services.registry.sessions, services.queries.now()
    earlier = request.cookies.get(SESSION_COOKIE)
    if earlier:
        await run_in_threadpool(sessions.end, earlier)
    secret = await run_in_threadpool(sessions.begin, account.name, now)
    tell(request, Event(Done.SIGN_IN, account.name))
    first = "/floor" if account.caller.may(Action.SEE_LINES) else "/grants"
    answer = RedirectResponse(first if then == "/" else then, status_code=303)
    lasts_s = DEVICE_COOKIE_LASTS_S if account.is_device else None
    set_cookie(request, answer, SESSION_COOKIE, secret, lasts_s)
    return answer


def _page(
    request: Request,
    services: Services,
    *,
    status: int = 200,
    then: str = "/",
    name: str = "",
    code: str = "",
    account: Account | None = None,
    wrong: str = "",
    refused: Refusal | None = None,
    minutes: int = 0,
    provider_sign_out: str | None = None,
) -> Response:
    answer = render(
        request,
        "sign_in.html",
        status=status,
        then=then,
        name=name,
        code=code,
        account=account,
        wrong=wrong,
        refused=refused,
        minutes=minutes,
        password_min=PASSWORD_MIN,
        provider_sign_out=provider_sign_out,
        has_provider=services.open_id is not None,
    )
    keep_form_token(request, answer)
    return answer
