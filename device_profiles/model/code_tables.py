"""Codes of states and modes that a standard numbers, by a name: facts, each with its clause.

A server tells a state in one of three ways, and a table knows them all: by the number
(StateNumber, or a value of an enumeration), by the NodeId of the state, or by its browse name,
which a server that speaks English shows as the text of CurrentState. What a table lacks is unknown.

`means` is what a state alone is taken for; a profile that reads a mode beside it says more by
`when`. Buckets of PackML states are those of the profile `packml/opcua`; those of Machinery follow
OPC 40001-1, Annex C.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from domain.states import MachineMode, MachineState

_PACKML = "http://opcfoundation.org/UA/PackML/"
_MACHINERY = "http://opcfoundation.org/UA/Machinery/"
_MACHINE_TOOL = "http://opcfoundation.org/UA/MachineTool/"


@dataclass(frozen=True, slots=True)
class Code:
    """`number`: None where the standard gives none. `nodes`: identifiers (`i=`) of its nodes in
    the table's namespace."""

    name: str
    number: int | None
    means: MachineState | MachineMode
    nodes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StandardTable:
    """`source`: standard and clause; `link`: where that can be read."""

    signal: Literal["state", "mode"]
    source: str
    link: str
    codes: tuple[Code, ...]
    namespace: str = ""

    @property
    def symbols(self) -> dict[str, str]:
        """Every way to tell a code, to its name in the standard."""
        return {said: code.name for said, code in self._said()}

    @property
    def members(self) -> dict[str, str]:
        """Every way to tell a code, to the state or mode that it means."""
        return {said: code.means.value for said, code in self._said()}

    def _said(self) -> list[tuple[str, Code]]:
        found = [(str(it.number), it) for it in self.codes if it.number is not None]
        found += [(f"nsu={self.namespace};i={node}", it) for it in self.codes for node in it.nodes]
        return [*found, *((it.name, it) for it in self.codes)]


_UNKNOWN, _PRODUCING, _IDLE = MachineState.UNKNOWN, MachineState.PRODUCING, MachineState.IDLE
_STOPPED, _FAULT, _OFF = MachineState.STOPPED, MachineState.FAULT, MachineState.OFF
_PRODUCE, _MANUAL = MachineMode.PRODUCE, MachineMode.MANUAL
_MAINTENANCE, _NO_MODE = MachineMode.MAINTENANCE, MachineMode.UNKNOWN

# Name, number in OPC 30050, node there, number in OPC 30060, what it means.
_PACKML_STATES: tuple[tuple[str, int, int | None, int | None, MachineState], ...] = (
    ("Undefined", 0, None, None, _UNKNOWN),
    ("Clearing", 1, 55, 10, _STOPPED),
    ("Stopped", 2, 53, 0, _STOPPED),
    ("Starting", 3, 29, 3, _IDLE),
    ("Idle", 4, 28, 2, _IDLE),
    ("Suspended", 5, 31, 12, _STOPPED),
    ("Execute", 6, 36, 4, _PRODUCING),
    ("Stopping", 7, 54, 9, _STOPPED),
    ("Aborting", 8, 61, 7, _FAULT),
    ("Aborted", 9, 62, 8, _FAULT),
    ("Holding", 10, 33, 14, _STOPPED),
    ("Held", 11, 34, 15, _STOPPED),
    ("Unholding", 12, 35, 16, _STOPPED),
    ("Suspending", 13, 30, 11, _STOPPED),
    ("Unsuspending", 14, 32, 13, _STOPPED),
    ("Resetting", 15, 27, 1, _IDLE),
    ("Completing", 16, 37, 5, _IDLE),
    ("Complete", 17, 38, 6, _IDLE),
    # Of the outer state machines alone: what goes on inside of them is another variable.
    ("Running", 18, 75, None, _UNKNOWN),
    ("Cleared", 19, 71, None, _UNKNOWN),
)

