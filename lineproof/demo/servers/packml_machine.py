"""A simulated PackML machine on the demo's OPC UA server: it writes what its model says.

Rules: every value carries the source timestamp of the moment at which the model says that it
changed, not of the moment of writing; counts are written at each change of state before the
state itself, so that no item is counted into the wrong state. The truth is the model's. A stop
without a reason leaves the reason of the stop before standing, as real machines do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from asyncua import ua
from asyncua.common.node import Node
from asyncua.server.server import Server

from domain.states import MachineState
from domain.time import instant
from lineproof.demo.model.plant_model import Segment
from lineproof.demo.servers.packml_nodes import (
    STATE_NAMES,
    PackmlNodes,
    PackmlTypes,
    StateNodes,
    add_machine,
)

_PIECES = ua.EUInformation(
    NamespaceUri="http://www.opcfoundation.org/UA/units/un/cefact",
    UnitId=17224,  # UNECE Rec. 20 code "C62", one
    DisplayName=ua.LocalizedText("one"),
    Description=ua.LocalizedText("one"),
)


@dataclass(frozen=True, slots=True)
class PackmlState:
    """UnitMode and the number of the state at each level of the machine's state machines."""

    mode: int
    base: int
    machine: int = 0
    execute: int = 0


# How the machine shows what the model says (state numbers of OPC 30050, modes of TR88).
SHOWN: dict[MachineState, PackmlState] = {
    MachineState.PRODUCING: PackmlState(1, 19, 18, 6),  # Execute
    MachineState.IDLE: PackmlState(1, 19, 18, 4),  # Idle
    MachineState.STARVED: PackmlState(1, 19, 18, 5),  # Suspended
    MachineState.BLOCKED: PackmlState(1, 19, 18, 5),
    MachineState.STOPPED: PackmlState(1, 19, 18, 11),  # Held
    MachineState.FAULT: PackmlState(1, 9),  # Aborted
    MachineState.SETUP: PackmlState(3, 19, 2),  # Manual mode, Stopped
    MachineState.MAINTENANCE: PackmlState(2, 19, 2),  # Maintenance mode, Stopped
}


_PRODUCE, _RUNNING, _CLEARED = 1, 18, 19
_INTERLOCKED = (MachineState.STARVED, MachineState.BLOCKED)
_ASIDE_US = 100  # the model's segments are at least ten times as long


class MachineTruth(Protocol):
    """What a machine does and how much it has processed and thrown out."""

    def at(self, us: int) -> Segment: ...

    def segments(self, start_us: int, end_us: int) -> Iterator[Segment]: ...

    def counts(self, us: int) -> tuple[int, int]: ...


@dataclass(frozen=True, slots=True)
class MachineKind:
    """A machine's browse name and tag, what it counts, what it can say of its stops, its design
    speed in items/s."""

    name: str
    tag: str
    counted: str
    reasons: Sequence[str]
    design_speed: float


