"""Which times the seconds of each state go into: each second into one class and one element."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.kpi.state_matrix import TIMES, weights
from analytics.methods.registry import METHODS, method_named
from domain.errors import InputError
from domain.states import MachineMode, MachineState, OrderIs, Plan, ReasonKind, TimeClass

QUESTIONS = st.tuples(
    st.sampled_from(sorted(METHODS)),
    st.sampled_from(Plan.names()),
    st.sampled_from([None, *MachineMode.names()]),
    st.sampled_from([None, *OrderIs.names()]),
    st.sampled_from([None, *ReasonKind.names()]),
)


def times(
    state: str,
    plan: str = "busy",
    mode: str | None = None,
    order: str | None = None,
    kind: str | None = None,
) -> set[str]:
    """The times beside classes and elements that a second of this state goes into."""
    row = weights("iso22400", plan, mode, order, kind)[MachineState(state).code, -len(TIMES) :]
    return {name for name, has in zip(TIMES, row.tolist(), strict=True) if has}


@given(QUESTIONS)
def test_each_second_has_one_class_and_one_element(question: tuple) -> None:
    table = weights(*question)
    classes, elements = len(TimeClass), len(method_named(question[0]).elements())
    assert table.shape == (len(MachineState), classes + elements + len(TIMES))
    assert (table[:, :classes].sum(axis=1) == 1).all()
    assert (table[:, classes : classes + elements].sum(axis=1) == 1).all()
    assert np.isin(table, (0, 1)).all()


def test_repair_is_what_fails_in_planned_busy_time() -> None:
    assert times("fault") == {"repair_time_s"}
    assert times("fault", plan="planned_down") == set()
    assert times("stopped") == set()
    assert times("stopped", kind="breakdown") == {"repair_time_s"}


@pytest.mark.parametrize(
    ("method", "mode", "order", "kind", "elsewhere"),
    [
        ("oee-com", None, "none", None, True),
        ("oee-com", None, "unknown", None, True),
        ("oee-com", None, "none", "breakdown", True),
        ("oee-com", None, "none", "setup", False),
        ("oee-com", None, "active", "planned", True),
        ("oee-com", None, "active", None, False),
        ("planned-changeover-excluded", "maintenance", "active", None, True),
        ("planned-changeover-excluded", None, "active", "maintenance", True),
        ("planned-changeover-excluded", None, "unknown", None, False),
        ("iso22400", None, "unknown", None, False),
        ("semi-e10", "maintenance", "none", "planned", False),
    ],
)
def test_repair_may_be_in_time_that_the_method_takes_out_of_the_plan(
    method: str, mode: str | None, order: str, kind: str | None, elsewhere: bool
) -> None:
    (fault,) = weights(method, "busy", mode, order, kind)[[MachineState.FAULT.code], -len(TIMES) :]
    found = dict(zip(TIMES, fault.tolist(), strict=True))
    assert (found["repair_time_s"], found["repair_elsewhere_time_s"]) == (1, elsewhere)


def test_maintenance_is_preventive_where_it_is_no_repair() -> None:
    assert times("maintenance") == {"preventive_time_s"}
    assert times("maintenance", plan="planned_down") == {"preventive_time_s"}
    assert times("maintenance", plan="not_planned") == set()
    assert times("stopped", kind="maintenance") == {"preventive_time_s"}
    assert times("idle", mode="maintenance") == {"preventive_time_s"}
    assert times("fault", mode="maintenance") == {"repair_time_s"}
    assert times("unknown", mode="maintenance") == set()


def test_an_order_has_its_time_and_its_unknown_time() -> None:
    assert times("producing", order="active") == {
        "order_time_s", "order_busy_time_s", "order_production_time_s"
    }  # fmt: skip
    assert times("unknown", order="active") == {"order_time_s", "order_unknown_time_s"}
    assert times("producing", order="none") == set()
    assert times("producing", order="unknown") == {"order_lost_time_s"}
    assert times("stopped", order="unknown") == {"order_lost_time_s", "delay_lost_time_s"}
    assert times("unknown", plan="planned_down") == {"unknown_planned_down_time_s"}


def test_a_method_that_is_none_is_said() -> None:
    with pytest.raises(InputError, match="iso22400"):
        weights("iso22401", "busy", None, None, None)