STANDARD_TABLES: Mapping[str, StandardTable] = {
    "opc-30050": StandardTable(
        signal="state",
        source="OPC 30050 (PackML) 1.01, StateNumber of the states of its state machines",
        link="https://reference.opcfoundation.org/PackML/v101/docs/",
        namespace=_PACKML,
        codes=tuple(
            Code(name, number, means, () if node is None else (node,))
            for name, number, node, _, means in _PACKML_STATES
        ),
    ),
    "opc-30050-mode": StandardTable(
        signal="mode",
        source="OPC 30050 (PackML) 1.01, ProductionMaintenanceModeEnum",
        link="https://reference.opcfoundation.org/PackML/v101/docs/",
        codes=(
            Code("Invalid", 0, _NO_MODE),
            Code("Produce", 1, _PRODUCE),
            Code("Maintenance", 2, _MAINTENANCE),
            Code("Manual", 3, _MANUAL),
        ),
    ),
    "opc-30060": StandardTable(
        signal="state",
        source="OPC 30060 (tobacco machines), 8.41: PackML states under numbers of its own",
        link="https://reference.opcfoundation.org/specs/OPC-30060/8.41",
        codes=tuple(
            Code(name, number, means)
            for name, _, _, number, means in _PACKML_STATES
            if number is not None
        ),
    ),
    "opc-40001-1": StandardTable(
        signal="state",
        source="OPC 40001-1 (Machinery) 1.03, 12.2 MachineryItemState_StateMachineType, Annex C",
        link="https://reference.opcfoundation.org/Machinery/docs/12.2/",
        namespace=_MACHINERY,
        codes=(
            Code("NotAvailable", 0, _OFF, (5005,)),
            Code("OutOfService", 1, _FAULT, (5004,)),
            Code("NotExecuting", 2, _IDLE, (5007,)),
            Code("Executing", 3, _PRODUCING, (5006,)),
        ),
    ),
    "opc-40001-1-mode": StandardTable(
        signal="mode",
        source="OPC 40001-1 (Machinery) 1.03, 13.2 MachineryOperationModeStateMachineType",
        link="https://reference.opcfoundation.org/Machinery/docs/13.2/",
        namespace=_MACHINERY,
        codes=(
            Code("None", 0, _NO_MODE, (5024,)),
            Code("Maintenance", 1, _MAINTENANCE, (5025,)),
            Code("Setup", 2, _MANUAL, (5027,)),
            Code("Processing", 3, _PRODUCE, (5026,)),
        ),
    ),
    "opc-40501-1": StandardTable(
        signal="state",
        source="OPC 40501-1 (MachineTool), ProductionStateMachineType and its subtypes",
        link="https://reference.opcfoundation.org/MachineTool/v102/docs/",
        namespace=_MACHINE_TOOL,
        codes=(
            Code("Initializing", 0, _IDLE, (135, 5015, 5020, 5039)),
            Code("Running", 1, _PRODUCING, (138, 5017, 5036, 5041)),
            Code("Ended", 2, _IDLE, (140, 5014, 5019, 5038)),
            Code("Interrupted", 3, _STOPPED, (139, 5016, 5021, 5040)),
            Code("Aborted", 4, _FAULT, (141, 5013, 5018, 5037)),
        ),
    ),
    "opc-40501-1-mode": StandardTable(
        signal="mode",
        source="OPC 40501-1 (MachineTool), 12.5 MachineOperationMode",
        link="https://reference.opcfoundation.org/MachineTool/v102/docs/12.5",
        codes=(
            Code("Manual", 0, _MANUAL),
            Code("Automatic", 1, _PRODUCE),
            Code("Setup", 2, _MANUAL),
            Code("AutoWithManualIntervention", 3, _PRODUCE),
            Code("Service", 4, _MAINTENANCE),
            Code("Other", 5, _NO_MODE),
        ),
    ),
    "opc-40501-1-channel": StandardTable(
        signal="state",
        source="OPC 40501-1 (MachineTool), 12.1 ChannelState of a numerical control",
        link="https://reference.opcfoundation.org/MachineTool/v102/docs/12.1",
        codes=(
            Code("Active", 0, _PRODUCING),
            Code("Interrupted", 1, _STOPPED),
            Code("Reset", 2, _IDLE),
        ),
    ),
}
