"""The first rule that fits decides; a hole in the rules is an error of ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analytics.methods.rules import ISO_ELEMENTS, Method, Moment, Rule
from domain.states import MachineMode, MachineState, Plan, ReasonKind, TimeClass

MOMENT = Moment(Plan.BUSY, None, order=True, reason_kind=None, state=MachineState.PRODUCING)
ANY = Rule(TimeClass.DELAY)
METHOD = Method("m", "M", (Rule(TimeClass.PRODUCTION, states=frozenset({MOMENT.state})), ANY))


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (ANY, True),
        (replace(ANY, plans=frozenset({Plan.NOT_PLANNED})), False),
        (replace(ANY, states=frozenset({MachineState.FAULT})), False),
        (replace(ANY, modes=frozenset({None, MachineMode.PRODUCE})), True),
        (replace(ANY, modes=frozenset({MachineMode.PRODUCE})), False),
        (replace(ANY, order=True), True),
        (replace(ANY, order=False), False),
        (replace(ANY, reason_kinds=frozenset({None})), True),
        (replace(ANY, reason_kinds=frozenset({ReasonKind.SETUP})), False),
    ],
)
def test_all_conditions_must_hold(rule: Rule[TimeClass], fits: bool) -> None:
    assert rule.fits(MOMENT) is fits


def test_the_first_rule_that_fits_decides() -> None:
    assert METHOD.time_class(MOMENT) is TimeClass.PRODUCTION
    assert METHOD.time_class(replace(MOMENT, state=MachineState.FAULT)) is TimeClass.DELAY


def test_a_hole_in_the_rules_names_the_moment() -> None:
    with pytest.raises(LookupError, match=r"method 'm' has no rule for busy.*state fault"):
        replace(METHOD, rules=METHOD.rules[:1]).time_class(
            replace(MOMENT, state=MachineState.FAULT)
        )


def test_elements_are_those_of_iso_22400_unless_the_method_has_its_own() -> None:
    assert METHOD.element(MOMENT) == "APT"
    assert METHOD.elements() == tuple(ISO_ELEMENTS.values())
    own = replace(METHOD, element_rules=(Rule("UP", order=True), Rule("DOWN"), Rule("UP")))
    assert own.element(MOMENT) == "UP"
    assert own.element(replace(MOMENT, order=False)) == "DOWN"
    assert own.elements() == ("UP", "DOWN")


def test_a_method_that_takes_planned_time_out_of_the_plan_is_known() -> None:
    assert not METHOD.shrinks_plan()
    out = Rule(TimeClass.PLANNED_DOWN, plans=frozenset({Plan.BUSY}))
    assert replace(METHOD, rules=(out, ANY)).shrinks_plan()
    assert not replace(
        METHOD, rules=(replace(out, plans=frozenset({Plan.PLANNED_DOWN})), ANY)
    ).shrinks_plan()
