"""At one instant only what has an order gets one: live and from a file it is then the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from device_profiles.decoding.convert import Content, member, nothing
from device_profiles.decoding.given_times import GivenTimes
from domain.frames import HISTORY
from domain.instants import settled
from domain.samples import Quality

AT = datetime(2026, 3, 2, tzinfo=UTC)
GOOD, UNSURE = Quality.GOOD, Quality.UNCERTAIN
US = timedelta(microseconds=1)


def counts(*values: float) -> list[Content]:
    return [Content(value, None, GOOD) for value in values]


def states(*names: str) -> list[Content]:
    return [member("state", name, GOOD) for name in names]


def after(signal: str, before: Content, said: list[Content]) -> list[int]:
    """By how many microseconds each of what is said at one instant is moved on."""
    given = GivenTimes()
    given.give(signal, AT - timedelta(seconds=9), before, timed=True)
    return [(given.give(signal, AT, it, timed=True) - AT) // US for it in said]


@pytest.mark.parametrize(
    ("signal", "before", "said", "expected"),
    [
        ("state", states("producing")[0], states("producing", "stopped"), [0, 0]),
        ("state", states("producing")[0], states("stopped", "producing"), [0, 1]),
        ("state", states("producing")[0], states("stopped", "fault", "stopped"), [0, 1, 2]),
        ("state", states("idle")[0], states("idle", "stopped", "idle", "fault"), [0, 0, 1, 2]),
        ("state", nothing("state", GOOD), [nothing("state", GOOD), *states("fault")], [0, 0]),
        ("product", Content(None, "A", GOOD), [Content(None, it, GOOD) for it in "AB"], [0, 0]),
        ("product", Content(None, "A", UNSURE), [Content(None, it, GOOD) for it in "AB"], [0, 1]),
        ("total_count", counts(6)[0], counts(7, 8, 9), [0, 0, 0]),
        ("total_count", counts(6)[0], counts(8, 0, 1), [0, 1, 1]),
        ("energy", counts(6)[0], [*counts(6), nothing("energy", GOOD), *counts(7)], [0, 1, 2]),
    ],
)
def test_only_what_has_an_order_is_moved_on(
    signal: str, before: Content, said: list[Content], expected: list[int]
) -> None:
    assert after(signal, before, said) == expected


def test_the_old_state_and_the_new_one_apart_are_the_change_of_a_file() -> None:
    told = [(0, "producing"), (9, "producing"), (9, "stopped"), (12, "stopped"), (12, "idle")]
    given = GivenTimes()
    live = [
        (given.give("state", AT + timedelta(seconds=it), content, timed=True), content)
        for it, name in told
        for content in states(name)
    ]
    rows = [("m", "state", at, it.value, it.text, int(it.quality)) for at, it in live]
    frame = pl.DataFrame(rows, schema=HISTORY, orient="row").sort("time", "value")
    found = settled("state", frame, frame["time"].cast(pl.Int64).to_numpy())
    held = [
        ((at - AT).total_seconds(), text) for at, text in found.samples[["time", "text"]].rows()
    ]
    assert held == [(0, "producing"), (9, "stopped"), (12, "idle")]
    assert not len(found.contradictions)
