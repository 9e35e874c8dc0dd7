"""Bounds hold: low ≤ value ≤ high, and time that becomes unknown only widens them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kpi_facts import CYCLE_S, facts_row, frame, micros

from analytics.kpi.evaluation import (
    KPIS,
    KpiValue,
    Sums,
    evaluate,
    summed,
    sums_from_amounts,
)
from analytics.kpi.formulas.model import RATIO
from analytics.methods.registry import METHODS
from domain.frames import ORDER_LOST, QUANTITY_COLUMNS, REASON_LOST, STATE_COLUMNS
from domain.states import MachineState, Plan, ReasonKind, TimeClass

# The contract's bounds of OEE enclose the value only under conditions; so do their kin.
OEE_FAMILY = ("oee", "ooe", "teep")
# Their values are of known time alone, while their bounds hold what was counted in unknown time.
AGAINST_TIME = (*OEE_FAMILY, "effectiveness", "net_equipment_effectiveness")
ROUNDING = 1e-9
# A figure that people may tell for every input that no machine tells.
FIGURES = {
    "personnel_work_time_s": 4.0,
    "personnel_attendance_time_s": 5.0,
    "planned_scrap_count": 3.0,
    "inspected_part_count": 50.0,
    "first_operation_count": 100.0,
    "consumed_material": 90.0,
    "integrated_good_quantity": 70.0,
    "production_loss": 8.0,
    "storage_and_transport_loss": 7.0,
    "other_loss": 5.0,
    "equipment_production_capacity": 500.0,
    "average_inventory": 30.0,
    **dict.fromkeys(("cp", "cpk", "cm", "cmk", "pp", "ppk"), 1.3),
}

frames = st.lists(facts_row(), min_size=1, max_size=5).map(frame)
method_names = st.sampled_from(tuple(METHODS))


def told(of: Sums) -> Sums:
    return replace(of, further={name: np.float64(amount) for name, amount in FIGURES.items()})


def within(figure: KpiValue) -> bool:
    """Whether the value is enclosed, up to the rounding of floats."""
    if figure.value is None:
        return True
    slack = ROUNDING * max(1.0, abs(figure.value))
    low_holds = figure.low is None or figure.low <= figure.value + slack
    return low_holds and (figure.high is None or figure.value <= figure.high + slack)


def wider(outer: KpiValue, inner: KpiValue) -> bool:
    """Whether the bounds of `outer` enclose those of `inner`; None is no bound at all."""
    if outer.low is None and inner.low is not None and outer.value is not None:
        return outer.high is None or inner.high is None or outer.high >= inner.high - ROUNDING
    pairs = ((outer.low, inner.low, -1), (outer.high, inner.high, 1))
    return all(
        mine is None or other is None or (mine - other) * sign >= -ROUNDING * max(1, abs(other))
        for mine, other, sign in pairs
    )


def comparable_oee(of: Sums) -> bool:
    """Where the contract's bounds enclose OEE: nothing counted in unknown time, no faster than
    planned, every product of one quality (here there is one product)."""
    effectiveness = evaluate("effectiveness", of).value
    return not of.one("total_count_unknown") and (effectiveness or 0.0) <= 1.0


def fits(of: Sums) -> bool:
    """Whether all that the counters told was possible in the known planned time."""
    told_s = (of.one("good_ideal_time_s") or 0.0) + (of.one("implausible_ideal_time_s") or 0.0)
    return bool(told_s <= of.known_busy_time_s)


def forgotten(facts: pl.DataFrame, states: list[MachineState], share: float) -> pl.DataFrame:
    """The same facts where nobody knows a share of the time of these states in planned time. What
    was counted while producing is then counted in unknown time."""
    busy = pl.col("plan") == Plan.BUSY.value
    moved = pl.when(busy).then(share if MachineState.PRODUCING in states else 0.0).otherwise(0.0)
    total, good = (
        pl.when(pl.col(name) > 0).then((pl.col(name) - pl.col(f"{name}_unknown")) * moved)
        for name in ("total_count", "good_count")
    )
    lost = {
        f"{state}_us": pl.when(busy)
        .then((pl.col(f"{state}_us") * share).cast(pl.Int64))
        .otherwise(0)
        for state in states
    }
    return facts.with_columns(
        *((pl.col(name) - amount).alias(name) for name, amount in lost.items()),
        (pl.col("unknown_us") + pl.sum_horizontal(*lost.values())).alias("unknown_us"),
        (pl.col("total_count_unknown") + total.fill_null(0.0)).alias("total_count_unknown"),
        (pl.col("good_count_unknown") + good.fill_null(0.0)).alias("good_count_unknown"),
        (pl.col("ideal_unknown_s") + pl.col("ideal_s") * moved).alias("ideal_unknown_s"),
        pl.col("ideal_s") * (1 - moved),
        (pl.col("possible_count") + pl.sum_horizontal(*lost.values()) / 1e6 / CYCLE_S).alias(
            "possible_count"
        ),
    )


@settings(deadline=None)
@given(
    frames,
    method_names,
    st.lists(st.sampled_from([s for s in MachineState if s != "unknown"]), min_size=1, unique=True),
    st.floats(0, 1),
)
def test_time_that_becomes_unknown_only_widens(
    facts: pl.DataFrame, method: str, states: list[MachineState], share: float
) -> None:
    """What was counted stands; the time it was counted in is no longer known."""
    before = told(summed(facts, method))
    after = told(summed(forgotten(facts, states, share), method))
    assert after.unknown_time_s >= before.unknown_time_s
    for name, kpi in KPIS.items():
        if kpi.unit == "s":
            continue  # means between events have no bounds while time is unknown
        if name in OEE_FAMILY and not (after.plan_fixed or fits(after)):
            continue  # more was told than fits into the plan, and the plan may be shorter yet
        if name in AGAINST_TIME and not comparable_oee(before):
            continue  # the value of what is known lies outside, and then it is the bound
        mine, other = evaluate(name, after), evaluate(name, before)
        assert wider(mine, other), (name, mine, other)


@settings(deadline=None)
@given(frames, method_names, micros)
def test_unknown_time_that_is_added_only_widens(
    facts: pl.DataFrame, method: str, added: int
) -> None:
    """Planned time of which nothing is known at all: no state, no item, no order."""
    nothing = dict.fromkeys((*STATE_COLUMNS, *QUANTITY_COLUMNS, "stops", "failures"), 0)
    words = {"plan": "busy", "mode": None, "order": None, "reason_kind": None}
    gap = frame([{**nothing, **words, "unknown_us": added}])
    before, after = (
        told(summed(facts, method)),
        told(summed(pl.concat([facts, gap]), method)),
    )
    for name, kpi in KPIS.items():
        if kpi.unit == "s" or name == "utilisation":
            continue  # of the plan itself, and more was planned
        if name in OEE_FAMILY and not fits(before):
            continue
        if name in AGAINST_TIME and not comparable_oee(before):
            continue  # the value of what is known lies outside, and then it is the bound
        mine, other = evaluate(name, after), evaluate(name, before)
        assert wider(mine, other), (name, mine, other)


@settings(deadline=None)
@given(frames, method_names)
def test_shares_of_time_stay_possible(facts: pl.DataFrame, method: str) -> None:
    """What is a part of planned time is never below 0 or above 1, not even at its best."""
    of = summed(facts, method)
    for name in (
        "availability",
        "allocation_efficiency",
        "utilization_efficiency",
        "setup_ratio",
        "technical_efficiency",
        "corrective_maintenance_ratio",
        "utilisation",
    ):
        for bound in (evaluate(name, of).low, evaluate(name, of).high):
            assert bound is None or 0 <= bound <= 1 + ROUNDING, name


@settings(deadline=None)
@given(frames, method_names)
def test_nothing_unknown_leaves_nothing_open(facts: pl.DataFrame, method: str) -> None:
    known = facts.with_columns(
        unknown_us=pl.lit(0, dtype=pl.Int64()),
        ideal_s=pl.col("ideal_s") + pl.col("ideal_unknown_s"),
        **dict.fromkeys(
            ("total_count_unknown", "good_count_unknown", "ideal_unknown_s"), pl.lit(0.0)
        ),
        total_count_implausible=pl.lit(0.0),
        implausible_ideal_s=pl.lit(0.0),
        order=pl.col("order").replace(ORDER_LOST, "A"),
        reason_kind=pl.col("reason_kind").replace(REASON_LOST, "unplanned"),
    )
    of = told(summed(known, method))
    for name in KPIS:
        figure = evaluate(name, of)
        if name not in OEE_FAMILY and figure.value is not None:
            assert figure.low == pytest.approx(figure.value), name
            assert figure.high == pytest.approx(figure.value), name


@settings(deadline=None)
@given(frames, method_names, st.sampled_from([None, *ReasonKind.names()]))
def test_a_reason_that_nobody_knows_may_be_any(
    facts: pl.DataFrame, method: str, kind: str | None
) -> None:
    was = pl.col("reason_kind").replace(REASON_LOST, kind)
    lost, known = summed(facts, method), summed(facts.with_columns(reason_kind=was), method)
    for name in KPIS:
        if name in AGAINST_TIME and not comparable_oee(known):
            continue  # the value of what is known lies outside, and then it is the bound
        mine, other = evaluate(name, lost), evaluate(name, known)
        assert wider(mine, other), (name, mine, other)


@settings(deadline=None)
@given(frames, method_names)
def test_the_classes_and_the_elements_partition_the_time(facts: pl.DataFrame, method: str) -> None:
    of = summed(facts, method)
    whole = facts.select(pl.sum_horizontal(STATE_COLUMNS).sum()).item()
    assert sum(round(seconds.item() * 1e6) for seconds in of.seconds.values()) == whole
    parts = METHODS[method].elements()
    assert sum(round(of.elements[part].item() * 1e6) for part in parts) == whole
    total = "total_time" if method == "semi-e10" else "TOTAL"
    assert round(of.elements[total].item() * 1e6) == whole


@settings(deadline=None)
@given(frames, frames, method_names)
def test_sums_are_additive(one: pl.DataFrame, other: pl.DataFrame, method: str) -> None:
    both = summed(pl.concat([one, other]), method)
    first, second = summed(one, method), summed(other, method)
    for kind in TimeClass:
        assert both.seconds[kind] == pytest.approx(first.seconds[kind] + second.seconds[kind])
    for name in ("total_count", "good_ideal_time_s", "order_time_s", "repair_time_s", "failures"):
        parts = [part for part in (first.one(name), second.one(name)) if part is not None]
        whole = both.one(name)
        assert (whole is None) == (not parts), name
        assert (whole or 0.0) == pytest.approx(sum(parts), abs=1e-5), name


def test_every_ratio_has_bounds_where_it_has_a_value() -> None:
    """Unknown time there is, and a planned cycle to bound what was made in it."""
    of = told(
        sums_from_amounts(
            production_time_s=3600.0, setup_time_s=60.0, delay_time_s=60.0, repair_time_s=30.0,
            preventive_time_s=30.0, unknown_time_s=100.0, order_time_s=3800.0, total_count=1000.0,
            order_busy_time_s=3500.0, order_production_time_s=3400.0, order_unknown_time_s=90.0,
            good_count=900.0, reject_count=100.0, rework_count=10.0, ideal_time_s=2000.0,
            good_ideal_time_s=1800.0, energy_kwh=5.0, cycle_time_s=CYCLE_S, failures=2.0,
        )
    )  # fmt: skip
    for name, kpi in KPIS.items():
        figure = evaluate(name, of)
        assert figure.value is not None, name
        assert (figure.low is not None) == (kpi.unit != "s"), name
        assert (figure.high is not None) == (kpi.unit != "s"), name
        if kpi.unit == RATIO:
            assert figure.low <= figure.value <= figure.high, name  # type: ignore[operator]  # not None


def test_without_a_planned_cycle_nothing_bounds_what_a_gap_hides() -> None:
    of = sums_from_amounts(
        production_time_s=3600.0, unknown_time_s=10.0, total_count=9.0, good_count=8.0
    )
    assert evaluate("quality_ratio", of) == KpiValue(8 / 9, None, None, 3600 / 3610)


def test_the_meter_goes_on_while_the_state_is_unknown() -> None:
    """What it told is the consumption; a gap may hide items, never energy."""
    of = sums_from_amounts(
        production_time_s=3600.0, unknown_time_s=200.0, total_count=100.0, good_count=100.0,
        energy_kwh=50.0, cycle_time_s=CYCLE_S,
    )  # fmt: skip
    figure = evaluate("energy_per_good_unit", of)
    assert (figure.low, figure.value, figure.high) == (0.25, 0.5, 0.5)


def test_counts_that_nobody_believed_are_inside_the_bounds() -> None:
    of = sums_from_amounts(
        production_time_s=100.0, total_count=50.0, good_count=40.0, total_count_implausible=50.0,
        ideal_time_s=100.0, good_ideal_time_s=80.0, implausible_ideal_time_s=100.0,
    )  # fmt: skip
    quality = evaluate("quality_ratio", of)
    assert (quality.low, quality.value, quality.high) == (0.4, 0.8, 0.9)
    oee = evaluate("oee", of)
    assert (oee.low, oee.value, oee.high) == (0.8, 0.8, 1.8)


def test_unknown_time_was_all_preventive_maintenance_or_all_repair() -> None:
    of = sums_from_amounts(
        production_time_s=3600.0, unknown_time_s=100.0, unknown_planned_down_time_s=40.0,
        repair_time_s=30.0, preventive_time_s=30.0,
    )  # fmt: skip
    ratio = evaluate("corrective_maintenance_ratio", of)
    assert (ratio.low, ratio.value, ratio.high) == (30 / 200, 0.5, 130 / 160)
    of = replace(of, further={"corrective_maintenance_time_s": np.float64(60.0)})
    told = evaluate("corrective_maintenance_ratio", of)
    assert (told.low, told.value, told.high) == (60 / 230, 60 / 90, 60 / 90)


def test_items_that_were_hidden_do_not_make_up_for_those_that_nobody_judged() -> None:
    """Each counter was silent at another time: all items may have been rejects."""
    of = sums_from_amounts(
        production_time_s=1600.0, total_count=100.0, good_count=50.0, reject_count=50.0,
        total_unheard_s=1000.0, good_unheard_s=1000.0, reject_unheard_s=500.0, cycle_time_s=1.0,
    )  # fmt: skip
    assert evaluate("scrap_ratio", of).high == 1.0


@pytest.mark.parametrize(("name", "part"), [("scrap_ratio", "reject"), ("rework_ratio", "rework")])
def test_a_part_is_never_told_as_more_than_all(name: str, part: str) -> None:
    """Of 100 items and 188 rejects, in hours in which the total was silent: how many of how many is
    not known. Where all was heard, rejects may be of items that were made before."""
    amounts = {"total_count": 100.0, f"{part}_count": 188.0, f"{part}_unheard_s": 0.0}
    silent, heard = (
        evaluate(
            name,
            sums_from_amounts(
                **amounts, production_time_s=1600.0, total_unheard_s=seconds, cycle_time_s=1.0
            ),
        )
        for seconds in (1000.0, 0.0)
    )
    assert (silent.value, heard.value) == (None, 1.88)
    assert silent.low is not None
    assert silent.low < 1.0
    assert silent.high == 1.0
