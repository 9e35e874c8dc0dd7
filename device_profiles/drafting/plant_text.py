"""The plant file of a machine that was looked at: a whole one with one line, or the machine's entry
for a plant file that is there. Pure.

What nobody but the company can say (names, calendar, planned cycle time) is left to be filled in. A
cycle time is written only where the machine itself tells for which speed it was designed; the pace
at which it happened to run is no plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from device_profiles.drafting.fitting import Fit
from device_profiles.drafting.movement import movement
from device_profiles.drafting.proposing import Proposals
from device_profiles.drafting.seen import SeenValue
from device_profiles.drafting.yaml_words import comment, quoted, slug
from device_profiles.model.profile import NumberRule
from device_profiles.model.units import CONVERSIONS

ROLES = (
    *("state", "mode", "total_count", "good_count", "reject_count", "rework_count"),
    *("product", "order", "stop_reason", "energy"),
)
SECRET = "password"
_COUNTS = ("total_count", "good_count")


@dataclass(frozen=True, slots=True)
class MachineEntry:
    """A machine of a plant file. `profile`: its name or path; `connection`: its settings, in their
    order; `why`: what speaks for the profile. `ideal`: the planned cycle time in seconds, with how
    it is known. `pace_s`: how long an item took meanwhile."""

    name: str
    profile: str
    connection: Mapping[str, str]
    parameters: Mapping[str, str]
    signals: Sequence[str]
    why: str = ""
    ideal: tuple[float, str] | None = None
    pace_s: float | None = None

    @property
    def id(self) -> str:
        return slug(self.name, "machine")


def plant_text(machine: MachineEntry) -> str:
    """A plant file that loads, for a machine that tells its state; else the machine's entry."""
    if "state" not in machine.signals:
        lines = [
            "# It tells no state, so it is no line by itself. Put this among the `machines` of a",
            f"# line in your plant file, and into its `roles`: {{{_roles(machine)}}}",
            *_machine(machine, ""),
        ]
        return "\n".join([*lines, ""])
    lines = [
        "# A draft by `lineproof profile draft`. A line without a calendar is always planned.",
        "plant: my-plant",
        "timezone: Asia/Hong_Kong",
        "company: {name: {en: to be filled in}}",
        "lines:",
        "  line-1:",
        *_cycle(machine),
        "    machines:",
        *_machine(machine, "      "),
        f"    roles: {{{_roles(machine)}}}",
    ]
    return "\n".join([*lines, ""])


def machine_text(machine: MachineEntry) -> str:
    """The machine's entry alone, for the `machines` of a line."""
    return "\n".join([*_machine(machine, ""), ""])


def ideal_of_fit(fit: Fit) -> tuple[float, str] | None:
    """The planned cycle time in seconds by the speed that the machine was designed for."""
    for rule in fit.profile.rules:
        if rule.signal == "ideal_speed" and isinstance(rule, NumberRule):
            value = fit.values.get(rule.input)
            numbers = movement(value.moments).numbers if value and value.moments else None
            if numbers:
                factor = rule.factor * rule.conversion[0] / rule.conversion[1]
                return _cycle_of(numbers[-1] * factor + rule.offset)
    return None


def ideal_of_proposals(found: Proposals) -> tuple[float, str] | None:
    """The same of a speed whose unit is known."""
    for it in found.chosen:
        numbers = it.looked.moved.numbers
        if it.signal == "ideal_speed" and it.unit is not None and numbers:
            over, under = CONVERSIONS["items/s"][it.unit]
            return _cycle_of(numbers[-1] * over / under)
    return None


def pace_of(values: Mapping[str, SeenValue]) -> float | None:
    """Seconds between two items by the counters among the values, by signal; None where none of
    them counted."""
    for signal in _COUNTS:
        value = values.get(signal)
        moved = movement(value.moments) if value and value.moments else None
        if value is not None and moved is not None and moved.counts and moved.numbers:
            items = moved.numbers[-1] - moved.numbers[0]
            return (value.moments[-1][0] - value.moments[0][0]) / items
    return None


def _cycle_of(per_s: float) -> tuple[float, str] | None:
    if not 1e-6 <= per_s <= 1e6:
        return None
    return round(1 / per_s, 6), f"the machine says that it was designed for {per_s * 60:g} a minute"


def _cycle(machine: MachineEntry) -> Iterator[str]:
    if machine.ideal is not None:
        seconds, why = machine.ideal
        yield f"    ideal_cycle_time_s: {seconds:g}  {comment(why)}"
        return
    pace = "" if machine.pace_s is None else f"; it took {machine.pace_s:.3g} s while we looked"
    yield f"    # ideal_cycle_time_s: 1  {comment(f'fill in: seconds planned for one item{pace}')}"


def _machine(machine: MachineEntry, indent: str) -> Iterator[str]:
    yield f"{indent}{machine.id}:"
    yield f"{indent}  profile: {quoted(machine.profile)}  {comment(machine.why)}".rstrip(" #")
    yield f"{indent}  connection:"
    for name, value in machine.connection.items():
        if name == SECRET:
            yield f"{indent}    # password_file: in a file of its own; see docs/connections.md"
        else:
            yield f"{indent}    {name}: {quoted(value)}"
    if machine.parameters:
        yield f"{indent}  parameters:"
        for name, value in machine.parameters.items():
            yield f"{indent}    {name}: {quoted(value)}"


def _roles(machine: MachineEntry) -> str:
    return ", ".join(f"{it}: {machine.id}" for it in ROLES if it in machine.signals)
