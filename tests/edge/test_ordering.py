"""Source order where the source's clock does not show it."""

from datetime import timedelta

from edge_samples import START, sample

from domain.samples import Quality
from edge.ordering import Ordering

US = timedelta(microseconds=1)


def test_changes_at_one_time_keep_their_order() -> None:
    ordering = Ordering()
    placed = [ordering.place(sample(0, value=value)) for value in (5.0, 7.0, 5.0)]
    assert [it.time for it in placed] == [START, START + US, START + 2 * US]
    assert [it.value for it in placed] == [5.0, 7.0, 5.0]


def test_the_next_microsecond_is_not_taken_twice() -> None:
    ordering = Ordering()
    first = [ordering.place(sample(0, value=value)) for value in (1.0, 2.0, 3.0)]
    following = ordering.place(sample(0, value=4.0, time=START + US))
    assert following.time == first[-1].time + US
    assert ordering.place(sample(1)).time == sample(1).time


def test_a_repeat_is_the_same_sample() -> None:
    ordering = Ordering()
    ordering.place(sample(0, value=1.0))
    moved = ordering.place(sample(0, value=2.0))
    assert ordering.place(sample(0, value=2.0)) == moved


def test_a_change_of_quality_is_a_change() -> None:
    ordering = Ordering()
    ordering.place(sample(0))
    assert ordering.place(sample(0, quality=Quality.BAD)).time == START + US


def test_late_samples_and_other_signals_are_left_alone() -> None:
    ordering = Ordering()
    ordering.place(sample(10))
    assert ordering.place(sample(5)) == sample(5)
    assert ordering.place(sample(10, signal="good_count")).time == sample(10).time
    assert ordering.place(sample(10, machine="meter", value=0.0)).time == sample(10).time
