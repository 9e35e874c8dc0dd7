"""Which times of a KPI row the seconds of each machine state go into, under a method.

Every time of a row is a sum of times by state, so what a method says of facts that share plan,
mode, order and kind of reason is a table of 0 and 1: machine states down, times across. Sums of
any number of facts are then one matrix product. Nothing here knows facts or any KPI.

An example: planned busy time with an order, under ISO 22400-2. Four rows of the table, in the
columns of four classes:

                   production   setup   delay   unknown
    producing          1          0       0        0
    setup              0          1       0        0
    fault              0          0       1        0
    unknown            0          0       0        1

>>> states = [MachineState(name).code for name in ("producing", "setup", "fault", "unknown")]
>>> classes = [TimeClass(name).code for name in ("production", "setup", "delay", "unknown")]
>>> table = weights("iso22400", "busy", None, "active", None)[np.ix_(states, classes)]
>>> table.tolist()
[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]

50 s producing, 10 s in a fault and 5 s unknown are then 50 s of production, 10 s of delay and 5 s
of unknown time:

>>> (np.array([50, 0, 10, 5]) @ table).tolist()
[50, 0, 10, 5]
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from analytics.arrays import Indexes
from analytics.methods import registry
from domain.frames import REASON_LOST
from domain.states import (
    STOP_STATES,
    MachineMode,
    MachineState,
    OrderIs,
    Plan,
    ReasonKind,
    TimeClass,
)

# Times beside the classes and the method's elements, by their names in Sums.
TIMES = (
    "order_time_s",
    "order_lost_time_s",
    "delay_lost_time_s",
    "setup_lost_time_s",
    "busy_lost_time_s",
    "order_busy_lost_time_s",
    "repair_lost_time_s",
    "preventive_lost_time_s",
    "preventive_unsure_time_s",
    "order_unknown_time_s",
    "order_busy_time_s",
    "order_production_time_s",
    "repair_time_s",
    "repair_elsewhere_time_s",
    "preventive_time_s",
    "unknown_planned_down_time_s",
    "plan_lost_time_s",
)
_STATES = len(MachineState)
_APT = TimeClass.PRODUCTION
_DELAY = TimeClass.DELAY
_AUBT = (_APT, TimeClass.SETUP, _DELAY)
_ELSEWHERE = (TimeClass.PLANNED_DOWN, TimeClass.NOT_PLANNED, TimeClass.UNKNOWN)


@lru_cache(maxsize=4096)
def weights(
    name: str, plan: str, mode: str | None, order_is: str | None, kind: str | None
) -> Indexes:
    """The table of facts of that plan, mode, order (`OrderIs`) and kind of reason.

    Across: the time classes, then the method's elements, then TIMES. Raises InputError for an
    unknown method.
    """
    method = registry.method_named(name)
    question = (name, plan, mode, order_is, kind)
    classes, elements = registry.classes_of(*question), registry.elements_of(*question)
    busy, unknown = plan == Plan.BUSY.value, _only(MachineState.UNKNOWN)
    may_be = registry.possible_classes(*question)
    is_lost = int(order_is == OrderIs.UNKNOWN.value)
    ordered = int(order_is == OrderIs.ACTIVE.value)
    stopped = _only(*STOP_STATES) if kind == REASON_LOST else _only()
    failing = _failing(kind) if busy else _only()
    maintained = _maintained(mode, kind) & ~failing
    planned = plan != Plan.NOT_PLANNED.value
    times = {
        "order_time_s": np.full(_STATES, ordered),
        "order_lost_time_s": np.full(_STATES, is_lost),
        **_lost_times(classes, may_be, ordered),
        "order_unknown_time_s": np.array([it is TimeClass.UNKNOWN for it in classes])
        * (ordered and busy),
        "order_busy_time_s": np.array([it in _AUBT for it in classes]) * ordered,
        "order_production_time_s": np.array([it is _APT for it in classes]) * ordered,
        "repair_time_s": failing,
        "repair_elsewhere_time_s": failing * np.array([it in _ELSEWHERE for it in classes]),
        "repair_lost_time_s": (stopped & ~failing) * busy,
        "preventive_time_s": maintained * planned,
        "preventive_lost_time_s": (stopped & ~failing & ~maintained) * planned,
        "preventive_unsure_time_s": (stopped & maintained) * busy,
        "unknown_planned_down_time_s": unknown * (planned and not busy),
        "plan_lost_time_s": np.array([it is TimeClass.UNKNOWN for it in classes]) & (unknown == 0),
    }
    return np.stack(
        [
            *([it is each for it in classes] for each in TimeClass),
            *([it == each for it in elements] for each in method.elements()),
            *(times[each] for each in TIMES),
        ],
        axis=1,
        dtype=np.int64,
        casting="unsafe",
    )


def _lost_times(
    classes: Sequence[TimeClass], may_be: Sequence[frozenset[TimeClass]], ordered: int
) -> dict[str, Indexes]:
    """Times of a known state that may be of another class, because nobody knows the order or the
    reason: delay that may be none; what may be setup, and busy time (AUBT), and is taken for
    neither; and busy time with an order that may be none."""
    each = list(zip(classes, may_be, strict=True))
    return {
        "delay_lost_time_s": np.array([it is _DELAY and len(some) > 1 for it, some in each]) * 1,
        "setup_lost_time_s": _may_be({TimeClass.SETUP}, each),
        "busy_lost_time_s": _may_be(set(_AUBT), each),
        "order_busy_lost_time_s": np.array(
            [it in _AUBT and not some <= set(_AUBT) for it, some in each]
        )
        * ordered,
    }


def _may_be(
    wanted: set[TimeClass], each: Sequence[tuple[TimeClass, frozenset[TimeClass]]]
) -> Indexes:
    """Which states are taken for none of these classes and may be of one."""
    return np.array(
        [it not in wanted | {TimeClass.UNKNOWN} and bool(some & wanted) for it, some in each],
        dtype=np.int64,
    )


def _only(*states: MachineState) -> Indexes:
    found = np.zeros(_STATES, dtype=np.int64)
    found[[state.code for state in states]] = 1
    return found


def _failing(kind: str | None) -> Indexes:
    """Faults, and every stop whose reason is a breakdown."""
    return _only(*STOP_STATES) if kind == ReasonKind.BREAKDOWN.value else _only(MachineState.FAULT)


def _maintained(mode: str | None, kind: str | None) -> Indexes:
    """Maintenance by state, by mode (all that is known), or by the reason of a stop."""
    if mode == MachineMode.MAINTENANCE.value:
        return 1 - _only(MachineState.UNKNOWN)
    if kind == ReasonKind.MAINTENANCE.value:
        return _only(MachineState.MAINTENANCE, *STOP_STATES)
    return _only(MachineState.MAINTENANCE)
