"""What a method is made of: rules in order, of which the first that fits decides.

A method is plain data. Its first table gives every second an ISO 22400-2 time class, from which
all KPIs are computed; a second table may give it a time element of the method's own vocabulary
(SEMI E10 states, say), and `sums` gives names to groups of such elements. Without a second table
the elements are those of ISO 22400-2. Nothing here knows any particular method.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.states import MachineMode, MachineState, Plan, ReasonKind, TimeClass

Given = TypeVar("Given", bound=str)

# The symbols of ISO 22400-2 for our time classes; the last three have none there.
ISO_ELEMENTS: dict[TimeClass, str] = {
    TimeClass.PRODUCTION: "APT",
    TimeClass.SETUP: "AUST",
    TimeClass.DELAY: "ADET",
    TimeClass.DOWN: "ADOT",
    TimeClass.PLANNED_DOWN: "PDOT",
    TimeClass.MAINTENANCE: "MAINTENANCE",
    TimeClass.NOT_PLANNED: "NOT_PLANNED",
    TimeClass.UNKNOWN: "UNKNOWN",
}
_PBT = ("APT", "AUST", "ADET", "ADOT", "MAINTENANCE", "UNKNOWN")
ISO_SUMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("AUPT", ("APT", "AUST")),
    ("AUBT", ("APT", "AUST", "ADET")),
    ("PBT", _PBT),
    ("POT", (*_PBT, "PDOT")),
    ("TOTAL", (*_PBT, "PDOT", "NOT_PLANNED")),
)


@dataclass(frozen=True, slots=True)
class Moment:
    """What a method may ask about a second. `mode` None: no mode signal; `order` False: no
    order is active; `reason_kind` None: no reason holds."""

    plan: Plan
    mode: MachineMode | None
    order: bool
    reason_kind: ReasonKind | None
    state: MachineState


@dataclass(frozen=True, slots=True)
class Rule(Generic[Given]):
    """Gives its class or element where all of its conditions hold; None: any."""

    gives: Given
    plans: frozenset[Plan] = frozenset(Plan)
    states: frozenset[MachineState] = frozenset(MachineState)
    modes: frozenset[MachineMode | None] | None = None
    order: bool | None = None
    reason_kinds: frozenset[ReasonKind | None] | None = None

    def fits(self, moment: Moment) -> bool:
        return (
            moment.plan in self.plans
            and moment.state in self.states
            and (self.modes is None or moment.mode in self.modes)
            and (self.order is None or self.order == moment.order)
            and (self.reason_kinds is None or moment.reason_kind in self.reason_kinds)
        )


@dataclass(frozen=True, slots=True)
class Method:
    """`rules` give the time class, `element_rules` the method's own element (empty: ISO's),
    `sums` the names of groups of elements, in the order of reading."""

    name: str
    title: str
    rules: tuple[Rule[TimeClass], ...]
    element_rules: tuple[Rule[str], ...] = ()
    sums: tuple[tuple[str, tuple[str, ...]], ...] = ISO_SUMS

    def time_class(self, moment: Moment) -> TimeClass:
        """The class of a second. Raises LookupError on a hole in the rules."""
        return self._first(self.rules, moment)

    def element(self, moment: Moment) -> str:
        """The method's own element of a second. Raises LookupError on a hole in the rules."""
        if not self.element_rules:
            return ISO_ELEMENTS[self.time_class(moment)]
        return self._first(self.element_rules, moment)

    def elements(self) -> tuple[str, ...]:
        """Every element that the method can give, each once, in the order of its rules."""
        if not self.element_rules:
            return tuple(ISO_ELEMENTS.values())
        return tuple(dict.fromkeys(rule.gives for rule in self.element_rules))

    def shrinks_plan(self) -> bool:
        """Whether a second that the calendar planned may leave the planned busy time."""
        outside = (TimeClass.PLANNED_DOWN, TimeClass.NOT_PLANNED)
        return any(Plan.BUSY in rule.plans and rule.gives in outside for rule in self.rules)

    def _first(self, rules: Sequence[Rule[Given]], moment: Moment) -> Given:
        for rule in rules:
            if rule.fits(moment):
                return rule.gives
        raise LookupError(
            f"method '{self.name}' has no rule for {moment.plan}, mode {moment.mode}, "
            f"order {moment.order}, reason {moment.reason_kind}, state {moment.state}"
        )
