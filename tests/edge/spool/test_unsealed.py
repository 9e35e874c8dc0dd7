"""What a frame tells: every chunk once, in order, again after a loss, and anew after a sealing."""

from __future__ import annotations

from edge_samples import rejection, sample, span

from edge.spool.unsealed import FRAME_ROWS_MAX, Chunk, Unsealed, Untold


def told(unsealed: Unsealed, number: int = 1) -> tuple[Untold, list[float | None]]:
    frame = unsealed.untold(number)
    assert frame is not None
    return frame, [it.value for it in frame.samples]


def added(*numbers: int, unknown: int = 0) -> Unsealed:
    """A chunk of each number."""
    unsealed = Unsealed(unknown)
    for number in numbers:
        unsealed.add(Chunk([sample(number)]))
    return unsealed


def test_what_was_told_is_not_told_again() -> None:
    unsealed = added(1, 2)
    frame, values = told(unsealed)
    assert (frame.number, frame.sequence, values) == (1, 0, [1.0, 2.0])
    unsealed.add(Chunk([sample(3), rejection(4)], [span(0, 5)]))  # while the frame is on its way
    assert unsealed.answered(frame, 1)
    frame, values = told(unsealed)
    assert (frame.sequence, values, list(frame.spans)) == (1, [3.0], [span(0, 5)])
    assert unsealed.answered(frame, 2)
    assert unsealed.untold(1) is None


def test_without_an_answer_it_is_told_again_with_what_came_since() -> None:
    unsealed = added(1)
    told(unsealed)
    unsealed.add(Chunk([sample(2)]))
    frame, values = told(unsealed)
    assert (frame.sequence, values) == (0, [1.0, 2.0])


def test_a_collector_that_lost_frames_gets_those_again() -> None:
    unsealed = added()
    for number in (1, 2, 3):
        unsealed.add(Chunk([sample(number)]))
        frame, _ = told(unsealed)
        assert unsealed.answered(frame, number)
    unsealed.add(Chunk([sample(4)]))
    frame, _ = told(unsealed)
    assert unsealed.answered(frame, 1)
    frame, values = told(unsealed)
    assert (frame.sequence, values) == (1, [2.0, 3.0, 4.0])


def test_what_a_sealing_leaves_is_told_anew_under_the_next_number() -> None:
    unsealed = added(1, 2)
    frame, _ = told(unsealed)
    unsealed.sealed(1)
    assert unsealed.answered(frame, 1), "an answer that comes late changes nothing"
    frame, values = told(unsealed, 2)
    assert (frame.number, frame.sequence, values) == (2, 0, [2.0])


def test_what_a_collector_expects_that_was_never_told_cannot_be_told() -> None:
    unsealed = added(1)
    frame, _ = told(unsealed)
    assert not unsealed.answered(frame, 5), "frames of a run before, which the disk lost"
    assert not unsealed.answered(frame, None), "a data folder that was put back from a backup"


def test_what_a_run_before_left_is_sealed_first() -> None:
    unsealed = added(1, unknown=2)
    assert unsealed.untold(1) is None
    unsealed.sealed(1)
    assert unsealed.untold(2) is None
    unsealed.sealed(1)
    assert told(unsealed, 3)[1] == [1.0]


def test_a_frame_is_bounded() -> None:
    unsealed = Unsealed(0)
    for first in range(3):
        unsealed.add(Chunk([sample(first)] * (FRAME_ROWS_MAX // 2 + 1)))
    for sequence in range(3):
        frame, values = told(unsealed)
        assert len(values) == FRAME_ROWS_MAX // 2 + 1
        assert unsealed.answered(frame, sequence + 1)
