"""Which signals a value may be, and why."""

from __future__ import annotations

import pytest
from seen_machines import node_value

from device_profiles.drafting.candidates import Candidate, candidates, looked_at
from device_profiles.drafting.seen import Plain


def best(path: str, *values: Plain, unit: str = "") -> Candidate | None:
    found = candidates(looked_at(node_value(path, *values, unit=unit)))
    return max(found, key=lambda it: it.score, default=None)


def test_a_reason_names_the_word_the_type_and_the_movement() -> None:
    found = best("Counters/Good", 5, 6, 7)
    assert found is not None
    assert found.signal == "good_count"
    assert found.reasons == (
        *("its name has 'good count'", "integer"),
        "only rises, in whole steps (from 5 to 7)",
    )


def test_a_unit_says_what_a_name_does_not() -> None:
    found = best("Meter/A1", 7.25, 7.5, unit="kWh")
    assert found is not None
    assert (found.signal, found.unit) == ("energy", "kWh")
    assert "the machine gives its unit as kWh" in found.reasons
    power = best("Meter/A2", 3.5, 2.5, unit="W")
    assert power is not None
    assert (power.signal, power.unit) == ("power", "W")
    assert best("Meter/A3", 81.5, unit="°C") is None


def test_a_unit_in_a_name() -> None:
    found = best("PartsPerMinute", 62.0)
    assert found is not None
    assert (found.signal, found.unit) == ("speed", "items/min")


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("Counters/Good", (True,)),  # a lamp
        ("Counters/Good", (5.5, 6.0)),  # a share
        ("Counters/Good", ("many",)),
        ("Counters/Good", (-3,)),
        ("Good", (9, 3, 8, 2, 7)),  # goes up and down
        ("Machine/State", (2.5,)),
        ("Machine/State", (1, 2, 3, 4)),  # only rises: a number of steps
        ("RunTime/Total", (5, 6)),
        ("TargetCount", (500,)),
    ],
)
def test_a_name_alone_makes_no_signal_of_what_it_cannot_be(
    path: str, values: tuple[Plain, ...]
) -> None:
    assert best(path, *values) is None


def test_a_count_that_fell_once_was_reset() -> None:
    """As by a new job: still a count, but less sure than one that only rose."""
    fell, rose = best("Counters/Good", 90, 91, 0, 1), best("Counters/Good", 90, 91)
    assert fell is not None
    assert rose is not None
    assert fell.score < rose.score


def test_flags_and_texts() -> None:
    starved, order, alarm = best("Starved", False), best("WorkOrder", "A-17"), best("AlarmText", "")
    assert [it.signal for it in (starved, order, alarm) if it] == ["starved", "order", "alarm"]
    assert best("Alarm", 3) is None
    assert best("Starved", 7) is None
