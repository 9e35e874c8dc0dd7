"""What holds at an instant of which a series says several things: one rule, no order of arrival."""

from __future__ import annotations

from random import Random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from telemetry import at

from domain.frames import HISTORY
from domain.instants import Micros, rise, settled, what_is_left
from domain.states import MachineMode, MachineState
from store.telemetry.frames import distinct

Said = tuple[float, str | float | None]


def series(signal: str, said: list[Said]) -> tuple[pl.DataFrame, Micros]:
    """HISTORY of a series from second and value, None for one that cannot be used."""
    rows = []
    for second, what in said:
        value: float | None = what if isinstance(what, float) else None
        if isinstance(what, str) and signal in ("state", "mode"):
            member = MachineState(what) if signal == "state" else MachineMode(what)
            value = float(member.code)
        text = what if isinstance(what, str) else None
        rows.append(("m", signal, at(second), value, text, 2 if what is None else 0))
    frame = distinct(pl.DataFrame(rows, schema=HISTORY, orient="row"))
    return frame, frame["time"].cast(pl.Int64).to_numpy()


def holds(signal: str, said: list[Said]) -> list[Said]:
    frame = settled(signal, *series(signal, said)).samples
    of = "value" if isinstance(said[0][1], float) else "text"
    return [((time - at(0)).total_seconds(), it) for time, it in frame.select("time", of).rows()]


STEPS = [(0, "idle"), (5, "idle"), (5, "fault"), (9, "fault"), (9, "idle"), (12, "idle")]


def test_a_step_export_says_what_began_at_each_change() -> None:
    assert holds("state", STEPS) == [(0, "idle"), (5, "fault"), (9, "idle"), (12, "idle")]
    assert not len(settled("state", *series("state", STEPS)).contradictions)


@pytest.mark.parametrize(
    ("signal", "said", "expected"),
    [
        ("order", [(0, "A"), (5, "A"), (5, "B"), (9, "B"), (9, "")], ["A", "B", ""]),
        ("mode", [(0, "produce"), (5, "produce"), (5, "manual")], ["produce", "manual"]),
        ("power", [(0, 3.0), (5, 3.0), (5, 1.0), (9, 1.0), (9, 3.0)], [3.0, 1.0, 3.0]),
        ("state", [(0, "idle"), (5, "idle"), (5, None), (9, None), (9, "idle")],
         ["idle", None, "idle"]),
        ("state", [(0, None), (5, "unknown"), (5, "idle")], [None, "idle"]),
        ("state", [(0, "fault"), (0, "fault"), (5, "fault")], ["fault", "fault"]),
    ],
)  # fmt: skip
def test_what_repeats_yields_to_what_is_new(
    signal: str, said: list[Said], expected: list[str | float | None]
) -> None:
    assert [what for _, what in holds(signal, said)] == expected


@pytest.mark.parametrize(
    ("signal", "said", "expected"),
    [
        # Two new ones; the first of which then repeats what was said, and so yields.
        ("state", [(0, "idle"), (5, "fault"), (5, "off"), (9, "off"), (9, "idle")],
         ["idle", None, "idle"]),
        ("state", [(5, "fault"), (5, "off"), (9, "off"), (9, "fault")], [None, None]),
        ("state", [(0, "idle"), (5, "idle"), (5, "fault"), (5, "off")], ["idle", None]),
        ("state", [(0, "idle"), (5, None), (5, "off")], ["idle", None]),
        ("product", [(0, "A"), (5, "B"), (5, "")], ["A", None]),
        ("power", [(0, 3.0), (5, 1.0), (5, 2.0)], [3.0, None]),
    ],
)  # fmt: skip
def test_several_new_ones_contradict_each_other(
    signal: str, said: list[Said], expected: list[str | float | None]
) -> None:
    found = settled(signal, *series(signal, said))
    of = "value" if signal == "power" else "text"
    assert found.samples[of].to_list() == expected
    odd = found.samples.filter(found.samples[of].is_null())
    assert set(odd["quality"]) == {2}
    assert odd["value"].null_count() == odd.height
    begins, ends = found.contradictions[:, 0], found.contradictions[:, 1]
    assert begins.tolist() == odd["time"].cast(pl.Int64).to_list()
    following = {
        int(time): following
        for time, following in zip(
            found.samples["time"].cast(pl.Int64),
            [*found.samples["time"].cast(pl.Int64)[1:], 2**63 - 1],
            strict=True,
        )
    }
    assert ends.tolist() == [following[begin] for begin in begins.tolist()]


def test_of_the_same_value_the_best_quality_stands() -> None:
    frame, times = series("state", [(0, "idle"), (0, "idle")])
    twice = pl.concat([frame, frame.with_columns(quality=pl.lit(1, pl.UInt8))])
    times = twice["time"].cast(pl.Int64).to_numpy()
    assert settled("state", twice, times).samples["quality"].to_list() == [0]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([(0, 5.0), (5, 5.0), (5, 6.0), (9, 8.0)], [5, 5, 6, 8]),
        ([(0, 5.0), (5, 9.0), (5, 6.0)], [5, 6, 9]),
        ([(0, 5.0), (0, 9.0), (0, None), (5, 9.0), (5, 6.0)], [9, 6, 9]),
        ([(0, 5.0), (5, None), (5, 6.0), (9, None)], [5, 6, None]),
        ([(0, 4990.0), (5, 5000.0), (5, 0.0), (9, 5010.0)], [4990, 0, 5000, 5010]),
    ],
)
def test_a_counter_goes_through_all_its_values(
    said: list[Said], expected: list[float | None]
) -> None:
    found = settled("total_count", *series("total_count", said))
    assert found.samples["value"].to_list() == expected
    assert not len(found.contradictions)


def test_a_series_that_says_one_thing_at_a_time_is_left_as_it_is() -> None:
    frame, times = series("state", [(0, "idle"), (5, "fault")])
    assert settled("state", frame, times).samples is frame
    assert rise(times[:0])
    assert settled("state", frame[:0], times[:0]).samples.is_empty()


SAID = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(["idle", "fault", "off", "unknown", None])),
    min_size=1,
    max_size=14,
)


@given(SAID, st.randoms(use_true_random=False))
def test_no_order_of_arrival_matters(said: list[Said], chance: Random) -> None:
    one, other = (
        settled("state", *series("state", rows))
        for rows in (said, chance.sample([*said, *said], 2 * len(said)))
    )
    assert one.samples.equals(other.samples)
    assert one.contradictions.tolist() == other.contradictions.tolist()


@given(SAID, st.integers(0, 6))
def test_what_is_left_stands_for_all_before_it(said: list[Said], second: int) -> None:
    frame, times = series("state", said)
    upto = frame.filter(frame["time"] <= at(second))
    rest = frame.filter(frame["time"] > at(second))
    left = what_is_left("state", upto, times[: upto.height])
    assert left["time"].n_unique() <= 1
    short = pl.concat([left, rest])
    found = settled("state", short, short["time"].cast(pl.Int64).to_numpy())
    whole = settled("state", frame, times)
    since = pl.col("time") >= (left["time"][0] if left.height else at(0))
    assert found.samples.equals(whole.samples.filter(since))
