"""Rows one by one and in columns: none is lost, none overtakes another."""

from __future__ import annotations

from edge_samples import rejection, sample
from hypothesis import given
from hypothesis import strategies as st

from domain.columns import SampleColumns
from domain.samples import Rejection, Sample
from domain.time import micros
from edge.spool.rows import GatheredRows, Row, count
from edge.spool.sealing import encode, samples_frame


def in_columns(*numbers: int) -> SampleColumns:
    """Those samples of `edge_samples`, received with the first of them; the odd ones are raw."""
    some = [sample(it) for it in numbers]
    return SampleColumns(
        "line-1",
        "filler",
        [it.signal for it in some],
        [micros(it.time) for it in some],
        micros(some[0].time) if some else 0,
        [float(it) for it in numbers],
        {row: f"{number}!" for row, number in enumerate(numbers) if number % 2},
    )


def one_by_one(rows: list[Row]) -> list[Sample | Rejection]:
    singles: list[Sample | Rejection] = []
    for it in rows:
        singles += it.samples() if isinstance(it, SampleColumns) else [it]
    return singles


@given(
    st.lists(st.integers(-2, 6), max_size=20),
    st.lists(st.integers(1, 9), min_size=1, max_size=20),
)
def test_what_is_taken_is_what_was_added(sizes: list[int], takes: list[int]) -> None:
    """In pieces of any size; -2 is a rejection, -1 a single sample, the others so many at once."""
    gathered, added, number = GatheredRows(), list[Row](), 0
    for size in sizes:
        row = in_columns(*range(number, number + size)) if size >= 0 else sample(number)
        added.append(rejection(number) if size == -2 else row)
        gathered.add(added[-1])
        number += max(size, 1)
    singles = one_by_one(added)
    assert len(gathered) == count(added) == len(singles)
    taken: list[Row] = []
    for most in takes:
        some = gathered.take(most)
        left = len(singles) - count(taken)
        assert count(some) == min(most, left)
        taken += some
    taken += gathered.take(1000)
    assert len(gathered) == 0
    assert one_by_one(taken) == singles


def test_a_frame_does_not_show_how_its_samples_came() -> None:
    """Bit for bit, single ones between columns, in their order."""
    mixed = [sample(0), in_columns(1, 2, 3), sample(4, text="x"), in_columns(5), in_columns()]
    singles = [it for it in one_by_one(list(mixed)) if isinstance(it, Sample)]
    frame = samples_frame(mixed)
    assert frame.equals(samples_frame(singles))
    assert frame["raw"].to_list() == [None, "1!", None, "3!", None, "5!"]
    assert encode(frame) == encode(samples_frame(singles))
