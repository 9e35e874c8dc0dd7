"""A link that is made when it connects: files that it needs may come while the agent runs."""

from __future__ import annotations

from collections.abc import Callable

from domain.source_faults import Cause, FaultCode
from edge.sources.runner import Link, LinkError
from edge.sources.settings import MissingFileError


class LateLink:
    """A `Link` (see `runner`) of which a file was missing. A certificate that is not there costs
    its own machine, not the others of the agent; it is looked for at each attempt to connect."""

    def __init__(self, make: Callable[[], Link]) -> None:
        self._make = make
        self._link: Link | None = None

    @property
    def _made(self) -> Link:
        assert self._link is not None, "connect comes first"
        return self._link

    async def connect(self) -> None:
        if self._link is None:
            try:
                self._link = self._make()
            except MissingFileError as error:
                code, status = FaultCode.MISCONFIGURED, Cause.FILE_MISSING
                raise LinkError(str(error), fault=code, status=status) from error
        await self._link.connect()

    async def subscribe(self) -> None:
        await self._made.subscribe()

    async def listen(self) -> None:
        await self._made.listen()

    async def close(self) -> None:
        if self._link is not None:
            await self._link.close()

    async def end(self) -> None:
        if self._link is not None:
            await self._link.end()
