"""Stored facts follow corrections: the touched slices alone, whatever crashes, to the bit."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from plants import local, plant
from polars.testing import assert_frame_equal
from telemetry import batch, samples, spans

from analytics.corrections.validation import check_correction
from analytics.facts.line_digest import line_digest
from collector.facts.keeper import FactsKeeper
from domain.corrections import AT_AN_INSTANT, Correction, CorrectionKind, LineCorrections
from domain.errors import InputError, StorageError
from domain.plant import PlannedOrder, Plant, Product, StopReason
from domain.states import MachineState, ReasonKind
from domain.time import Window
from store.registry.registry import Registry
from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.protocol import BatchContent, BatchRecord

START = local("2026-03-02 06:00")
END = START + timedelta(hours=8)
NOW = local("2026-03-05 12:00")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
REASON, SPLIT, MERGE, QUANTITY, _FIGURE, WITHDRAWAL, *_, ORDER = CorrectionKind
TEA, JUICE = Product("tea", {"en": "Tea"}, 2.0), Product("juice", {"en": "Juice"}, 0.5)
ORDERS = {
    f"of {it}": PlannedOrder(f"of {it}", "l1", 9.0, Window(START, END), it)
    for it in ("tea", "juice")
}
PLANT = dataclasses.replace(
    plant(products=(TEA, JUICE)),
    orders=ORDERS,
    reasons={
        "jam": StopReason("jam", {"en": "Jam"}, ReasonKind.BREAKDOWN),
        "wash": StopReason("wash", {"en": "Wash"}, ReasonKind.PLANNED),
    },
)
CYCLE = (MachineState.PRODUCING, MachineState.FAULT, MachineState.STOPPED, MachineState.PRODUCING)


class Source:
    """The plant as it is given here, its corrections in a real registry."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    @property
    def version(self) -> int:
        return self.registry.version

    def plants(self) -> list[Plant]:
        return [PLANT]

    def line_corrections(self, line: str) -> LineCorrections:
        return self.registry.facts_basis.line_corrections(line)

    def mark_applied(self, line: str, number: int) -> None:
        self.registry.facts_basis.mark_applied(line, number)


class Crashing(Source):
    """Goes down after the facts were stored, before the registry heard of it."""

    def mark_applied(self, line: str, number: int) -> None:
        raise StorageError("power is gone")


def states(minutes: Sequence[int]) -> pl.DataFrame:
    """A change of state at each minute, and counts beside it."""
    rows: list[dict[str, Any]] = []
    for place, minute in enumerate(minutes):
        at, state = START + minute * MINUTE, CYCLE[place % len(CYCLE)]
        rows += [
            {"time": at, "signal": "state", "value": float(state.code), "text": state.value},
            {"time": at + MINUTE, "signal": "total_count", "value": 7.0 * minute},
            {"time": at + MINUTE, "signal": "reject_count", "value": 0.3 * minute},
        ]
    return samples(*rows, line="l1", machine="m")


ALL_DAY = batch(1, states(range(0, 480, 7)), spans((START, END), line="l1", machine="m"))


