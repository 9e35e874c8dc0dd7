"""An edge agent as a process of its own, to be killed."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import edge.sources.opcua.history as opcua_history
import edge.sources.opcua.source as opcua_source
from edge.sources.mqtt.client import MqttClient
from lineproof.run.edge_alone import run_edge

VALUES = 12


def main(config: str) -> None:
    run_edge(Path(config))


def main_that_acknowledges_nothing(config: str) -> None:
    """To be killed between the moment at which a message is on disk and its acknowledgement."""
    MqttClient.acknowledge = lambda self, number: None  # type: ignore[method-assign]  # killed just before
    main(config)


def main_that_fills_slowly(config: str) -> None:
    """To be killed while it fills an outage from a server's history: of that it hands over so many
    values and then, before there is a file <config>.go, no more. It takes no session up again."""
    whole, filled = opcua_history.HistoryFill._fill_part, 0

    async def halting(self: opcua_history.HistoryFill, *wanted: Any) -> int:
        nonlocal filled
        count = await whole(self, *wanted)
        filled += count
        while filled >= VALUES and not Path(f"{config}.go").exists():
            await asyncio.sleep(0.02)
        return count

    opcua_history.HistoryFill._fill_part = halting  # type: ignore[method-assign]  # halted by hand
    opcua_history.PART_VALUES_MAX, opcua_history.PART_MIN = 8, timedelta(microseconds=1)
    opcua_history.SETTLE_S = opcua_history.KEEP_S = 0.1
    opcua_source.SESSION_TIMEOUT_S = 0.0
    main(config)
