"""What is told and not sealed: how long it is held, and how much of it."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from sender import counts

from domain.frames import REJECTIONS, SPANS
from store.telemetry.protocol import BatchContent
from store.telemetry.unsealed import LASTS, TOLD_LIVE, Unsealed

SECOND = timedelta(seconds=1)


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def past(self, time: timedelta) -> None:
        self.now_s += (time + SECOND).total_seconds()


def content(number: int) -> BatchContent:
    return BatchContent(counts(number), SPANS.to_frame(), REJECTIONS.to_frame())


def rows(unsealed: Unsealed) -> int:
    held = unsealed.of_line("filler-1")
    return 0 if held is None else held.samples.height


def test_a_batch_takes_what_was_told_of_it_and_of_those_before_it() -> None:
    unsealed = Unsealed()
    for number in (1, 2, 3):
        unsealed.add("agent-1", number, 0, content(number))
    unsealed.add("agent-2", 1, 0, content(4))
    assert rows(unsealed) == 40
    unsealed.sealed("agent-1", 2)
    assert rows(unsealed) == 20
    unsealed.sealed("nobody", 9)
    assert rows(unsealed) == 20


def test_each_line_gets_what_was_told_of_it() -> None:
    """By frames of several agents that tell of several lines, until their batches are stored."""
    unsealed = Unsealed()
    first, second = content(1), content(2)
    other = pl.lit("press-2").alias("line")
    of_both = BatchContent(
        pl.concat([first.samples, second.samples.with_columns(other)]),
        first.spans,
        first.rejections,
    )
    unsealed.add("agent-1", 1, 0, of_both)
    unsealed.add("agent-2", 1, 0, second)
    held = {line: unsealed.of_line(line) for line in ("filler-1", "press-2", "nobody's")}
    assert {line: it and (it.samples.height, it.spans.height) for line, it in held.items()} == {
        "filler-1": (20, first.spans.height + second.spans.height),
        "press-2": (10, 0),
        "nobody's": None,
    }
    unsealed.sealed("agent-1", 1)
    assert unsealed.of_line("press-2") is None
    assert rows(unsealed) == 10


def test_an_agent_that_is_heard_no_more_is_forgotten() -> None:
    clock = Clock()
    unsealed = Unsealed(clock)
    unsealed.add("agent-1", 1, 0, content(1))
    assert unsealed.is_told_live("filler-1")
    clock.past(TOLD_LIVE)
    assert not unsealed.is_told_live("filler-1")
    assert rows(unsealed) == 10
    clock.past(LASTS)
    assert rows(unsealed) == 0


def test_all_agents_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.telemetry.unsealed.UNSEALED_ROWS_MAX", 15)
    unsealed = Unsealed()
    assert unsealed.add("agent-1", 1, 0, content(1)) == 1
    assert unsealed.add("agent-2", 1, 0, content(2)) is None
    unsealed.sealed("agent-1", 1)
    assert unsealed.add("agent-2", 1, 0, content(2)) == 1


def test_frames_without_end_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.telemetry.unsealed.FRAMES_MAX", 2)
    unsealed = Unsealed()
    nothing = BatchContent(counts(1)[:0], SPANS.to_frame(), REJECTIONS.to_frame())
    assert [unsealed.add("agent-1", 1, it, nothing) for it in range(3)] == [1, 2, None]


def test_changes_that_nobody_takes_do_not_add_up() -> None:
    unsealed = Unsealed()
    for sequence in range(600):
        unsealed.add("agent-1", 1, sequence, content(sequence))
    taken = unsealed.take_changes()
    assert len(taken) < 300
    assert min(it["start"].min() for it in taken) == counts(0)["time"].min()
    assert max(it["end"].max() for it in taken) == counts(599)["time"].max()