class Node:
    """A store and a registry in a folder, and who keeps the facts."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.store = DuckDBStore(folder / "telemetry.duckdb", memory_limit="100MB")
        self.registry = Registry(folder / "registry.sqlite", folder / "documents")
        self.numbers = itertools.count(1)
        self.restart()

    def restart(self, source: type[Source] = Source) -> None:
        self.keeper = FactsKeeper(self.store, source(self.registry), lambda: NOW)

    def facts(self) -> pl.DataFrame:
        return self.store.facts("l1", line_digest(PLANT, "l1"), START - HOUR, END + HOUR)

    def say(self, kind: CorrectionKind, start: float, end: float, **fields: Any) -> Correction:
        number = next(self.numbers)
        said = Correction(
            f"c{number}",
            "l1",
            kind,
            START + start * MINUTE,
            START + (start if kind in AT_AN_INSTANT else end) * MINUTE,
            "Ann",
            NOW + timedelta(seconds=number),
            **fields,
        )
        self.registry.record.correction(
            said, lambda earlier: check_correction(PLANT, said, earlier, NOW, ())
        )
        return said

    def withdraw(self, said: Correction) -> None:
        number = next(self.numbers)
        gone = dataclasses.replace(
            Correction(f"c{number}", "l1", WITHDRAWAL, said.start, said.end, "Ann", NOW),
            withdraws=said.id,
            until_stop_ends=said.until_stop_ends,
            order=said.order,
            product=said.product,
        )
        self.registry.record.correction(gone, lambda earlier: None)

    def close(self) -> None:
        self.store.close()
        self.registry.close()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = Node(tmp_path)
    made.store.append([ALL_DAY])
    assert made.keeper.refresh() == 8
    yield made
    made.close()


def hours_that_differ(one: pl.DataFrame, other: pl.DataFrame) -> list[int]:
    """Hours after START whose rows are not the same in both."""

    def of(frame: pl.DataFrame, hour: int) -> pl.DataFrame:
        begin = START + hour * HOUR
        return frame.filter(pl.col("start") >= begin, pl.col("end") <= begin + HOUR)

    return [hour for hour in range(8) if not of(one, hour).equals(of(other, hour))]


def test_only_the_touched_slices_are_computed_again(node: Node) -> None:
    first = node.facts()
    node.say(REASON, 190, 220, reason="wash")
    assert node.keeper.refresh() == 1
    assert hours_that_differ(first, node.facts()) == [3]
    kinds = node.facts().filter(pl.col("reason_kind") == ReasonKind.PLANNED.value)
    assert kinds["start"].unique().to_list() == [START + 3 * HOUR]
    assert node.keeper.refresh() == 0, "once is enough"


def test_a_reason_of_a_stop_that_goes_on_holds_until_it_ends_whenever_that_is_known(
    tmp_path: Path,
) -> None:
    """Late data end the stop earlier; a withdrawal takes the reason from all of it."""

    def changes(number: int, *told: tuple[int, MachineState]) -> tuple[BatchRecord, BatchContent]:
        rows = [
            {"time": START + minute * MINUTE, "signal": "state", "value": float(state.code)}
            for minute, state in told
        ]
        whole = spans((START, END), line="l1", machine="m")
        return batch(number, samples(*rows, line="l1", machine="m"), whole)

    def planned_hours() -> list[int]:
        kinds = node.facts().filter(pl.col("reason_kind") == ReasonKind.PLANNED.value)
        return [(it - START) // HOUR for it in kinds["start"].unique().sort()]

    stopped, runs = MachineState.STOPPED, MachineState.PRODUCING
    node = Node(tmp_path / "node")
    node.store.append([changes(1, (0, runs), (60, stopped), (470, runs))])
    node.keeper.refresh()
    without = node.facts()
    said = node.say(REASON, 60, 70, reason="wash", until_stop_ends=True)
    assert node.keeper.refresh() == 8
    assert planned_hours() == [1, 2, 3, 4, 5, 6, 7]
    node.store.append([changes(2, (250, runs), (260, stopped))])
    node.keeper.refresh()
    assert planned_hours() == [1, 2, 3, 4]
    node.withdraw(said)
    node.keeper.refresh()
    assert planned_hours() == []
    assert hours_that_differ(node.facts(), without) == [4]
    node.close()


def test_a_correction_that_ends_on_a_border_touches_both_sides(node: Node) -> None:
    node.say(MERGE, 180, 240)
    assert node.keeper.refresh() == 3


@pytest.mark.parametrize("restarted", [False, True])
def test_a_withdrawal_gives_back_the_first_facts(node: Node, restarted: bool) -> None:
    first = node.facts()
    said = node.say(QUANTITY, 65, 170, element="reject_count", amount=100.0)
    assert node.keeper.refresh() == 2
    assert hours_that_differ(first, node.facts()) == [1, 2]
    if restarted:
        node.restart()
    node.withdraw(said)
    assert node.keeper.refresh() == 2
    assert_frame_equal(node.facts(), first, check_exact=True)


def test_a_crash_before_the_registry_hears_of_it_is_healed(node: Node) -> None:
    node.restart(Crashing)
    node.say(REASON, 190, 220, reason="wash")
    with pytest.raises(StorageError):
        node.keeper.refresh()
    stored = node.facts()
    node.restart()
    assert node.keeper.refresh() == 1, "it cannot know that the facts were stored"
    assert_frame_equal(node.facts(), stored, check_exact=True)
    assert node.keeper.refresh() == 0


def test_what_an_operator_counts_replaces_what_the_machine_counted(node: Node) -> None:
    """Mes-Open/OpenMes#46: operator and machine were both counted."""
    before = node.facts()["reject_count"].sum()
    machine = node.facts().filter(pl.col("start") == START + 2 * HOUR)["reject_count"].sum()
    node.say(QUANTITY, 120, 180, element="reject_count", amount=50.0)
    node.keeper.refresh()
    hour = node.facts().filter(pl.col("start") == START + 2 * HOUR)
    assert hour["reject_count"].sum() == pytest.approx(50.0)
    after = node.facts()["reject_count"].sum()
    assert after == pytest.approx(before - machine + 50.0)
    assert hour["total_count"].sum() - hour["good_count"].sum() == pytest.approx(50.0)


def test_late_samples_reach_over_all_of_an_amount(node: Node) -> None:
    """The machine counted more in the last hour of the amount: that hour gets more of it, the
    others less."""
    node.say(QUANTITY, 120, 360, element="total_count", amount=4000.0)
    node.keeper.refresh()
    row = {"time": START + 361 * MINUTE, "signal": "total_count", "value": 7.0 * 364}
    before = node.facts()
    node.store.append([batch(2, samples(row, line="l1", machine="m"))])
    assert node.keeper.refresh() >= 4
    assert {2, 3, 4, 5} <= set(hours_that_differ(before, node.facts()))
    inside = (pl.col("start") >= START + 2 * HOUR) & (pl.col("end") <= START + 6 * HOUR)
    assert node.facts().filter(inside)["total_count"].sum() == pytest.approx(4000.0)


