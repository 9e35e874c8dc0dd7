"""A machine behind a proxy, a source that reads it, and an outage that its history fills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from recording_sink import RecordingSink, until
from tcp_proxy import TcpProxy

from edge.sources.history import HistoryPart
from edge.sources.runner import LinkSource


@dataclass
class ReadAgain:
    proxy: TcpProxy
    source: LinkSource
    sink: RecordingSink

    async def leave(self) -> None:
        self.proxy.accepting = False
        self.proxy.cut()
        await until(lambda: not self.source.status.connected, "the loss")

    async def come_back(self) -> None:
        connects = self.source.status.connects
        self.proxy.accepting = True
        await until(lambda: self.source.status.connects > connects, "the connection")

    async def settle(self) -> None:
        """The outage is filled, or given up."""
        await until(
            lambda: self.source.status.filled > 0 or self.sink.of("rejection") != [],
            "the outage to be filled or given up",
        )

    @property
    def parts(self) -> Sequence[HistoryPart]:
        return self.sink.of("history")

    def told(self, address: str) -> list[tuple[float, datetime | None]]:
        """What the history gave of an address."""
        readings = [it for part in self.parts for it in part.readings]
        return [(it.value, it.source_time) for it in readings if it.address == address]

    @property
    def why(self) -> str:
        """It was given up."""
        (rejection,) = self.sink.of("rejection")
        assert rejection.address == "history"
        return str(rejection.reason)
