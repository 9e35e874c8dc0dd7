"""Who asks, and whether it may: asked before every route, by the table of
`api.http.access.permissions`.

While a node has no account, and in the demo for who did not choose to be somebody, everybody may do
everything on it. From the first account on, a request carries the cookie of a session or a token
(`Authorization: Bearer`), or it is nobody's. The session of a shared tablet asks as who is signed
on at it. A line or project that the caller may not see is as if it were not there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.http.access.client_address import client_address, from_where
from api.http.access.permissions import PERMISSIONS
from api.http.access.refusals import not_allowed
from domain.access import (
    KEPT,
    NOBODY,
    OPEN,
    Action,
    Caller,
    Place,
    place_of_line,
    place_of_plant,
    place_of_project,
)
from domain.errors import NotAllowedError, NotFoundError, NotSignedInError
from domain.grants import Project
from domain.plant import Line, Plant, Withheld
from store.registry.accounts.failed_tries import Counted, Try
from store.registry.audit import Event, acting
from store.registry.registry import Registry
from store.registry.versions import instead_of

if TYPE_CHECKING:
    from api.queries.lines import Queries

_OF_A_PLACE = {"line", "ref", "identity", "plant"}  # parts of a path that name one
SESSION_COOKIE = "lineproof_session"
Shown = Mapping[str, Withheld]  # the lines that somebody sees, each with what is withheld of it
_OPEN_S = 1.0  # how long a node is taken to be open still, since another process may close it


class Callers:
    """Says who a request is from. `now`: the clock that sessions and tokens end by."""

    def __init__(
        self, registry: Registry, now: Callable[[], datetime], *, is_demo: bool = False
    ) -> None:
        self._registry = registry
        self._without_sign_in = OPEN if is_demo else NOBODY
        self._now = now
        self._open_until_s = 0.0

    async def of(self, request: Request) -> Caller:
        """Raises NotSignedInError for a token that is none, TooManyTriesError for the next of many
        from one address; a right one is never held up by them: nobody guesses 256 bits."""
        if time.monotonic() < self._open_until_s:
            return OPEN
        # A browser opens a stream of events again by itself.
        is_use = not request.url.path.endswith("/events")
        caller = await run_in_threadpool(self.still, request, is_use=is_use)
        if caller is NOBODY and _token(request) is not None:
            await run_in_threadpool(self._refuse_token, request)
        return caller

    def still(self, request: Request, *, is_use: bool = False) -> Caller:
        """Who a request is from by now, which may have been long open; of a token that is none:
        nobody. `is_use`: a session is used by it, and goes on."""
        it, now = self._registry, self._now()
        if not it.accounts.any():
            self._open_until_s = time.monotonic() + _OPEN_S
            return OPEN
        token = _token(request)
        if token is not None:
            return it.tokens.caller(token, now) or NOBODY
        cookie = request.cookies.get(SESSION_COOKIE)
        account = it.sessions.account(cookie, now, is_use=is_use) if cookie else None
        if account is None or cookie is None:
            return self._without_sign_in
        if account.is_device:
            return account.shared_by(it.sign_ons.person(cookie, now, is_use=is_use))
        return account.caller

    def tell(self, event: Event) -> None:
        """To the audit."""
        self._registry.audit.add(event, self._now())

    def _refuse_token(self, request: Request) -> None:
        tries, now = [Try(Counted.TOKEN, client_address(request))], self._now()
        self._registry.failed_tries.check(tries, now)
        self._registry.failed_tries.failed(tries, now)
        raise NotSignedInError(
            "this token is none, or not any more",
            todo="Ask an administrator for a new one ('lineproof token add').",
        )


def _token(request: Request) -> str | None:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


class Seen:
    """What of the lines and projects a caller may see."""

    def __init__(self, caller: Caller, queries: Queries) -> None:
        self._caller = caller
        self._queries = queries

    @property
    def all(self) -> bool:
        """Whether that is everything."""
        return self._caller.is_open

    def lines(self, action: Action = Action.SEE_LINES) -> list[tuple[Plant, Line]]:
        """Those where it may do that, in the order of the plants' files."""
        lines = self._queries.lines()
        if self._caller.is_open:
            return lines
        projects = self._queries.projects()
        return [
            (plant, line)
            for plant, line in lines
            if self._caller.may(action, place_of_line(plant, line.id, projects))
        ]

    def shown(self, lines: Iterable[str] | None = None) -> Shown | None:
        """Those of these lines (None: of all) that it may see, each with what is withheld of it;
        None: all of everything."""
        if self._caller.is_open:
            return None
        wanted = None if lines is None else set(lines)
        projects = self._queries.projects()
        places = {
            line.id: place_of_line(plant, line.id, projects)
            for plant, line in self.lines()
            if wanted is None or line.id in wanted
        }
        return {line: self._caller.withheld(place) for line, place in places.items()}

    def withheld(self, line: str) -> Withheld:
        """What of the line it is not shown. Of a line that is not there: everything that can be."""
        if self._caller.is_open:
            return frozenset()
        place = self._place_of_line(line)
        return frozenset(KEPT.values()) if place is None else self._caller.withheld(place)

    def withheld_of_project(self, project: Project) -> Withheld:
        """What of the project's plant it is not shown."""
        return frozenset() if self._caller.is_open else self._caller.withheld(self._place(project))

    def may_of_project(self, action: Action, project: Project) -> bool:
        """Whether it may do that with the project."""
        return self._caller.may(action, self._place(project))

    def projects(self, action: Action = Action.SEE_GRANTS) -> list[Project]:
        """Those where it may do that, in the order in which they were applied."""
        projects = self._queries.projects()
        if self._caller.is_open:
            return projects
        return [it for it in projects if self._caller.may(action, self._place(it))]

    def may(self, action: Action, line: str) -> bool:
        """Whether it may do that at the line."""
        return self._caller.may(action, self._place_of_line(line))

    def plants(self, action: Action) -> list[Plant]:
        """Those as a whole of which it may do that, in the order in which they were applied."""
        plants = {plant.id: plant for plant, _ in self._queries.lines()}
        return [it for it in plants.values() if self._caller.may(action, place_of_plant(it))]

    def check_plant(self, plant: str, action: Action) -> None:
        """As `check_line`, of a plant as a whole."""
        if plant not in {it.id for it, _ in self.lines()}:
            raise _missing("plant", plant, sorted({it.id for it, _ in self.lines()}))
        if plant not in {it.id for it in self.plants(action)}:
            raise not_allowed(self._caller, action, f"plant {plant}")

    def check_line(self, line: str, action: Action) -> None:
        """Raises NotFoundError where it may not even see the line, NotAllowedError where it may
        see it and not do that."""
        place = self._place_of_line(line)
        if place is None or not self._caller.may(Action.SEE_LINES, place):
            raise _missing("line", line, [it.id for _, it in self.lines()])
        if not self._caller.may(action, place):
            raise not_allowed(self._caller, action, f"line {line}")

    def check_project(self, reference: str, action: Action) -> None:
        """The same of a project."""
        found = {it.reference: it for it in self._queries.projects()}.get(reference)
        place = None if found is None else self._place(found)
        if place is None or not self._caller.may(Action.SEE_GRANTS, place):
            raise _missing("project", reference, [it.reference for it in self.projects()])
        if not self._caller.may(action, place):
            raise not_allowed(self._caller, action, f"project {reference}")

    def _place_of_line(self, line: str) -> Place | None:
        try:
            plant, _ = self._queries.line(line)
        except NotFoundError:
            return None
        return place_of_line(plant, line, self._queries.projects())

    def _place(self, project: Project) -> Place:
        return place_of_project(project, self._queries.line(project.lines[0])[0])


