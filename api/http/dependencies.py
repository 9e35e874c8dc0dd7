"""What routes are handed: the services of the app, and windows out of query strings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Query, Request

from api.http.access.callers import Seen
from api.http.access.open_id import OpenId
from api.http.lanes import Lanes
from api.http.live_feed import LiveFeed
from api.http.metrics import Metrics
from api.http.uploads import Uploads
from api.queries.connecting.looks import Looks
from api.queries.lines import Queries
from api.queries.profiles.known_profiles import KnownProfiles
from api.queries.reminders import OtherDays
from api.queries.times import instant_of, past_window_of
from domain.access import Caller, Role
from domain.errors import InputError
from domain.plant import Withheld
from domain.time import Window
from store.registry.registry import Registry


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Whom a visitor of the demo can be by a click. `first`: the page that it sees then."""

    name: str
    role: Role
    first: str


@dataclass(frozen=True)
class Services:
    """`live`: what lines do now, told before it is sealed; `queries`: all that counts, sealed.
    `registry`: where accounts are, and what people record goes; `new_id` gives an id that
    nothing has had yet; `open_id`: the provider, where there is one; `demo_people`: of the demo,
    where this is it; `reminder_days`: instead of those of schemes; None: reminders are told to
    nobody. `profiles`: the device profiles that the node knows; `looks`: at machines to come.
    `close` before the stores are closed."""

    queries: Queries
    live: Queries
    registry: Registry
    lanes: Lanes
    feed: LiveFeed
    metrics: Metrics
    uploads: Uploads
    new_id: Callable[[], str]
    open_id: OpenId | None
    demo_people: tuple[DemoPerson, ...] = ()
    reminder_days: OtherDays | None = None
    profiles: KnownProfiles = field(default_factory=KnownProfiles)
    looks: Looks = field(default_factory=Looks)

    async def close(self) -> None:
        """End all work and every event stream."""
        await asyncio.gather(self.feed.close(), self.lanes.close())


async def services_of(request: Request) -> Services:
    services = request.app.state.services
    assert isinstance(services, Services)
    return services


async def _lanes(request: Request) -> Lanes:
    lanes = request.app.state.lanes
    assert isinstance(lanes, Lanes)
    return lanes


LanesDep = Annotated[Lanes, Depends(_lanes)]  # of any application of ours
ServicesDep = Annotated[Services, Depends(services_of)]


async def _queries(services: ServicesDep) -> Queries:
    return services.queries.still()


async def _live(services: ServicesDep) -> Queries:
    return services.live.still()


QueriesDep = Annotated[Queries, Depends(_queries)]
LiveQueriesDep = Annotated[Queries, Depends(_live)]  # of what lines do now, sealed or not


async def _caller(request: Request) -> Caller:
    caller = request.state.caller
    assert isinstance(caller, Caller)
    return caller


CallerDep = Annotated[Caller, Depends(_caller)]


async def _seen(caller: CallerDep, queries: QueriesDep) -> Seen:
    return Seen(caller, queries)


SeenDep = Annotated[Seen, Depends(_seen)]


def _withheld(line: str, seen: SeenDep) -> Withheld:
    return seen.withheld(line)


WithheldDep = Annotated[Withheld, Depends(_withheld)]  # of the line in the path, as of now


def _known_queries(
    request: Request,
    queries: QueriesDep,
    as_known_at: Annotated[
        str | None,
        Query(description="Answer as at this instant: by what had come in and was recorded then"),
    ] = None,
) -> Queries:
    if as_known_at is None:
        return queries
    line, ref = (request.path_params.get(name) for name in ("line", "ref"))
    zone = queries.line(line)[0].zone if line is not None else queries.project_zone(str(ref))
    return queries.as_known_at(instant_of(as_known_at, zone, "as_known_at"))


KnownQueriesDep = Annotated[Queries, Depends(_known_queries)]  # of a line or project in the path
_Start = Annotated[
    str, Query(description="ISO 8601; without offset it is in the plant's zone; included")
]
_End = Annotated[str, Query(description="As start; not included")]


def _window(
    line: str, queries: KnownQueriesDep, present: QueriesDep, start: _Start, end: _End
) -> Window:
    plant, _ = queries.line(line)
    return past_window_of(start, end, plant.zone, present.now())


WindowDep = Annotated[Window, Depends(_window)]  # of the line in the path, in its plant's zone


def author_of(caller: Caller, given: str | None) -> str:
    """Who makes a record: the account that is signed in, whoever asks to be it; on an open node
    whom the request names. Raises InputError where it names nobody, or somebody else."""
    named = (given or "").strip()
    if caller.is_open:
        if not named:
            raise InputError("nobody is named as the author", where="author", todo="Say who it is.")
        return named
    if named not in ("", caller.name):
        raise InputError(
            f"'{caller.name}' is signed in, and '{named}' is named as the author",
            where="author",
            todo="Leave the author out: it is who is signed in.",
        )
    return caller.name
