"""All methods by name, and their answers for whole rows of facts.

Facts know no method, so any method can be used on the same facts, and every figure names the one it
was computed with. A further method is added by data alone: build a `Method` of rules and `register`
it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product

from analytics.methods.built_in import BUILT_IN
from analytics.methods.rules import ISO_ELEMENTS, Method, Moment
from domain.errors import InputError
from domain.frames import REASON_LOST
from domain.grants import DEFAULT_METHOD
from domain.states import MachineMode, MachineState, OrderIs, Plan, ReasonKind, TimeClass

DEFAULT = DEFAULT_METHOD
_OUTSIDE = frozenset({TimeClass.PLANNED_DOWN, TimeClass.NOT_PLANNED})
METHODS: dict[str, Method] = {}


def register(method: Method) -> None:
    """Adds a method. Raises InputError where the name is taken or a second has no class.

    A name never changes its meaning: figures that carry it stay comparable.
    """
    if method.name in METHODS:
        raise InputError(
            f"there is a method '{method.name}' already", todo="Give the new one another name."
        )
    modes = (None, *MachineMode)
    kinds = (None, *ReasonKind)
    for plan, mode, order, kind, state in product(Plan, modes, (True, False), kinds, MachineState):
        moment = Moment(plan, mode, order, kind, state)
        try:
            method.time_class(moment)
            method.element(moment)
        except LookupError as hole:
            raise InputError(str(hole), todo="Add a last rule without conditions.") from None
    unknown = {part for _, parts in method.sums for part in parts} - set(method.elements())
    if unknown:
        raise InputError(
            f"method '{method.name}' sums up {', '.join(sorted(unknown))}, which no rule gives",
            todo=f"Use its elements: {', '.join(method.elements())}.",
        )
    METHODS[method.name] = method


for _method in BUILT_IN:
    register(_method)


def method_named(name: str) -> Method:
    """The method of that name. Raises InputError with the names that there are."""
    if name not in METHODS:
        raise InputError(f"unknown method '{name}'", todo=f"Use one of {', '.join(METHODS)}.")
    return METHODS[name]


def chosen(method: str | Sequence[str]) -> list[str]:
    """The names of one or several methods, each once. Raises InputError for an unknown one."""
    names = [method] if isinstance(method, str) else list(dict.fromkeys(method))
    for name in names:
        method_named(name)
    return names or [DEFAULT]


@lru_cache(maxsize=4096)
def possible_classes(
    name: str, plan: str, mode: str | None, order_is: str | None, reason_kind: str | None
) -> tuple[frozenset[TimeClass], ...]:
    """The time classes that every machine state (by code) may have in a row of facts: several where
    nobody knows the order (`order_is`, an `OrderIs`, is unknown) or the reason (REASON_LOST)."""
    method = method_named(name)
    moments = list(_moments(plan, mode, order_is, reason_kind))
    return tuple(
        frozenset(method.time_class(replace(it, state=state)) for it in moments)
        for state in MachineState
    )


@lru_cache(maxsize=4096)
def classes_of(
    name: str, plan: str, mode: str | None, order_is: str | None, reason_kind: str | None
) -> tuple[TimeClass, ...]:
    """The time class of every machine state (by code) in a row of facts; `order_is`: `OrderIs`,
    None without an order signal. Where nobody knows the order or the reason, it is that of a second
    with an order, and without a reason; unknown where they decide whether it leaves the plan."""
    question = (name, plan, mode, order_is, reason_kind)
    shown = next(_moments(plan, mode, order_is, reason_kind))
    return tuple(
        TimeClass.UNKNOWN
        if 0 < len(may_be & _OUTSIDE) < len(may_be)
        else method_named(name).time_class(replace(shown, state=state))
        for state, may_be in zip(MachineState, possible_classes(*question), strict=True)
    )


@lru_cache(maxsize=4096)
def is_production(
    name: str, plan: str, mode: str | None, order_is: str | None, reason_kind: str | None
) -> bool:
    """Whether time in which a machine produced is surely production time (APT), in a row of facts.
    What was made in any other time is measured against no plan: in a break, or in maintenance
    mode, it would be divided by a production time in which it was not made."""
    found = classes_of(name, plan, mode, order_is, reason_kind)[MachineState.PRODUCING.code]
    return found is TimeClass.PRODUCTION


@lru_cache(maxsize=256)
def is_production_in_any_mode(name: str) -> bool:
    """The same of all planned time, whatever the machine's mode and whether there is an order."""
    return all(
        is_production(name, Plan.BUSY.value, mode.value, order.value, None)
        for mode, order in product(MachineMode, OrderIs)
    )


@lru_cache(maxsize=4096)
def elements_of(
    name: str, plan: str, mode: str | None, order_is: str | None, reason_kind: str | None
) -> tuple[str, ...]:
    """The method's own time element of every machine state (by code) in a row of facts. Where
    nobody knows the order or the reason, and they decide it, it is that of an unknown state."""
    method = method_named(name)
    if not method.element_rules:
        classes = classes_of(name, plan, mode, order_is, reason_kind)
        return tuple(ISO_ELEMENTS[it] for it in classes)
    moments = list(_moments(plan, mode, order_is, reason_kind))
    unknown = method.element(replace(moments[0], state=MachineState.UNKNOWN))
    found = []
    for state in MachineState:
        elements = {method.element(replace(it, state=state)) for it in moments}
        found.append(elements.pop() if len(elements) == 1 else unknown)
    return tuple(found)


def _moments(
    plan: str, mode: str | None, order_is: str | None, reason_kind: str | None
) -> Iterator[Moment]:
    """A second of each order and kind of reason that a row of facts may have, of an unknown state;
    first the one with an order and without a reason."""
    said = None if mode is None else MachineMode(mode)
    kinds = [None, *ReasonKind]
    if reason_kind != REASON_LOST:
        kinds = [None if reason_kind is None else ReasonKind(reason_kind)]
    orders = [True, False] if order_is == OrderIs.UNKNOWN else [order_is != OrderIs.NONE]
    for kind, order in product(kinds, orders):
        yield Moment(Plan(plan), said, order, kind, MachineState.UNKNOWN)
