"""Methods: which time class a second belongs to, given plan, state, mode and order.

A method is data: rules in order, the first that fits decides; together they cover everything.
The facts do not know methods, so any method reads the same facts, and every figure names its
own. `iso22400` follows ISO 22400-2: setup is not production; delays while an order runs are
ADET, the rest without an order is ADOT. Maintenance that the calendar did not plan stays inside
the planned busy time: no machine shrinks its own plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from domain.errors import InputError
from domain.states import MachineMode, MachineState, Plan, TimeClass


@dataclass(frozen=True, slots=True)
class Rule:
    """Fits where every condition that is given holds. `order` False: no order is active."""

    time_class: TimeClass
    plans: frozenset[Plan] = frozenset(Plan)
    states: frozenset[MachineState] = frozenset(MachineState)
    modes: frozenset[MachineMode | None] | None = None
    order: bool | None = None


@dataclass(frozen=True, slots=True)
class Method:
    name: str
    title: str
    rules: tuple[Rule, ...]

    def time_class(
        self, plan: Plan, mode: MachineMode | None, order: bool, state: MachineState
    ) -> TimeClass:
        """The class of a second. `mode` None: no mode signal. Raises LookupError on a hole."""
        for rule in self.rules:
            if (
                plan in rule.plans
                and state in rule.states
                and (rule.modes is None or mode in rule.modes)
                and (rule.order is None or rule.order == order)
            ):
                return rule.time_class
        raise LookupError(f"method {self.name} has no rule for {plan}, {mode}, {order}, {state}")


ISO22400 = Method(
    "iso22400",
    "ISO 22400-2",
    (
        Rule(TimeClass.NOT_PLANNED, plans=frozenset({Plan.NOT_PLANNED})),
        Rule(TimeClass.PLANNED_DOWN, plans=frozenset({Plan.PLANNED_DOWN})),
        Rule(TimeClass.UNKNOWN, states=frozenset({MachineState.UNKNOWN})),
        Rule(TimeClass.MAINTENANCE, states=frozenset({MachineState.MAINTENANCE})),
        Rule(TimeClass.MAINTENANCE, modes=frozenset({MachineMode.MAINTENANCE})),
        Rule(TimeClass.SETUP, states=frozenset({MachineState.SETUP})),
        Rule(TimeClass.PRODUCTION, states=frozenset({MachineState.PRODUCING})),
        Rule(TimeClass.DOWN, order=False),
        Rule(TimeClass.DELAY),
    ),
)
METHODS = {method.name: method for method in (ISO22400,)}
DEFAULT = ISO22400.name


def method_named(name: str) -> Method:
    """The method of that name. Raises InputError with the names that there are."""
    if name not in METHODS:
        raise InputError(f"unknown method '{name}'", todo=f"Use one of {', '.join(METHODS)}.")
    return METHODS[name]


@lru_cache(maxsize=1024)
def classes_of(name: str, plan: str, mode: str | None, order: bool) -> tuple[TimeClass, ...]:
    """The time class of every machine state (by code) under that plan, mode and order."""
    method = method_named(name)
    known_mode = None if mode is None else MachineMode(mode)
    return tuple(method.time_class(Plan(plan), known_mode, order, state) for state in MachineState)
