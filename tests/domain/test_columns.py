"""Values in columns say what an object for each would say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.columns import ReadingColumns, SampleColumns
from domain.samples import Quality, Reading, Sample
from domain.time import micros

AT = datetime(2026, 3, 2, 7, tzinfo=UTC)
LATER = AT + timedelta(seconds=1)


def test_a_row_is_a_reading() -> None:
    bad = Reading("m", "Door", None, None, LATER, Quality.BAD, status="BadSensor")
    columns = ReadingColumns(
        "m", ["Speed", "Door"], [1.5, None], [micros(AT), micros(LATER)], LATER, AT, {1: bad}
    )
    speed = Reading("m", "Speed", 1.5, AT, LATER, Quality.GOOD, not_before=AT)
    assert (len(columns), columns.readings()) == (2, [speed, bad])


def test_a_row_is_a_sample() -> None:
    times = [micros(AT), micros(LATER)]
    columns = SampleColumns("l", "m", ["a", "b"], times, micros(LATER), [1.0, 2.0], {1: "20"})
    assert columns.samples() == [
        Sample("l", "m", "a", AT, LATER, 1.0, None, Quality.GOOD),
        Sample("l", "m", "b", LATER, LATER, 2.0, None, Quality.GOOD, "20"),
    ]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_parts_say_together_what_the_whole_says(count: int) -> None:
    columns = SampleColumns(
        "l", "m", ["a", "b", "c"], [1, 2, 3], 9, [1.0, 2.0, 3.0], {1: "x", 2: "y"}
    )
    before, after = columns.split(count)
    assert before.samples() + after.samples() == columns.samples()
    assert (len(before), len(after)) == (count, 3 - count)
