"""What every store does to frames: each thing once in an order of its own, neighbours, spans."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from telemetry import at, batch, facts, samples, spans

from domain.frames import HISTORY
from domain.time import Window
from store.telemetry.frames import (
    MACHINE_SPANS,
    checked,
    checked_facts,
    distinct,
    distinct_of_series,
    marks_of,
    merged_spans,
    with_neighbours,
)


def rows_of(*rows: tuple[float, float | None, str | None, int]) -> pl.DataFrame:
    """HISTORY of one signal from second, value, text and quality."""
    of = [("m", "s", at(second), value, text, quality) for second, value, text, quality in rows]
    return pl.DataFrame(of, schema=HISTORY, orient="row")


CONTENT = st.tuples(
    st.sampled_from([0.0, 1.0, 2.0]),
    st.sampled_from([None, 1.0, 2.0]),
    st.sampled_from([None, "a", "b"]),
    st.sampled_from([0, 1, 2]),
)


def test_all_that_was_said_at_one_instant_stays_sorted_each_thing_once() -> None:
    said = [(0, 9, "z", 1), (0, 1, "a", 2), (0, 2, None, 0), (0, None, "z", 0), (0, 1, "a", 0)]
    expected = [(None, "z", 0), (1.0, "a", 0), (1.0, "a", 2), (2.0, None, 0), (9.0, "z", 1)]
    found = distinct(rows_of(*said, *said))
    assert found.select("value", "text", "quality").rows() == expected


@given(st.lists(CONTENT, max_size=12), st.randoms(use_true_random=False))
def test_what_is_given_does_not_depend_on_the_order_of_arrival(rows: list, random) -> None:
    shuffled = random.sample(rows, len(rows))
    assert distinct(rows_of(*rows)).equals(distinct(rows_of(*shuffled)))
    series = rows_of(*rows).drop("machine", "signal")
    assert distinct_of_series(series).equals(distinct(rows_of(*rows)).drop("machine", "signal"))


@given(st.lists(CONTENT, max_size=12), st.integers(-1, 5), st.integers(0, 3))
def test_neighbours_are_whole_instants(rows: list, start: int, length: int) -> None:
    every = distinct(rows_of(*rows))
    found = with_neighbours(every, at(start / 2), at((start + length) / 2))
    times = every["time"].unique().sort()
    before = times.filter(times < at(start / 2)).tail(1)
    after = times.filter(times >= at((start + length) / 2)).head(1)
    inside = times.filter((times >= at(start / 2)) & (times < at((start + length) / 2)))
    wanted = [*before, *inside, *after]
    assert found.equals(every.filter(pl.col("time").is_in(wanted)))


def test_neighbours_are_the_last_before_and_the_first_at_or_after() -> None:
    all_of_it = rows_of(*((second, 0, None, 0) for second in range(10)))
    found = with_neighbours(all_of_it, at(3.5), at(6))
    assert found["time"].to_list() == [at(3), at(4), at(5), at(6)]
    assert with_neighbours(all_of_it, at(-5), at(0))["time"].to_list() == [at(0)]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30), st.integers(1, 9))))
def test_spans_that_touch_are_one(stretches: list[tuple[str, int, int]]) -> None:
    given_spans = [(name, at(start), at(start + length)) for name, start, length in stretches]
    found = merged_spans(pl.DataFrame(given_spans, schema=MACHINE_SPANS, orient="row"))
    covered = {(name, s) for name, start, n in stretches for s in range(start, start + n)}
    assert found.equals(found.sort("machine", "start"))
    seconds = [
        (name, int((start - at(0)).total_seconds()) + n)
        for name, start, end in found.rows()
        for n in range(int((end - start).total_seconds()))
    ]
    assert len(seconds) == len(set(seconds))
    assert set(seconds) == covered
    for name in "ab":
        mine = found.filter(pl.col("machine") == name)
        assert (mine["start"][1:] > mine["end"][:-1]).all(), "apart, or they would be one"


def test_what_is_no_number_is_none_and_nought_has_no_sign() -> None:
    values = [float("nan"), float("inf"), -0.0, 1.5]
    given_samples = samples(*({"time": at(n), "value": it} for n, it in enumerate(values)))
    found = checked(batch(1, given_samples)[1]).samples["value"].to_list()
    assert [str(it) for it in found] == ["None", "None", "0.0", "1.5"]


def test_marks_tell_each_signal_and_each_machines_confirmed_time() -> None:
    changed = samples(
        {"time": at(5)}, {"time": at(1)}, {"time": at(3), "signal": "state", "value": 1.0}
    )
    found = marks_of(changed, spans((at(0), at(2)), (at(4), at(6))))
    assert found.select("signal", "start", "end").rows() == [
        ("", at(0), at(6)),
        ("state", at(3), at(3)),
        ("total_count", at(1), at(5)),
    ]


def test_facts_outside_what_they_replace_would_count_twice() -> None:
    row = facts([(at(0), at(3600))])
    window = Window(at(0), at(3600))
    assert checked_facts(row, "filler-1", [window]).equals(row)
    for line, windows in (("press-1", [window]), ("filler-1", [Window(at(60), at(3600))])):
        with pytest.raises(ValueError, match="1 facts lie outside the replaced windows"):
            checked_facts(row, line, windows)
