"""Carries out the commands of `connection` on a `Link`: the loop that every source runs.

A link is one protocol's way to connect, subscribe and listen. It raises `LinkError` with a
sentence when something went wrong that may pass (`StorageError` where it is our own disk),
`InputError` when its configuration can never work. Whatever else it raises is our own fault: logged
with its trace, reported, tried again.
"""

from __future__ import annotations

import asyncio
import random
from typing import Protocol

import structlog

from domain.errors import InputError, LineproofError, StorageError
from domain.source_faults import FaultCode
from edge.sources.base import Sink, SourceStatus
from edge.sources.connection import (
    MACHINE_BACK_OFF_MOST_S,
    Command,
    Connection,
    Event,
    back_off_s,
)
from edge.sources.reporter import Reporter

_log = structlog.get_logger(__name__)


class LinkError(LineproofError):
    """A connection that failed or was lost; trying again may help. `fault`: what it is, where it is
    no mere failure to connect; `status`: what the protocol or the system calls it, or a `Cause`;
    `there`: names that are there instead."""

    def __init__(
        self,
        what: str,
        *,
        todo: str = "",
        fault: FaultCode | None = None,
        status: str = "",
        there: tuple[str, ...] = (),
    ) -> None:
        super().__init__(what, todo=todo)
        self.fault = fault
        self.status = status
        self.there = there


class Link(Protocol):
    async def connect(self) -> None: ...

    async def subscribe(self) -> None: ...

    async def listen(self) -> None:
        """Report what comes in; ends only by raising."""
        ...

    async def close(self) -> None:
        """Let the transport go; may keep what the next `connect` can resume. Never raises."""
        ...

    async def end(self) -> None:
        """Leave nothing behind at the peer, for good. Never raises."""
        ...


class LinkSource:
    """A `Source` (see `base`) made of a link and its reporter."""

    def __init__(self, link: Link, reporter: Reporter) -> None:
        self._link = link
        self._reporter = reporter
        self._connection = Connection()
        self._error: LineproofError = LinkError("not connected yet")

    @property
    def status(self) -> SourceStatus:
        return self._reporter.status

    async def run(self, sink: Sink) -> None:
        self._reporter.start(sink)
        event = Event.START
        try:
            while True:
                self._connection, commands = self._connection.on(event)
                for command in commands:
                    event = await self._do(command) or event
        finally:
            await asyncio.shield(self._link.end())

    async def _do(self, command: Command) -> Event | None:
        """Carry out a command; the event that comes of it, if it is one that ends in one."""
        match command:
            case Command.CONNECT:
                return await self._attempt(command, Event.CONNECTED)
            case Command.SUBSCRIBE:
                return await self._attempt(command, Event.SUBSCRIBED)
            case Command.LISTEN:
                return await self._attempt(command, Event.LOST)
            case Command.TELL_LOST:
                error = self._error
                if isinstance(error, LinkError):
                    self._reporter.lost(str(error), error.fault, error.status, error.there)
                else:
                    self._reporter.lost(str(error))
            case Command.CLOSE:
                await self._link.close()
            case Command.WAIT:
                failures, jitter = self._connection.failures, random.random()
                await asyncio.sleep(back_off_s(failures, jitter, MACHINE_BACK_OFF_MOST_S))
                return Event.WAITED
            case Command.GIVE_UP:
                raise self._error
        return None

    async def _attempt(self, command: Command, success: Event) -> Event:
        heard_before = self._reporter.last_heard
        try:
            if command is Command.CONNECT:
                await self._link.connect()
            elif command is Command.SUBSCRIBE:
                await self._link.subscribe()
                self._reporter.connected()
            else:
                await self._link.listen()
                raise LinkError("the source stopped listening")
        except (InputError, LinkError, StorageError) as error:
            self._error = error
            if isinstance(error, InputError) and command is not Command.LISTEN:
                return Event.REFUSED
        except Exception as error:  # a library's surprise costs a connection, not the source
            _log.exception("a source failed", machine=self._reporter.status.machine)
            self._error = LinkError(f"the source failed unexpectedly: {error!r}")
        else:
            return success
        was_heard = self._reporter.last_heard != heard_before
        return Event.LOST if command is Command.LISTEN and was_heard else Event.FAILED
