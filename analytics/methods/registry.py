"""All methods by name, and their answers for whole rows of facts.

Facts know no method, so any method can be used on the same facts, and every figure names the one it
was computed with. A further method is added by data alone: build a `Method` of rules and `register`
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import product

from analytics.methods.built_in import BUILT_IN
from analytics.methods.rules import ISO_ELEMENTS, Method, Moment
from domain.errors import InputError
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
def classes_of(
    name: str, plan: str, mode: str | None, order_is: str | None, reason_kind: str | None
) -> tuple[TimeClass, ...]:
    """The time class of every machine state (by code) in a row of facts; `order_is`: `OrderIs`,
    None without an order signal. Where the order decides whether a second leaves the plan, and
    nobody knows the order, the class is unknown."""
    method = method_named(name)

    def classes(*, order: bool) -> tuple[TimeClass, ...]:
        return tuple(
            method.time_class(_moment(plan, mode, order, reason_kind, state))
            for state in MachineState
        )

    if order_is != OrderIs.UNKNOWN.value:
        return classes(order=order_is != OrderIs.NONE.value)
    return tuple(
        TimeClass.UNKNOWN if (one in _OUTSIDE) is not (other in _OUTSIDE) else one
        for one, other in zip(classes(order=True), classes(order=False), strict=True)
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
    """The method's own time element of every machine state (by code) in a row of facts. Where the
    order decides it, and nobody knows the order, it is that of an unknown state."""
    method = method_named(name)
    if not method.element_rules:
        classes = classes_of(name, plan, mode, order_is, reason_kind)
        return tuple(ISO_ELEMENTS[it] for it in classes)

    def elements(*, order: bool) -> tuple[str, ...]:
        return tuple(
            method.element(_moment(plan, mode, order, reason_kind, state)) for state in MachineState
        )

    if order_is != OrderIs.UNKNOWN.value:
        return elements(order=order_is != OrderIs.NONE.value)
    with_one, without = elements(order=True), elements(order=False)
    unknown = with_one[MachineState.UNKNOWN.code]
    return tuple(
        one if one == other else unknown for one, other in zip(with_one, without, strict=True)
    )


def _moment(
    plan: str, mode: str | None, order: bool, reason_kind: str | None, state: MachineState
) -> Moment:
    return Moment(
        Plan(plan),
        None if mode is None else MachineMode(mode),
        order,
        None if reason_kind is None else ReasonKind(reason_kind),
        state,
    )
