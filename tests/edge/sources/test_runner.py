"""The loop that every source runs: what a link raises decides how it goes on."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

import pytest
from recording_sink import RecordingSink

from domain.errors import InputError, StorageError
from edge.sources.reporter import Reporter
from edge.sources.runner import LinkError, LinkSource

AT = datetime(2026, 3, 2, tzinfo=UTC)


class ScriptedLink:
    """A link that does what the script says at each call; at its end it listens for ever."""

    def __init__(self, **script: list[Exception | None]) -> None:
        self._script = script
        self.called: list[str] = []
        self.listening = asyncio.Event()

    async def _do(self, name: str) -> None:
        self.called.append(name)
        told = self._script.get(name, [])
        error = told.pop(0) if told else None
        if error is not None:
            raise error

    async def connect(self) -> None:
        await self._do("connect")

    async def subscribe(self) -> None:
        await self._do("subscribe")

    async def listen(self) -> None:
        await self._do("listen")
        self.listening.set()
        await asyncio.Event().wait()

    async def close(self) -> None:
        await self._do("close")

    async def end(self) -> None:
        await self._do("end")


async def run(link: ScriptedLink) -> RecordingSink:
    """Until the link listens; then the source is told to stop."""
    sink, reporter = RecordingSink(), Reporter("l", "m", lambda: AT)
    task = asyncio.create_task(LinkSource(link, reporter).run(sink))
    heard = asyncio.create_task(link.listening.wait())
    await asyncio.wait({task, heard}, return_when=asyncio.FIRST_COMPLETED)
    heard.cancel()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return sink


async def test_it_connects_subscribes_listens_and_leaves_nothing_behind() -> None:
    link = ScriptedLink()
    assert (await run(link)).events == []
    assert link.called == ["connect", "subscribe", "listen", "end"]


async def test_a_failure_is_told_and_tried_again() -> None:
    link = ScriptedLink(connect=[LinkError("no route")], subscribe=[LinkError("refused")])
    sink = await run(link)
    assert [what for _, what in sink.events] == ["no route", "refused"]
    assert link.called.count("connect") == 3
    assert link.called[-3:] == ["subscribe", "listen", "end"]
    assert "close" in link.called


async def test_a_full_disk_is_told_as_such_and_tried_again() -> None:
    link = ScriptedLink(connect=[StorageError("no room for it", todo="Make room.")])
    sink = await run(link)
    assert [what for _, what in sink.events] == ["no room for it. Make room."]
    assert link.called.count("connect") == 2


async def test_what_can_never_work_ends_the_source() -> None:
    link = ScriptedLink(connect=[InputError("no such namespace")])
    with pytest.raises(InputError, match="no such namespace"):
        await run(link)
    assert link.called[-1] == "end"


async def test_a_librarys_surprise_costs_the_connection_alone() -> None:
    link = ScriptedLink(listen=[KeyError("x")])
    sink = await run(link)
    assert [what for _, what in sink.events] == ["the source failed unexpectedly: KeyError('x')"]
    assert link.called.count("listen") == 2


async def test_what_turns_out_wrong_while_listening_may_pass() -> None:
    link = ScriptedLink(listen=[InputError("node deleted")])
    assert [what for _, what in (await run(link)).events] == ["node deleted"]
    assert link.called.count("listen") == 2
