from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.samples import Span
from edge.liveness import Liveness

START = datetime(2026, 3, 2, 7, tzinfo=UTC)
STALE_S = 10

Step = tuple[str, int]  # heard, lost or take; seconds since the step before


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def span(start: float, end: float) -> Span:
    return Span("l", "m", at(start), at(end))


def liveness(*steps: tuple[str, float]) -> Liveness:
    made = Liveness("l", "m", STALE_S)
    for kind, seconds in steps:
        getattr(made, kind)(at(seconds))
    return made


def test_hearings_within_stale_after_make_one_span() -> None:
    assert liveness(("heard", 0), ("heard", 10), ("heard", 20)).take() == [span(0, 20)]


def test_a_longer_silence_is_not_bridged() -> None:
    made = liveness(("heard", 0), ("heard", 5), ("heard", 15.000001), ("heard", 16))
    assert made.take() == [span(0, 5), span(15.000001, 16)]


def test_a_loss_is_not_bridged_however_short() -> None:
    made = liveness(("heard", 0), ("heard", 5), ("lost", 5.1), ("heard", 5.2), ("heard", 6))
    assert made.take() == [span(0, 5), span(5.2, 6)]


def test_the_span_ends_at_the_last_hearing_not_at_the_loss() -> None:
    assert liveness(("heard", 0), ("heard", 5), ("lost", 9)).take() == [span(0, 5)]


def test_what_becomes_known_later_is_told_in_its_place() -> None:
    """Of no length, or the wrong way round, it is nothing."""
    made = liveness(("heard", 0), ("heard", 5), ("lost", 6), ("heard", 50), ("heard", 55))
    for begins, ends in ((30, 50), (5, 20), (20, 20), (9, 8)):
        made.known([(at(begins), at(ends))])
    assert made.take() == [span(0, 5), span(5, 20), span(30, 50), span(50, 55)]
    assert made.take() == []


def test_one_hearing_confirms_no_stretch() -> None:
    assert liveness(("heard", 0), ("lost", 1), ("heard", 2)).take() == []


def test_pieces_of_a_span_continue_where_the_last_one_ended() -> None:
    made = liveness(("heard", 0), ("heard", 3))
    assert made.take() == [span(0, 3)]
    assert made.take() == []
    made.heard(at(7))
    assert made.take() == [span(3, 7)]
    made.lost(at(8))
    assert made.take() == []


def test_a_loss_that_the_source_bridged_is_confirmed_however_long() -> None:
    made = liveness(("heard", 0), ("heard", 4), ("lost", 5), ("bridged", 100), ("heard", 103))
    assert made.take() == [span(0, 4), span(4, 103)], "pieces that touch become one"


def test_it_goes_on_where_the_last_piece_that_was_handed_out_ended() -> None:
    made = liveness(("heard", 0), ("heard", 4), ("lost", 5))
    assert made.take() == [span(0, 4)]
    made.lost(at(6))  # a second attempt failed
    made.bridged(at(50))
    assert made.take() == [span(4, 50)]


def test_nothing_is_bridged_before_the_first_hearing_or_by_a_clock_set_back() -> None:
    assert liveness(("lost", 1), ("bridged", 5), ("heard", 7)).take() == [span(5, 7)]
    made = liveness(("heard", 10), ("heard", 14), ("lost", 15), ("bridged", 3), ("heard", 16))
    assert made.take() == [span(10, 14)]


def test_nothing_after_until_is_handed_out() -> None:
    made = liveness(("heard", 0), ("heard", 4), ("lost", 4), ("heard", 6), ("heard", 9))
    assert made.take(at(2)) == [span(0, 2)]
    assert made.take(at(7)) == [span(2, 4), span(6, 7)]
    assert made.take() == [span(7, 9)]


def test_a_clock_that_is_set_back_confirms_nothing() -> None:
    made = liveness(("heard", 0), ("heard", 5), ("heard", 1), ("heard", 5), ("heard", 8))
    assert made.take() == [span(0, 8)]
    made = liveness(("heard", 0), ("heard", 5), ("lost", 2), ("heard", 3), ("heard", 4))
    assert made.take() == [span(0, 5)]


def test_alive_tells_the_present_state() -> None:
    made = liveness(("heard", 0))
    assert made.alive
    made.lost(at(1))
    assert not made.alive


@given(
    st.lists(
        st.tuples(st.sampled_from(["heard", "heard", "lost", "take"]), st.integers(-3, 15)),
        max_size=60,
    )
)
def test_spans_are_exactly_the_confirmed_time(steps: list[Step]) -> None:
    """Whatever comes, in whatever pieces it is taken: the spans cover each second that lies
    between two neighbouring hearings without a loss and not further apart than stale_after_s,
    and not one more; they are in order and never overlap."""
    made = Liveness("l", "m", STALE_S)
    taken: list[Span] = []
    confirmed: set[int] = set()  # seconds [n, n + 1)
    last_ever: int | None = None
    last: int | None = None
    now = 0
    for kind, after in steps:
        now += after
        if kind == "take":
            taken += made.take(at(now))
        elif kind == "lost":
            made.lost(at(now))
            last = None
        else:
            made.heard(at(now))
            if last_ever is not None and now <= last_ever:
                continue
            if last is not None and now - last <= STALE_S:
                confirmed |= set(range(last, now))
            last = last_ever = now
    taken += made.take()
    assert all(a.end <= b.start for a, b in pairwise(sorted(taken, key=lambda it: it.start)))
    assert all(it.start < it.end for it in taken)
    covered = {
        second
        for it in taken
        for second in range(
            int((it.start - START).total_seconds()), int((it.end - START).total_seconds())
        )
    }
    assert covered == confirmed
