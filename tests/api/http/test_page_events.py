"""Topics in one stream: told apart, none held up by another, a beat only while all answer."""

from __future__ import annotations

import asyncio
from itertools import count, islice

import httpx
import pytest
from browser import serving
from fastapi import Request
from peers import PATIENCE_S
from sse_starlette import EventSourceResponse
from web_plant import app_of

from api.http.access.permissions import PERMISSIONS
from api.http.dependencies import ServicesDep
from api.http.page_events import Topic, page_events
from api.queries.lines import Queries
from api.queries.prices import ComeAgainError
from domain.errors import NotFoundError
from domain.grants import Reason


class Counting:
    """Says a number each time, or that it cannot answer as long as the number is below `from_`."""

    def __init__(self, from_: int = 1) -> None:
        self._numbers, self._from = count(1), from_

    async def changed(self) -> bytes:
        number = next(self._numbers)
        if number < self._from:
            raise ComeAgainError(Reason("Come again."), 1)
        return b"event: part\r\ndata: %d\r\n\r\n" % number


class Endless:
    async def changed(self) -> bytes:
        await asyncio.Event().wait()
        return b""


class Gone:
    async def changed(self) -> bytes:
        raise NotFoundError("it is gone")


@pytest.mark.parametrize(
    ("topics", "told"),
    [
        ([Counting()], "part 1, beat, part 2, beat"),
        ([Counting(from_=3)], "part 3, beat, part 4, beat"),
        ([Counting(), Counting(from_=2)], "of 0, part 1, part 2, of 1, part 2, beat, of 0, part 3"),
        ([Endless(), Counting()], "of 1, part 1, beat, part 2, beat"),
        ([Gone(), Counting()], "of 0, ended, of 1, part 1, beat, part 2, beat"),
    ],
)
def test_what_a_stream_says(
    filled: Queries, monkeypatch: pytest.MonkeyPatch, topics: list[Topic], told: str
) -> None:
    async def odd(request: Request, services: ServicesDep) -> EventSourceResponse:
        return page_events(request, services, None, topics)

    monkeypatch.setitem(PERMISSIONS, ("GET", "/odd"), None)
    app = app_of(filled, version="1", live_interval_s=0.05)
    app.add_api_route("/odd", odd)
    with (
        serving(app) as url,
        httpx.stream("GET", f"{url}/odd", timeout=PATIENCE_S) as answer,
    ):
        wanted = told.split(", ")
        rows = answer.iter_lines()
        said: list[str] = []
        for row in islice((it for it in rows if it), 3 * len(wanted)):
            name, _, value = row.partition(": ")
            if name == "event":
                said.append(value)
            elif said[-1] in ("part", "of"):
                said[-1] += f" {value}"
            if len(said) > len(wanted):
                break
        assert said[: len(wanted)] == wanted
