"""The machines of the snack hall, that speak Sparkplug B: the bagger, and a labeller with a secret.

The bagger tells what its model says, with the time of each change. The labeller tells that it lives
and a state code that nobody explained to the plant: it is refused, and shown as refused. The sauce
line's filler has been silent for hours, so nothing plays it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from edge.sources.sparkplug.topics import EdgeNode
from lineproof.demo.model.plant_model import BLOCK_US, PlantModel, Segment
from lineproof.demo.servers.sparkplug_node import Metric, SparkplugNode
from lineproof.demo.texts import SPARKPLUG_GROUP, SPARKPLUG_HOST, STATE_CODES

_CODES = {state: code for code, state in STATE_CODES.items()}
_UNEXPLAINED = 7


class Bagger:
    """`now_us` is the machine's clock: microseconds since the epoch."""

    def __init__(
        self,
        model: PlantModel,
        now_us: Callable[[], int],
        broker_url: str,
        *,
        period_s: float = 4.0,
    ) -> None:
        self._model = model
        self._now_us = now_us
        self._period_s = period_s
        node = EdgeNode(SPARKPLUG_GROUP, "bagger")
        self._node = SparkplugNode(broker_url, node, now_us, host=SPARKPLUG_HOST)
        self._played_us = 0

    def start(self) -> None:
        self._played_us = self._now_us()
        self._node.tell(self._shown(self._model.at(self._played_us)))
        self._node.start()

    async def run(self) -> None:
        """Tell once a period until cancelled."""
        while True:
            await asyncio.sleep(self._period_s)
            self.play_until(self._now_us())

    def play_until(self, now_us: int) -> None:
        """Tell every change of the model up to `now_us`, in its order."""
        if now_us <= self._played_us:
            return
        for segment in self._model.segments(self._played_us, now_us):
            if segment.start_us > self._played_us:
                self._node.tell([*self._counts(segment.start_us), *self._shown(segment)])
        self._node.tell(self._counts(now_us))
        self._played_us = now_us

    def stop(self) -> None:
        self._node.stop()

    def _shown(self, segment: Segment) -> Iterator[Metric]:
        us = segment.start_us
        yield Metric("State", _CODES[segment.state], us)
        yield Metric("Stop reason", segment.reason, us)
        block_us = us - (us - self._model.origin_us) % BLOCK_US
        yield Metric("Product", self._model.recipe(us).product, block_us)

    def _counts(self, us: int) -> Iterator[Metric]:
        totals = self._model.totals(us)
        yield Metric("Counters/Total", totals.items, us)
        yield Metric("Counters/Rejects", totals.rejects, us)
        yield Metric("Energy", round(totals.energy_kwh, 3), us)


class Labeller:
    """`now_us` is the machine's clock: microseconds since the epoch."""

    def __init__(
        self, now_us: Callable[[], int], broker_url: str, *, period_s: float = 15.0
    ) -> None:
        self._now_us = now_us
        self._period_s = period_s
        self._node = SparkplugNode(broker_url, EdgeNode(SPARKPLUG_GROUP, "labeller"), now_us)

    def start(self) -> None:
        self._node.start()

    async def run(self) -> None:
        """Tell once a period until cancelled."""
        while True:
            self._node.tell(self._said())
            await asyncio.sleep(self._period_s)

    def stop(self) -> None:
        self._node.stop()

    def _said(self) -> list[Metric]:
        now_us = self._now_us()
        return [Metric("State", _UNEXPLAINED, now_us), Metric("Counters/Total", 0, now_us)]
