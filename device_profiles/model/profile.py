"""A profile with its parameters filled in: what the decoder works from.

Plain frozen dataclasses; `resolve` makes them from the file's model. `digest` covers exactly
what decides about decoded values: correcting a title or caveat does not change it, correcting a
code, factor or path does.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

from device_profiles.model.addresses import Address, OpcUaFolder
from device_profiles.model.values import Step
from domain.plant import Text

Protocol = Literal["opcua", "mqtt-json", "sparkplug-b"]
CodeTable = dict[str, str]  # a raw code, as text, to its symbol


@dataclass(frozen=True, slots=True)
class Source:
    """One address that can give an input: its field, and the table of its codes if any.
    `decimal_mark`: the value is a number that is written as a text, with this mark. `bit`: this bit
    of the integer is the value, from 0. `invert`: the value is the opposite of what is read."""

    address: Address
    field: tuple[Step, ...] = ()
    table: CodeTable | None = None
    decimal_mark: str | None = None
    bit: int | None = None
    invert: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """A named value of the machine. Of several sources the first with a usable value counts.
    `absent`: the symbol to assume until the machine gives the value (it need not have it)."""

    name: str
    sources: tuple[Source, ...]
    absent: str | None = None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A value that confirms that the machine is alive: by its arrival, and `symbols`: only these
    do; or `moves`: by changing, and nothing else does. `part`: that of the value which counts."""

    address: Address
    symbols: tuple[str, ...] | None = None
    part: tuple[Step, ...] = ()
    moves: bool = False


@dataclass(frozen=True, slots=True)
class OpcUaLimits:
    """What a machine's OPC UA server takes, in milliseconds and values; None: no limit is known."""

    sampling_interval_ms_min: float | None = None
    publishing_interval_ms_min: float | None = None
    queue_size_max: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """True when the input's (or derived input's) symbol is one of these."""

    input: str
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """When all conditions hold: `result`, a state, a mode or (in Derived) an input's name."""

    conditions: tuple[Condition, ...]
    result: str


@dataclass(frozen=True, slots=True)
class Derived:
    """An input that takes the value of another one: of the first case that holds."""

    name: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class CodeRule:
    """State, mode or text from one input; `codes` None: the symbol is the value already."""

    signal: str
    input: str
    codes: CodeTable | None


@dataclass(frozen=True, slots=True)
class WhenRule:
    """State or mode from several inputs: the first case that holds, else `otherwise`."""

    signal: str
    cases: tuple[Case, ...]
    otherwise: str


@dataclass(frozen=True, slots=True)
class NumberRule:
    """Input × factor × numerator / denominator + offset, in the signal's unit."""

    signal: str
    input: str
    factor: float
    offset: float
    conversion: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Falls:
    """What it means that a counter falls. `width`: it has so many bits and begins anew behind its
    largest value; `wraps`: that is all that can happen. `resets_to`: else it was set to that."""

    width: int | None = None
    wraps: bool = False
    resets_to: float | None = None

    @property
    def span(self) -> float:
        """How many values a counter of that width has."""
        return math.inf if self.width is None else 2.0**self.width

    def counted(self, before: float, after: float) -> float | None:
        """What was counted between two values of which the second is less; None: nobody said."""
        is_over = self.wraps or after < self.span / 2 <= before
        if self.width is not None and is_over:
            return self.span - before + after
        if self.resets_to is not None and after >= self.resets_to:
            return after - self.resets_to
        return None


@dataclass(frozen=True, slots=True)
class SumRule:
    """Several inputs, each a counter or each a gauge, added up × factor × conversion; or one
    counter of which it is known what its `falls` mean."""

    signal: str
    inputs: tuple[str, ...]
    factor: float
    conversion: tuple[int, int]
    falls: Falls | None = None


@dataclass(frozen=True, slots=True)
class IncrementsRule:
    """A counter that is the total of all that the input said × factor × conversion: each value is
    what was counted since the value before."""

    signal: str
    input: str
    factor: float
    conversion: tuple[int, int]


Rule = CodeRule | WhenRule | NumberRule | SumRule | IncrementsRule


@dataclass(frozen=True)
class Profile:
    """`parameters` as they were given, defaults included. Texts are not part of the digest.

    `heartbeat`: what confirms that the machine is alive, beside its usable values. `by_receipt`:
    values stand at their receipt, whatever time the machine gives them. `folders`: of whose
    variables each is a measurement. `limits`: of its server; they decide about no value.
    """

    name: str
    vendor: str
    models: tuple[str, ...]
    title: Text
    protocol: Protocol
    documentation: tuple[str, ...]
    caveats: tuple[str, ...]
    recorded_from: str
    parameters: dict[str, str]
    inputs: tuple[Input, ...]
    derived: tuple[Derived, ...]
    rules: tuple[Rule, ...]
    heartbeat: Heartbeat | None = None
    by_receipt: bool = False
    folders: tuple[OpcUaFolder, ...] = ()
    limits: OpcUaLimits = OpcUaLimits()

    @property
    def signals(self) -> tuple[str, ...]:
        return tuple(rule.signal for rule in self.rules)

    @cached_property
    def addresses(self) -> tuple[Address, ...]:
        """Each address once, in the order of the file's inputs: sources read in this order."""
        unique: dict[str, Address] = {it.key: it for it in self.folders}
        for item in self.inputs:
            for source in item.sources:
                unique.setdefault(source.address.key, source.address)
        if self.heartbeat is not None:
            unique.setdefault(self.heartbeat.address.key, self.heartbeat.address)
        return tuple(unique.values())

    def inputs_of(self, rule: Rule) -> tuple[str, ...]:
        """The inputs that a rule reads, in its order, those behind derived inputs included."""
        derived = {item.name: item for item in self.derived}
        pending = _named(rule)
        found: dict[str, None] = {}
        while pending:
            name = pending.pop(0)
            if name in derived:
                for case in derived[name].cases:
                    pending += [*(it.input for it in case.conditions), case.result]
            else:
                found[name] = None
        return tuple(found)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over canonical JSON of name, protocol, inputs and rules.

        What a profile does not use of the options that came later is left out, so that its digest
        is the one under which its batches were sealed.
        """
        content: dict[str, Any] = {
            "name": self.name,
            "protocol": self.protocol,
            "inputs": [_content(item) for item in self.inputs],
            "derived": [_content(item) for item in self.derived],
            "rules": [{"kind": type(rule).__name__, **_content(rule)} for rule in self.rules],
        }
        if self.heartbeat is not None:
            content["heartbeat"] = _content(self.heartbeat)
        if self.by_receipt:
            content["time"] = "receipt"
        if self.folders:
            content["folders"] = [_content(it) for it in self.folders]
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


_LATER_OPTIONS: dict[str, Any] = {
    "decimal_mark": None,
    "each": None,
    "time_zone": None,
    "nul_ended": False,
    "plain": False,
    "node": None,
    "where": (),
    "form": None,
    "level": None,
    "any_topic": False,
    "quality": None,
    "bit": None,
    "invert": False,
    "moves": False,
    "part": (),
    "falls": None,
}


def _content(item: Any) -> dict[str, Any]:
    def used(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {
            name: value
            for name, value in pairs
            if name not in _LATER_OPTIONS or value != _LATER_OPTIONS[name]
        }

    return asdict(item, dict_factory=used)


def _named(rule: Rule) -> list[str]:
    if isinstance(rule, WhenRule):
        return [it.input for case in rule.cases for it in case.conditions]
    if isinstance(rule, SumRule):
        return list(rule.inputs)
    return [rule.input]
