"""The mapping that is proposed for a machine, and what is left to people."""

from __future__ import annotations

import random

import pytest
from seen_machines import metric_value, node_value, server

from device_profiles.drafting.proposing import Proposals, name_of, proposals
from device_profiles.drafting.seen import SeenValue

PRESS = (
    node_value("Press/Status/State", 2, 6, 2),
    node_value("Press/Counters/Total", 10, 12, 14),
    node_value("Press/Counters/Good", 9, 11, 13),
    node_value("Press/Oil/Temperature", 40.5, 40.25, 40.75, unit="°C"),
    node_value("Press/Order", "A-17"),
)


def chosen(found: Proposals) -> dict[str, str]:
    return {it.signal: name_of(it.looked.value) for it in found.chosen}


def test_each_value_is_one_signal_and_each_signal_one_value() -> None:
    found = proposals(PRESS)
    assert chosen(found) == {
        "state": "Press/Status/State",
        "total_count": "Press/Counters/Total",
        "good_count": "Press/Counters/Good",
        "order": "Press/Order",
    }
    assert [name_of(it) for it in found.others] == ["Press/Oil/Temperature"]
    assert found.undecided == ()


def test_no_code_is_ever_taken_for_producing() -> None:
    """Not even where the machine calls it so: its words are shown, and people decide."""
    texts = {"2": "Stopped", "6": "Producing", "9": "Fault"}
    value = SeenValue(PRESS[0].place, "Int32", "", PRESS[0].moments, texts)
    (state,) = proposals([value]).chosen
    assert state.codes is not None
    assert [(it.code, it.text, it.seen) for it in state.codes] == [
        ("2", "Stopped", True),
        ("6", "Producing", True),
        ("9", "Fault", False),
    ]


def test_a_state_in_our_own_words_needs_no_codes() -> None:
    (own,) = proposals([node_value("State", "producing", "stopped")]).chosen
    assert own.codes is None
    (other,) = proposals([node_value("State", "producing", "Halt")]).chosen
    assert other.codes is not None


def test_endless_and_empty_codes_are_none() -> None:
    (state,) = proposals([node_value("State", "", "x" * 5_000, "run")]).chosen
    assert [it.code for it in state.codes or ()] == ["run"]


def test_the_one_value_that_counted_is_the_count() -> None:
    found = proposals([node_value("DB1/D4", 7, 8, 9), node_value("DB1/D8", 3, 1, 3)])
    assert chosen(found) == {"state": "DB1/D8", "total_count": "DB1/D4"}
    assert found.chosen[1].reasons[0] == "nothing else counted"


def test_of_several_that_counted_nobody_can_say_which_is_which() -> None:
    found = proposals([node_value("DB1/D4", 7, 8, 9), node_value("DB1/D6", 1, 2, 3)])
    assert found.chosen == ()
    assert "no name says which count is which: DB1/D4, DB1/D6" in found.undecided
    assert "no state of the machine was found" in found.undecided


def test_a_clock_is_no_count() -> None:
    seconds = node_value("DB1/D4", *(1_000 + number // 2 for number in range(20)))
    assert proposals([seconds]).chosen == ()


def test_what_fits_as_well_is_told() -> None:
    found = proposals([node_value("A/GoodCount", 5), node_value("B/GoodCount", 5)])
    assert found.chosen[0].rivals
    assert "good_count may also be B/GoodCount" in found.undecided


def test_of_several_machines_all_signals_are_of_one() -> None:
    line = [
        node_value(f"Line/{machine}/{name}", *values)
        for machine in ("Capper", "Filler")
        for name, values in (("State", (1, 2, 1)), ("Total", (5, 6)), ("Rejects", (1, 2)))
    ]
    found = proposals(line)
    assert {it.split("/")[1] for it in chosen(found).values()} == {"Capper"}
    assert any("several parts look like a machine: Capper, Filler" in it for it in found.undecided)


def test_what_only_another_machine_has_is_not_mixed_in() -> None:
    """But a meter may stand beside the machine."""
    found = proposals(
        [
            *(node_value(f"A/{it}", 1) for it in ("State", "Total", "Good")),
            *(node_value(f"B/{it}", 1) for it in ("State", "Total", "Rejects", "Order")),
            node_value("Meter/Energy", 7.5, 8.0),
        ]
    )
    names = chosen(found)
    assert names.keys() >= {"state", "total_count", "energy"}
    assert len({it.split("/")[0] for signal, it in names.items() if signal != "energy"}) == 1


def test_folders_of_one_machine_are_no_machines() -> None:
    """Its state in one, what it counted in others."""
    found = proposals(
        [
            node_value("Press/Status/State", 2, 6, 2),
            *(node_value(f"Press/Lifetime/{it}", 5, 6) for it in ("Total", "Good")),
            *(node_value(f"Press/Job/{it}", 1, 2) for it in ("Total", "Good")),
        ]
    )
    assert {"state", "total_count", "good_count"} <= chosen(found).keys()
    assert not any("look like a machine" in it for it in found.undecided)


def test_the_order_in_which_values_come_says_nothing() -> None:
    values = [*PRESS, *(node_value(f"Other/Count{number}", 1, 2) for number in range(9))]
    first = proposals(values)
    for seed in range(5):
        shuffled = values[:]
        random.Random(seed).shuffle(shuffled)
        assert proposals(shuffled) == first


def test_thousands_of_hostile_values_end_in_a_short_answer() -> None:
    values = [
        node_value(f"{'Good' * 100}\n{number}", number, number + 1) for number in range(2_000)
    ]
    found = proposals(values)
    assert len(found.chosen) == 1
    assert max(len(it) for it in found.undecided) < 5_000


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 10**300, 10**400, -0.0, "\ud800"],
    ids=lambda it: repr(it)[:9],
)
def test_strange_values_are_not_fatal(value: float | str) -> None:
    proposals([node_value("Press/Good", value), node_value("Press/State", value)])


def test_no_name_begins_a_line_of_its_own() -> None:
    """As in a server whose node is called so that the terminal shows what nobody wrote."""
    found = proposals([node_value(f"Good{it}\nWritten: x", 5, 6) for it in range(2)])
    assert chosen(found) == {"good_count": "Good0\\x0aWritten: x"}
    assert "\n" not in "".join(found.undecided)


def test_metrics_of_one_device() -> None:
    found = proposals([metric_value("g/n/press", "Counters/Good", 3, 4)])
    assert chosen(found) == {"good_count": "g/n/press/Counters/Good"}
    assert proposals(server().values).chosen == ()
