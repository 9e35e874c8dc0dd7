"""Methods: data, total, each second in one class; what tells them apart; how one is added."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from analytics.methods import registry
from analytics.methods.registry import METHODS, classes_of, elements_of, method_named, register
from analytics.methods.rules import ISO_SUMS, Method, Moment, Rule
from domain.errors import InputError
from domain.states import STOP_STATES, MachineMode, MachineState, Plan, ReasonKind, TimeClass

ISO, OEE_COM, CHANGEOVER, E10 = (
    METHODS[name] for name in ("iso22400", "oee-com", "planned-changeover-excluded", "semi-e10")
)
MODES = (None, *MachineMode)
KINDS = (None, *ReasonKind)


def moments() -> Iterator[Moment]:
    for each in product(Plan, MODES, (True, False), KINDS, MachineState):
        yield Moment(*each)


def busy(
    state: MachineState,
    reason_kind: ReasonKind | None = None,
    *,
    order: bool = True,
    mode: MachineMode | None = None,
) -> Moment:
    return Moment(Plan.BUSY, mode, order, reason_kind, state)


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_every_second_has_one_class_and_one_element(method: Method) -> None:
    for moment in moments():
        assert method.time_class(moment) in TimeClass
        assert method.element(moment) in method.elements()


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_no_method_unplans_what_is_unknown_or_plans_what_is_not(method: Method) -> None:
    for moment in moments():
        given = method.time_class(moment)
        if moment.plan == Plan.NOT_PLANNED:
            assert given == TimeClass.NOT_PLANNED
        elif moment.plan == Plan.PLANNED_DOWN:
            assert given == TimeClass.PLANNED_DOWN
        else:
            unknown = moment.state == MachineState.UNKNOWN
            assert (given == TimeClass.UNKNOWN) == unknown


@pytest.mark.parametrize("name", ["iso22400", "semi-e10"])
def test_by_iso_no_machine_and_no_reason_shrinks_its_own_plan(name: str) -> None:
    method = METHODS[name]
    assert not method.shrinks_plan()
    outside = {TimeClass.PLANNED_DOWN, TimeClass.NOT_PLANNED}
    assert all(method.time_class(m) not in outside for m in moments() if m.plan == Plan.BUSY)


def test_by_iso_a_stop_is_what_its_reason_says() -> None:
    for state in STOP_STATES:
        assert ISO.time_class(busy(state, ReasonKind.SETUP)) == TimeClass.SETUP
        assert ISO.time_class(busy(state, ReasonKind.MAINTENANCE)) == TimeClass.MAINTENANCE
        for kind in (None, ReasonKind.UNPLANNED, ReasonKind.BREAKDOWN, ReasonKind.PLANNED):
            assert ISO.time_class(busy(state, kind)) == TimeClass.DELAY
            assert ISO.time_class(busy(state, kind, order=False)) == TimeClass.DOWN
    for kind in KINDS:  # a reason is that of a stop: what produces, produces
        assert ISO.time_class(busy(MachineState.PRODUCING, kind)) == TimeClass.PRODUCTION
        assert ISO.time_class(busy(MachineState.SETUP, kind)) == TimeClass.SETUP


def test_by_oee_com_planned_stops_and_time_without_an_order_are_schedule_loss() -> None:
    stopped = MachineState.STOPPED
    for kind in (ReasonKind.PLANNED, ReasonKind.MAINTENANCE):
        assert OEE_COM.time_class(busy(stopped, kind)) == TimeClass.PLANNED_DOWN
    assert OEE_COM.time_class(busy(stopped, order=False)) == TimeClass.PLANNED_DOWN
    assert OEE_COM.time_class(busy(stopped)) == TimeClass.DELAY
    assert OEE_COM.time_class(busy(stopped, ReasonKind.SETUP)) == TimeClass.SETUP
    assert OEE_COM.time_class(busy(MachineState.SETUP)) == TimeClass.SETUP
    unplanned = busy(MachineState.MAINTENANCE)  # the machine says so, nobody planned it
    assert OEE_COM.time_class(unplanned) == TimeClass.MAINTENANCE
    made = busy(MachineState.PRODUCING, order=False)
    assert OEE_COM.time_class(made) == TimeClass.PRODUCTION


def test_planned_changeover_excluded_leaves_changeovers_out_of_planned_time() -> None:
    planned = [busy(MachineState.SETUP), busy(MachineState.MAINTENANCE)]
    planned += [
        busy(MachineState.STOPPED, kind)
        for kind in (ReasonKind.SETUP, ReasonKind.PLANNED, ReasonKind.MAINTENANCE)
    ]
    for moment in planned:
        assert CHANGEOVER.time_class(moment) == TimeClass.PLANNED_DOWN
    assert CHANGEOVER.time_class(busy(MachineState.STOPPED)) == TimeClass.DELAY
    idle = busy(MachineState.IDLE, order=False)
    assert CHANGEOVER.time_class(idle) == TimeClass.DOWN


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        (busy(MachineState.PRODUCING), "PRD"),
        (busy(MachineState.IDLE), "SBY"),
        (busy(MachineState.STARVED), "SBY"),
        (busy(MachineState.BLOCKED), "SBY"),
        (busy(MachineState.STOPPED), "SBY"),
        (busy(MachineState.STOPPED, ReasonKind.BREAKDOWN), "UDT"),
        (busy(MachineState.FAULT), "UDT"),
        (busy(MachineState.FAULT, mode=MachineMode.MAINTENANCE), "UDT"),
        (busy(MachineState.OFF), "UDT"),
        (busy(MachineState.OFF, order=False), "SBY"),
        (busy(MachineState.SETUP), "ENG"),
        (busy(MachineState.PRODUCING, mode=MachineMode.MANUAL), "ENG"),
        (busy(MachineState.MAINTENANCE), "SDT"),
        (busy(MachineState.STOPPED, ReasonKind.PLANNED), "SDT"),
        (busy(MachineState.UNKNOWN), "UNK"),
        (Moment(Plan.PLANNED_DOWN, None, True, None, MachineState.PRODUCING), "SDT"),
        (Moment(Plan.NOT_PLANNED, None, True, None, MachineState.PRODUCING), "NST"),
    ],
)
def test_the_states_of_semi_e10(moment: Moment, state: str) -> None:
    """OPC 40100-1, 11.6 and Table 155."""
    assert E10.element(moment) == state
    assert E10.time_class(moment) == ISO.time_class(moment)


@pytest.mark.parametrize(
    ("plan", "mode", "kind", "state", "element"),
    [
        ("busy", None, None, MachineState.OFF, "UNK"),
        ("busy", None, "unplanned", MachineState.OFF, "UNK"),
        ("busy", "produce", None, MachineState.OFF, "UNK"),
        ("busy", "unknown", None, MachineState.OFF, "UNK"),
        ("busy", None, "breakdown", MachineState.OFF, "UDT"),
        ("busy", "manual", None, MachineState.OFF, "ENG"),
        ("busy", "maintenance", None, MachineState.OFF, "SDT"),
        ("planned_down", None, None, MachineState.OFF, "SDT"),
        ("not_planned", None, None, MachineState.OFF, "NST"),
        ("busy", None, None, MachineState.FAULT, "UDT"),
        ("busy", None, None, MachineState.IDLE, "SBY"),
    ],
)
def test_nobody_knows_whether_off_is_a_failure_where_the_order_cannot_be_read(
    plan: str, mode: str | None, kind: str | None, state: MachineState, element: str
) -> None:
    assert elements_of("semi-e10", plan, mode, "unknown", kind)[state.code] == element


def test_a_method_is_added_by_data_alone() -> None:
    """One that calls blocked and starved time planned: the line's neighbours are to blame."""
    name = "neighbours-excluded"
    waiting = frozenset({MachineState.STARVED, MachineState.BLOCKED})
    rule = Rule(TimeClass.PLANNED_DOWN, plans=frozenset({Plan.BUSY}), states=waiting)
    register(Method(name, "Waiting for neighbours is not planned", (rule, *ISO.rules)))
    try:
        assert method_named(name).shrinks_plan()
        classes = classes_of(name, "busy", None, "active", None)
        assert classes[MachineState.STARVED.code] == TimeClass.PLANNED_DOWN
        assert classes[MachineState.IDLE.code] == TimeClass.DELAY
        assert elements_of(name, "busy", None, "active", None)[MachineState.IDLE.code] == "ADET"
        with pytest.raises(InputError, match=rf"a method '{name}' already"):
            register(Method(name, "", ISO.rules))
    finally:
        del registry.METHODS[name]


def test_a_method_with_a_hole_is_refused() -> None:
    with pytest.raises(InputError, match=r"has no rule for not_planned, .*last rule without"):
        register(Method("holes", "", ISO.rules[1:2]))
    elements = (Rule("RUN", states=frozenset({MachineState.PRODUCING})),)
    with pytest.raises(InputError, match="has no rule for"):
        register(Method("holes", "", ISO.rules, elements, ()))
    with pytest.raises(InputError, match=r"sums up .*APT.*Use its elements: ALL"):
        register(Method("sums", "", ISO.rules, (Rule("ALL"),), ISO_SUMS))
    assert {"holes", "sums"}.isdisjoint(METHODS)
