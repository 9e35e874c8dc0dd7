"""What routes are handed: the services of the app, and windows out of query strings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request

from api.feed import LiveFeed
from api.metrics import Metrics
from api.queries import Queries
from domain.errors import InputError
from domain.time import Window, parse_instant

_LOST_PLUS = re.compile(r"(?<=:\d\d) (?=\d\d:?\d\d\Z)")


@dataclass(frozen=True)
class Services:
    queries: Queries
    feed: LiveFeed
    metrics: Metrics


async def services_of(request: Request) -> Services:
    services = request.app.state.services
    assert isinstance(services, Services)
    return services


ServicesDep = Annotated[Services, Depends(services_of)]


async def _queries(services: ServicesDep) -> Queries:
    return services.queries


QueriesDep = Annotated[Queries, Depends(_queries)]
Start = Annotated[
    str, Query(description="ISO 8601; without offset it is in the plant's zone; included")
]
End = Annotated[str, Query(description="As start; not included")]


def window_of(start: str, end: str, zone: ZoneInfo) -> Window:
    """The window of two query parameters. Raises InputError that names the field."""
    return Window(instant_of(start, zone, "start"), instant_of(end, zone, "end"))


def instant_of(text: str, zone: ZoneInfo, field: str) -> datetime:
    """The instant (UTC) of a query parameter.

    A plus sign that was not escaped arrives as a space; before an offset it can be nothing else.
    """
    try:
        return parse_instant(_LOST_PLUS.sub("+", text), zone)
    except InputError as error:
        raise InputError(error.what, where=field, todo=error.todo) from None
