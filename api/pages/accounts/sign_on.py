"""`/sign-on`: who works at a shared tablet now, by PIN or badge; and signing off.

The page lists those who may do something at this tablet. Tapping a name asks for that person's PIN;
a badge reader types into the one field that has the focus. How somebody was wrong is not told.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.http.access.audit_trail import tell
from api.http.access.callers import SESSION_COOKIE, Seen
from api.http.access.forms import read_form, set_cookie
from api.http.dependencies import CallerDep, Services, ServicesDep
from api.http.password_check import ONE_AT_A_TIME
from api.pages.render import render
from api.queries.shift_ends import first_shift_end
from domain.access import Action, Caller, place_of_line
from domain.errors import NotFoundError, TooManyTriesError
from store.registry.accounts.accounts import Account
from store.registry.accounts.failed_tries import Counted, Try
from store.registry.audit import Done, Event

router = APIRouter()
DEVICE_COOKIE_LASTS_S = 400 * 24 * 3600  # browsers keep none for longer (RFC 6265bis, 5.5)
_PLACE = "/sign-on"


@dataclass(frozen=True, slots=True)
class _Given:
    """What was sent: a name and its PIN, or a badge's number."""

    name: str
    pin: str
    badge: str


@router.get("/sign-on")
async def sign_on_page(
    request: Request, services: ServicesDep, caller: CallerDep, next: str = "/", name: str = ""
) -> Response:
    """`name`: who is to type its PIN."""
    _check_device(caller)
    return await _page(request, services, caller, then=inside(next), name=name)


@router.post("/sign-on")
async def sign_on(request: Request, services: ServicesDep, caller: CallerDep) -> Response:
    """`name` and `pin`, or `badge`; `action` off: nobody any more."""
    _check_device(caller)
    fields = await read_form(request)
    if fields.get("action") == "off":
        return await sign_off(request, services, caller)
    given = _Given(*(fields.get(it, "").strip() for it in ("name", "pin", "badge")))
    then = inside(fields.get("next", "/"))
    try:
        async with ONE_AT_A_TIME:
            person = await run_in_threadpool(_who, services, caller, given)
    except TooManyTriesError as error:
        tell(request, Event(Done.SIGN_IN, _known(services, given), place=_PLACE, outcome="waits"))
        answer = await _page(
            request, services, caller, then=then, name=given.name, status=error.http_status,
            wrong="wait", minutes=-(-error.retry_after_s // 60),
        )  # fmt: skip
        answer.headers["retry-after"] = str(error.retry_after_s)
        return answer
    if person is None:
        tell(request, Event(Done.SIGN_IN, _known(services, given), place=_PLACE, outcome="wrong"))
        return await _page(
            request, services, caller, then=then, name=given.name, status=401,
            wrong="badge" if given.badge else "pin",
        )  # fmt: skip
    return await _signed_on(request, services, caller, person, then)


async def sign_off(request: Request, services: Services, caller: Caller) -> Response:
    """Who is signed on at the tablet that asks is so no more."""
    tell(request, Event(Done.SIGN_OUT, caller.name, place=_PLACE))
    await run_in_threadpool(services.registry.sign_ons.end, request.cookies[SESSION_COOKIE])
    return RedirectResponse("/sign-on", status_code=303)


def inside(address: str) -> str:
    """The address if it is one of this server's pages, else the first page: nobody is to be led
    away by a link to our sign-in."""
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_path and address.isprintable() and "\\" not in address else "/"


def _who(services: Services, caller: Caller, given: _Given) -> Account | None:
    """Raises TooManyTriesError unread where the tablet, or who is named, has to wait."""
    registry, now = services.registry, services.queries.now()
    of_pin = Try(Counted.PIN, given.name)
    tries = [Try(Counted.DEVICE, caller.device), *([] if given.badge else [of_pin])]
    registry.failed_tries.check(tries, now)
    means = registry.pins_and_badges
    found = means.with_badge(given.badge) if given.badge else means.with_pin(given.name, given.pin)
    if found is None or found.name not in {it.name for it in _people(services, caller)}:
        registry.failed_tries.failed(tries, now)
        return None
    registry.failed_tries.succeeded(Try(Counted.PIN, found.name))
    return found


def _people(services: Services, caller: Caller) -> list[Account]:
    """Who may do something at this tablet, by full name."""
    queries = services.queries
    projects = queries.projects()
    places = [place_of_line(plant, line.id, projects) for plant, line in queries.lines()]
    tablet = services.registry.accounts.named(caller.device)
    return [
        it
        for it in services.registry.pins_and_badges.people()
        if any(tablet.shared_by(it).may(Action.SEE_LINES, place) for place in places)
    ]


async def _signed_on(
    request: Request, services: Services, caller: Caller, person: Account, then: str
) -> Response:
    def begin() -> str:
        """Where it leads: to the tablet's one line, where it has no more."""
        registry, now = services.registry, services.queries.now()
        tablet = registry.accounts.named(caller.device)
        lines = Seen(tablet.shared_by(person), services.queries).lines()
        secret = request.cookies[SESSION_COOKIE]
        registry.sign_ons.begin(secret, person.name, now, first_shift_end(lines, now))
        return f"/lines/{lines[0][1].id}" if len(lines) == 1 else "/floor"

    first = await run_in_threadpool(begin)
    tell(request, Event(Done.SIGN_IN, person.name, place=_PLACE))
    answer = RedirectResponse(first if then == "/" else then, status_code=303)
    secret = request.cookies[SESSION_COOKIE]
    set_cookie(request, answer, SESSION_COOKIE, secret, DEVICE_COOKIE_LASTS_S)
    return answer


def _check_device(caller: Caller) -> None:
    """Raises NotFoundError elsewhere."""
    if not caller.device:
        raise NotFoundError(
            "this is no shared tablet",
            todo="An administrator adds one ('lineproof user add NAME --device').",
        )


def _known(services: Services, given: _Given) -> str:
    """The name, if it is an account's."""
    try:
        return "" if given.badge else services.registry.accounts.named(given.name).name
    except NotFoundError:
        return ""


async def _page(
    request: Request,
    services: Services,
    caller: Caller,
    *,
    then: str,
    name: str,
    status: int = 200,
    wrong: str = "",
    minutes: int = 0,
) -> Response:
    people = [] if caller.name else await run_in_threadpool(_people, services, caller)
    means = await run_in_threadpool(services.registry.pins_and_badges.means)
    accounts = services.registry.accounts
    signed_on = await run_in_threadpool(accounts.named, caller.name) if caller.name else None
    return render(
        request,
        "sign_on.html",
        status=status,
        then=then,
        signed_on=signed_on,
        person=next((it for it in people if it.name == name and name in means.pins), None),
        people=[it for it in people if it.name in means.pins],
        has_badges=any(it.name in means.badges for it in people),
        wrong=wrong,
        minutes=minutes,
    )
