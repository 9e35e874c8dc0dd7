"""The truth of the packer behind the filler, a conveyor with room for few cups between them.

It follows from the filler's. Where the filler is blocked the packer stood first: cups piled up
for a moment before the filler had to wait, and it packs again a moment before the filler runs.
Where the filler stands for another reason the packer empties the conveyor and is starved until
cups come again. Changes of product and the overhaul are the whole line's.

It must not know OPC UA, files or the clock: instants are microseconds, arguments.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from domain.states import MachineState
from lineproof.demo.model.behaviour import RECIPES
from lineproof.demo.model.plant_model import PlantModel, Segment

CUPS_PER_CASE = 24
_PILING_US = 2_500_000  # until a standing packer blocks, and until an empty conveyor starves it
_RESTART_US = 1_500_000  # from the packer's restart to the filler's
_REFILL_US = 1_000_000  # from the filler's restart to the packer's
_TOGETHER = (MachineState.SETUP, MachineState.MAINTENANCE)


class PackerModel:
    """The packer of one line; its segments carry cases a second."""

    def __init__(self, filler: PlantModel) -> None:
        self._filler = filler
        self._stands: dict[int, tuple[Segment, ...]] = {}
        self._hours: dict[int, tuple[Segment, ...]] = {}

    @cached_property
    def reasons(self) -> list[str]:
        """What it can say of its stops."""
        said = (kind.packer_reason for kind in self._filler.behaviour.stops)
        return sorted({reason for reason in said if reason})

    @property
    def design_rate(self) -> float:
        """Cases a second at the most."""
        fastest = min(RECIPES, key=lambda recipe: recipe.ideal_cycle_time_s)
        return 1.0 / fastest.ideal_cycle_time_s / CUPS_PER_CASE

    def at(self, us: int) -> Segment:
        """The segment that holds at that instant. Raises ValueError before the origin."""
        return next(self.segments(us, us + 1))

    def segments(self, start_us: int, end_us: int) -> Iterator[Segment]:
        """Every segment that touches [start_us, end_us), in order; packing is cut at hours."""
        model = self._filler
        first, last = max(0, model.index(start_us) - 1), model.index(end_us - 1)
        for index in range(first, last + 1):
            if index not in self._hours:
                self._hours[index] = tuple(self._hour(index))
            for segment in self._hours[index]:
                if segment.end_us > start_us and segment.start_us < end_us:
                    yield segment

    def counts(self, us: int) -> tuple[int, int]:
        """Cases, running total, and those that it threw out: none."""
        segment = self.at(us)
        packed_us = us if segment.state is MachineState.PRODUCING else segment.start_us
        return self._filler.totals(packed_us).good // CUPS_PER_CASE, 0

    def _hour(self, index: int) -> Iterator[Segment]:
        """Segments that begin in the hour; the last one may end in the next."""
        block = self._filler.block(index)
        before = self._standing(index - 1)[-1:] if index else ()
        at_us = max([block[0].start_us, *(stand.end_us for stand in before)])
        for stand in self._standing(index):
            if stand.start_us > at_us:
                yield self._packing(at_us, stand.start_us)
            yield stand
            at_us = stand.end_us
        if at_us < block[-1].end_us:
            yield self._packing(at_us, block[-1].end_us)

    def _packing(self, start_us: int, end_us: int) -> Segment:
        cycle_time_s = self._filler.recipe(start_us).ideal_cycle_time_s
        rate = 1.0 / cycle_time_s / CUPS_PER_CASE
        return Segment(start_us, end_us, MachineState.PRODUCING, "", rate, 0.0, 0.0)

    def _standing(self, index: int) -> tuple[Segment, ...]:
        """Where the packer stands because of something in that hour of the filler."""
        if index not in self._stands:
            block = self._filler.block(index)
            before = self._filler.block(index - 1)[-1:] if index else ()
            around = (*before, *block, self._filler.block(index + 1)[0])
            if not before:
                around = (around[0], *around)  # the first hour begins with nothing behind it
            triples = zip(around, around[1:], around[2:], strict=False)
            found = (_stand(*triple) for triple in triples)
            self._stands[index] = tuple(it for it in found if it is not None)
        return self._stands[index]


def _stand(before: Segment, cause: Segment, after: Segment) -> Segment | None:
    """How the packer stands because of that segment of the filler; None: it goes on."""
    start_us, end_us = cause.start_us, cause.end_us
    state, reason = cause.state, cause.reason
    if state is MachineState.PRODUCING:
        return None
    if state is MachineState.BLOCKED:
        start_us -= min(_PILING_US, _run_us(before) // 2)
        end_us -= min(_RESTART_US, (end_us - cause.start_us) // 4)
        state, reason = cause.packer_state, cause.packer_reason
    elif state not in _TOGETHER:
        start_us += _PILING_US if before.speed else 0
        end_us += min(_REFILL_US, _run_us(after) // 4)
        state, reason = MachineState.STARVED, ""
        if start_us >= cause.end_us:
            return None
    return Segment(start_us, end_us, state, reason, 0.0, 0.0, 0.0)


def _run_us(segment: Segment) -> int:
    """How long the filler produced there; 0 where it stood."""
    return segment.end_us - segment.start_us if segment.speed else 0