def test_a_correction_inside_an_amount_leaves_no_bit_behind(tmp_path: Path) -> None:
    """It cuts time more finely, so the shares of all of the amount are rounded otherwise."""
    rows: list[dict[str, Any]] = []
    for minute in range(0, 480, 7):
        at, state = START + minute * MINUTE, CYCLE[minute % len(CYCLE)]
        rows += [
            {"time": at, "signal": "state", "value": float(state.code), "text": state.value},
            {"time": at, "signal": "reject_count", "value": minute**1.5},
        ]
    irregular = batch(
        1, samples(*rows, line="l1", machine="m"), spans((START, END), line="l1", machine="m")
    )
    node, anew = Node(tmp_path / "node"), Node(tmp_path / "anew")
    try:
        node.store.append([irregular])
        node.say(QUANTITY, 10, 470, element="reject_count", amount=777.7)
        for begin in range(71, 460, 23):
            node.keeper.refresh()
            node.say(REASON, begin, begin + 3, reason="jam")
        node.keeper.refresh()
        anew.store.append([irregular])
        for it in node.registry.records.corrections("l1"):
            anew.registry.record.correction(it, lambda earlier: None)
        anew.keeper.refresh()
        assert_frame_equal(node.facts(), anew.facts(), check_exact=True)
    finally:
        node.close()
        anew.close()


@pytest.mark.parametrize("role", ["rework_count", "energy"])
def test_what_no_machine_counts_can_be_told_for_a_time(node: Node, role: str) -> None:
    node.say(QUANTITY, 120, 180, element=role, amount=5.0)
    node.keeper.refresh()
    column = "energy_kwh" if role == "energy" else role
    told = node.facts().filter(pl.col(column).is_not_null())
    assert told["start"].unique().to_list() == [START + 2 * HOUR]
    assert told[column].sum() == pytest.approx(5.0)


# whatever the order

Said = tuple[CorrectionKind, int, int, dict[str, Any]]
starts, lengths = st.integers(0, 470), st.sampled_from([1, 5, 13, 60, 61, 150])
said = st.one_of(
    st.tuples(
        st.just(REASON),
        starts,
        lengths,
        st.builds(
            lambda reason, goes_on: {"reason": reason, "until_stop_ends": goes_on},
            st.sampled_from(["jam", "wash"]),
            st.booleans(),
        ),
    ),
    st.tuples(
        st.just(ORDER),
        starts,
        st.just(0),
        st.sampled_from(["tea", "juice"]).map(lambda it: {"order": f"of {it}", "product": it}),
    ),
    st.tuples(st.sampled_from([SPLIT, MERGE]), starts, lengths, st.just({})),
    st.tuples(
        st.just(QUANTITY),
        starts,
        lengths,
        st.builds(
            lambda role, amount: {"element": role, "amount": amount},
            st.sampled_from(["total_count", "reject_count", "good_count", "rework_count"]),
            st.sampled_from([0.0, 0.1, 40.0, 12345.6]),
        ),
    ),
)
late = st.lists(st.integers(0, 479), min_size=1, max_size=4, unique=True).map(sorted)
steps = st.lists(st.one_of(said, late, st.just("refresh"), st.just("restart")), max_size=9)


@settings(
    max_examples=11,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(first=late, steps=steps)
def test_facts_do_not_depend_on_when_corrections_came_and_withdrawn_ones_leave_nothing(
    tmp_path_factory: pytest.TempPathFactory, first: list[int], steps: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("facts")
    whole = spans((START, END), line="l1", machine="m")
    batches: list[tuple[BatchRecord, BatchContent]] = [batch(1, states(first), whole)]
    recorded: list[Correction] = []
    node, plain, corrected = (Node(folder / name) for name in ("node", "plain", "corrected"))
    try:
        node.store.append(batches)
        for step in steps:
            if step == "refresh":
                node.keeper.refresh()
            elif step == "restart":
                node.restart()
            elif isinstance(step, list):
                batches.append(batch(len(batches) + 1, states(step)))
                node.store.append([batches[-1]])
            else:
                kind, start, length, fields = step
                try:
                    recorded.append(node.say(kind, start, start + length, **fields))
                except InputError:
                    continue  # it overlaps an earlier one
        node.keeper.refresh()
        for fresh in (plain, corrected):
            fresh.store.append(list(reversed(batches)))
        for it in reversed(recorded):
            corrected.registry.record.correction(it, lambda earlier: None)
        plain.keeper.refresh()
        corrected.keeper.refresh()
        assert_frame_equal(node.facts(), corrected.facts(), check_exact=True)
        for it in recorded:
            node.withdraw(it)
        node.keeper.refresh()
        assert_frame_equal(node.facts(), plain.facts(), check_exact=True)
    finally:
        for made in (node, plain, corrected):
            made.close()
