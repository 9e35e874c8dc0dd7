"""When a state begins: short interruptions, merges and splits."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from analytics.timeline.onsets import onsets
from domain.corrections import Correction, CorrectionKind
from domain.time import instant

# held from 0 to 10, 12 to 20 and from 30 on
TIMES = np.array([0, 10, 12, 20, 30])
HELD = np.array([True, False, True, False, True])


def begins(apart_us: float, *corrections: Correction) -> list[int]:
    return [int(time) for time in onsets(TIMES, HELD, apart_us, corrections)]


def correction(kind: CorrectionKind, start: int, end: int) -> Correction:
    return Correction(
        id=f"{kind} {start}",
        line="l",
        kind=kind,
        start=instant(start),
        end=instant(end),
        author="Ann",
        recorded_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


def test_after_a_short_interruption_it_goes_on() -> None:
    assert begins(0) == [0, 12, 30]
    assert begins(2) == [0, 12, 30], "as long as the limit is no longer short"
    assert begins(3) == [0, 30]
    assert begins(11) == [0]


def test_a_merge_joins_what_touches_it() -> None:
    assert begins(0, correction(CorrectionKind.MERGE, 0, 15)) == [0, 30]
    assert begins(0, correction(CorrectionKind.MERGE, 5, 31)) == [0], "it had begun before"
    assert begins(0, correction(CorrectionKind.MERGE, 21, 31)) == [0, 12, 30], "one alone"


def test_a_split_begins_another_where_the_state_holds() -> None:
    assert begins(0, correction(CorrectionKind.SPLIT, 15, 15)) == [0, 12, 15, 30]
    assert begins(0, correction(CorrectionKind.SPLIT, 25, 25)) == [0, 12, 30], "it does not hold"
    assert begins(0, correction(CorrectionKind.SPLIT, 12, 12)) == [0, 12, 30], "it begins there"


def test_nothing_begins_in_no_time() -> None:
    nothing = np.array([], dtype=np.int64)
    assert onsets(nothing, nothing.astype(bool), 0).tolist() == []