def _missing(what: str, name: str, seen: list[str]) -> NotFoundError:
    return NotFoundError(f"there is no {what} '{name}'", todo=instead_of(name, seen))


async def guard(request: Request) -> None:
    """Before every route. Raises NotSignedInError, NotAllowedError or NotFoundError."""
    path = request.scope["route"].path
    if (request.method, path) not in PERMISSIONS:
        raise NotAllowedError(f"nobody may ask {request.method} {path}")
    action = PERMISSIONS[request.method, path]
    caller: Caller = await request.app.state.callers.of(request)
    request.state.caller = caller
    acting.set((caller.name, from_where(request, caller)))
    if action is None or caller.is_open:
        return
    if caller is NOBODY:
        raise NotSignedInError("nobody is signed in", todo="Sign in, or send a token.")
    if not caller.name:
        raise NotSignedInError(
            f"nobody is signed on at '{caller.device}'", todo="Sign on at the tablet, at /sign-on."
        )
    if not caller.may(action):
        raise not_allowed(caller, action)
    if _OF_A_PLACE & set(request.path_params):
        queries: Queries = request.app.state.services.queries
        await run_in_threadpool(check_place, caller, queries, request.path_params, action)


def check_place(caller: Caller, queries: Queries, named: Mapping[str, str], action: Action) -> None:
    """Of the line, project or correction that the path names. Raises NotFoundError,
    NotAllowedError."""
    seen = Seen(caller, queries)
    if "line" in named:
        seen.check_line(named["line"], action)
    if "ref" in named:
        seen.check_project(named["ref"], action)
    if "plant" in named:
        seen.check_plant(named["plant"], action)
    if "identity" in named:
        seen.check_line(queries.records.correction(named["identity"]).line, action)