class PackmlMachine:
    """One machine on a server that somebody else starts and stops."""

    def __init__(self, server: Server, kind: MachineKind, truth: MachineTruth) -> None:
        self._server = server
        self._kind = kind
        self._truth = truth
        self._types: PackmlTypes | None = None
        self._nodes: PackmlNodes | None = None
        self._played_us = 0
        self._job_start = (0, 0)
        self._written: dict[str, Any] = {}
        self._shown: MachineState | None = None

    @property
    def played_us(self) -> int:
        """Up to when the machine has written what the model says."""
        return self._played_us

    async def build(self, types: PackmlTypes, now_us: int) -> None:
        """Add the machine's nodes and write the present values."""
        self._types = types
        self._nodes = await add_machine(types, self._kind.name, self._kind.tag)
        self._job_start = self._truth.counts(now_us)
        design_per_min = self._kind.design_speed * 60.0
        await self._write("MachDesignSpeed", ua.Float(design_per_min), now_us)
        await self._write("MachSpeed", ua.Float(design_per_min), now_us)
        await self.show(now_us)

    async def show(self, now_us: int) -> None:
        """Write what holds at that instant, as the first of all."""
        self._written.clear()
        self._shown = None
        await self._write_counts(now_us)
        segment = self._truth.at(now_us)
        await self._write_segment(segment, segment.start_us)
        self._played_us = now_us

    async def play_until(self, now_us: int) -> None:
        """Write every change of the model up to `now_us`, in its order."""
        if now_us <= self._played_us:
            return
        for segment in self._truth.segments(self._played_us, now_us):
            if segment.start_us > self._played_us:
                await self._write_counts(segment.start_us)
                await self._write_segment(segment, segment.start_us)
        await self._write_counts(now_us)
        self._played_us = now_us

    async def _write_counts(self, us: int) -> None:
        names = ("ProdProcessedCount", "ProdDefectiveCount")
        for name, total, begin in zip(names, self._truth.counts(us), self._job_start, strict=True):
            await self._write_count(name, total, total - begin, us)

    async def _write_count(self, name: str, accumulated: int, of_job: int, us: int) -> None:
        if self._written.get(name) == accumulated:
            return
        types, nodes = self._built()
        count = types.count_class(
            ID=1, Name=self._kind.counted, Unit=_PIECES, Count=of_job, AccCount=accumulated
        )
        await self._put(
            nodes.variables[name], ua.Variant([count], ua.VariantType.ExtensionObject), us
        )
        self._written[name] = accumulated

    async def _write_segment(self, segment: Segment, us: int) -> None:
        """Show the segment so that the machine's state changes once, at `us`.

        Several variables make up a state. As in a controller that sets them one after the
        other, what does not decide yet is written just before, what no longer decides just
        after, each with its own time.
        """
        old, new = self._shown, segment.state
        self._shown = new
        if old is None:  # the first values
            await self._write_mode(new, us)
            await self._write_interlocks(new, us)
            await self._write_states(new, us)
        elif SHOWN[new].mode != _PRODUCE:  # the mode alone decides
            await self._write_mode(new, us)
            await self._write_states(new, us + _ASIDE_US)
            await self._write_interlocks(new, us + _ASIDE_US)
        elif SHOWN[old].mode != _PRODUCE:
            await self._write_interlocks(new, us - _ASIDE_US)
            await self._write_states(new, us - _ASIDE_US)
            await self._write_mode(new, us)
        elif new in _INTERLOCKED:
            await self._write_interlocks(new, us - _ASIDE_US)
            await self._write_states(new, us)
        else:
            await self._write_states(new, us)
            await self._write_interlocks(new, us + _ASIDE_US)
        await self._write("CurMachSpeed", ua.Float(segment.speed * 60.0), us)
        if segment.reason:
            await self._write_reason(segment, us)

    async def _write_mode(self, state: MachineState, us: int) -> None:
        await self._write("UnitModeCurrent", ua.Int32(SHOWN[state].mode), us)

    async def _write_interlocks(self, state: MachineState, us: int) -> None:
        await self._write("EquipmentStarved", state is MachineState.STARVED, us)
        await self._write("EquipmentBlocked", state is MachineState.BLOCKED, us)

    async def _write_states(self, state: MachineState, us: int) -> None:
        """The level that decides at `us`: the base where the machine is aborted or was."""
        base, machine, execute = self._built()[1].states
        shown = SHOWN[state]
        inner_us = us
        if shown.base != self._written.get("base", shown.base):
            inner_us = us + _ASIDE_US if shown.base != _CLEARED else us - _ASIDE_US
        if shown.base != _CLEARED:
            await self._write_state("base", base, shown.base, us)
        if shown.machine == _RUNNING:
            await self._write_state("execute", execute, shown.execute, inner_us)
            await self._write_state("machine", machine, shown.machine, inner_us)
        else:
            await self._write_state("machine", machine, shown.machine, inner_us)
            await self._write_state("execute", execute, shown.execute, inner_us)
        if shown.base == _CLEARED:
            await self._write_state("base", base, shown.base, us)

    async def _write_reason(self, segment: Segment, us: int) -> None:
        types, nodes = self._built()
        reasons = list(self._kind.reasons)
        number = reasons.index(segment.reason) + 1 if segment.reason in reasons else 99
        reason = types.alarm_class(
            ID=number,
            Value=0,
            Message=segment.reason,
            Category=0,
            DateTime=instant(us),
            AckDateTime=instant(us),
            Trigger=True,
        )
        await self._put(nodes.variables["StopReason"], ua.Variant(reason), us)

    async def _write_state(self, level: str, nodes: StateNodes, number: int, us: int) -> None:
        """CurrentState, Id and Number; a state machine that is not active has none of them."""
        if self._written.get(level) == number:
            return
        name = STATE_NAMES.get(number, "")
        state_id = nodes.ids.get(number, ua.NodeId())
        await self._put(nodes.number, ua.Variant(number, ua.VariantType.UInt32), us)
        await self._put(nodes.id, ua.Variant(state_id, ua.VariantType.NodeId), us)
        await self._put(nodes.current, ua.Variant(ua.LocalizedText(name, "en")), us)
        self._written[level] = number

    async def _write(self, name: str, value: Any, us: int) -> None:
        if self._written.get(name) == value:
            return
        kind = ua.VariantType.Boolean if isinstance(value, bool) else _KINDS[type(value)]
        await self._put(self._built()[1].variables[name], ua.Variant(value, kind), us)
        self._written[name] = value

    async def _put(self, node: Node, value: ua.Variant, us: int) -> None:
        at = cast(ua.DateTime, instant(us))
        stamped = ua.DataValue(value, SourceTimestamp=at, ServerTimestamp=at)
        await self._server.write_attribute_value(node.nodeid, stamped)

    def _built(self) -> tuple[PackmlTypes, PackmlNodes]:
        if self._types is None or self._nodes is None:
            raise RuntimeError("the machine has not been built")
        return self._types, self._nodes


_KINDS: dict[type, ua.VariantType] = {
    ua.Float: ua.VariantType.Float,
    ua.Int32: ua.VariantType.Int32,
}
