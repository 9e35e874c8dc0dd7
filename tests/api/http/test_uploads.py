"""Documents that come in at one time: so many and no more, and nobody keeps others out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from office_files import PDF
from peers import PATIENCE_S
from signing_in import asking
from web_plant import Clock, app_of, registry_of

from api.http.uploads import AT_ONCE, OF_ONE_CALLER, Uploads
from api.queries.lines import Queries
from api.queries.prices import ComeAgainError
from domain.access import Assignment

TO = "/api/v1/projects/NIFS-2025-017/milestones/M1/attachments"


class Slow:
    """A document whose end comes when it is told to."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._has_begun, self._may_end = asyncio.Event(), asyncio.Event()
        self._task = asyncio.create_task(self._sent(client, token))

    async def _sent(self, client: httpx.AsyncClient, token: str) -> int:
        async def pieces() -> AsyncIterator[bytes]:
            self._has_begun.set()
            yield PDF
            await self._may_end.wait()

        return (await attached(client, token, pieces())).status_code

    async def begun(self) -> None:
        """Until its first bytes were asked for."""
        begun = asyncio.create_task(self._has_begun.wait())
        await asyncio.wait([begun, self._task], return_when=asyncio.FIRST_COMPLETED)
        assert not self._task.done(), self._task.result()

    async def end(self) -> int:
        """How it was answered."""
        self._may_end.set()
        return await self._task


async def attached(
    client: httpx.AsyncClient, token: str, data: bytes | AsyncIterator[bytes]
) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}"}
    return await client.post(TO, params={"file_name": "a.pdf"}, headers=headers, content=data)


async def test_who_has_as_many_under_way_as_one_may_comes_again(
    own_plant: tuple[Queries, Clock],
) -> None:
    queries = own_plant[0]
    now = queries.now()
    registry = registry_of(queries)
    registry.accounts.add("boss", "", [Assignment.parse("administrator")], now)
    lee, chan = (
        registry.tokens.add(
            name, [Assignment.parse("officer")], now + timedelta(days=9), now, by="boss"
        )
        for name in ("lee", "chan")
    )
    async with asking(app_of(queries, version="1")) as client, asyncio.timeout(PATIENCE_S):
        slow = [Slow(client, lee) for _ in range(OF_ONE_CALLER)]
        for it in slow:
            await it.begun()
        one_more = await attached(client, lee, PDF)
        assert one_more.status_code == 503
        assert one_more.headers["retry-after"] == "5"
        assert "Too many documents are coming in" in one_more.json()["detail"]
        assert await Slow(client, chan).end() == 201
        assert await slow.pop().end() == 201
        assert await Slow(client, lee).end() == 201
        assert [await it.end() for it in slow] == [201] * (OF_ONE_CALLER - 1)


def test_places_are_of_all_callers_and_come_free_whatever_ends_them() -> None:
    uploads = Uploads()
    for count in range(3 * AT_ONCE):
        with pytest.raises(ZeroDivisionError), uploads.place(f"caller-{count}"):
            raise ZeroDivisionError
    taken = [uploads.place(f"caller-{count}") for count in range(AT_ONCE)]
    for place in taken:
        place.__enter__()
    with pytest.raises(ComeAgainError), uploads.place("another"):
        pass
    taken.pop().__exit__(None, None, None)
    with uploads.place("another"):
        pass
