"""Rows that can be right, rows that cannot, and why not; together and one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_rows import NOON, fitting, sample, samples

from collector.intake.row_rules import LATEST, _fits, sift
from domain.frames import REJECTIONS, SAMPLES
from domain.samples import TEXT_LENGTH_MAX
from domain.source_faults import REPORT_MAX


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"signal": "totl_count"}, "unknown signal"),
        ({"signal": "measurement.Bad Name"}, "unknown signal"),
        ({"signal": None}, "unknown signal"),
        ({"value": None}, "not a finite number"),
        ({"value": float("nan")}, "not a finite number"),
        ({"value": float("inf")}, "not a finite number"),
        ({"value": float("-inf"), "quality": 2}, "not a finite number"),
        ({"signal": "measurement.x", "value": None}, "not a finite number"),
        ({"signal": "order", "value": None}, "no text"),
        ({"signal": "source.faults", "value": None}, "no text"),
        (
            {"signal": "source.faults", "value": None, "text": "x" * (REPORT_MAX + 1)},
            "a text that is too long",
        ),
        (
            {"signal": "order", "value": None, "text": "x" * (TEXT_LENGTH_MAX + 1)},
            "a text that is too long",
        ),
        ({"signal": f"measurement.{'x' * 300}"}, "unknown signal"),
        ({"time": None}, "no time"),
        ({"time": datetime(1970, 1, 1, tzinfo=UTC)}, "impossible time"),
        ({"time": NOON + timedelta(days=2)}, "impossible time"),
        ({"quality": 3}, "unknown quality"),
        ({"quality": None}, "unknown quality"),
        ({"signal": "state", "value": 1.0, "text": "runing"}, "not a name of the closed list"),
        ({"signal": "state", "value": 2.0, "text": "producing"}, "not a name of the closed list"),
        ({"signal": "state", "value": 1.0, "text": None}, "not a name of the closed list"),
        ({"signal": "mode", "value": None, "text": "produce"}, "not a name of the closed list"),
        ({"line": None}, "no line, machine or time of receipt"),
        ({"machine": ""}, "no line, machine or time of receipt"),
        ({"received": None}, "no line, machine or time of receipt"),
        ({"line": "a\nb"}, "no line, machine or time of receipt"),
        ({"machine": "x" * 201}, "no line, machine or time of receipt"),
        ({"machine": "a\\"}, "no line, machine or time of receipt"),
        ({"received": datetime(1969, 1, 1, tzinfo=UTC)}, "no line, machine or time of receipt"),
        ({"received": datetime(9999, 1, 1, tzinfo=UTC)}, "no line, machine or time of receipt"),
    ],
)
def test_a_row_that_cannot_be_right_is_rejected_and_the_rest_kept(
    change: dict[str, Any], reason: str
) -> None:
    kept, rejected = sift(samples(sample(), sample(**change), sample()), NOON + timedelta(days=1))
    assert kept.height == 2
    assert rejected.schema == REJECTIONS
    assert rejected.height == 1
    assert rejected["reason"][0].startswith(reason)


odd_rows = st.builds(
    lambda row, change: row | change,
    st.sampled_from(fitting()),
    st.sampled_from(
        [
            *[{}] * 12,
            {"value": None},
            {"value": float("nan")},
            {"value": 1.0},
            {"text": "producing"},
            {"text": None},
            {"quality": 2},
            {"quality": 9},
            {"signal": "x"},
            {"time": None},
            {"time": datetime(1970, 1, 1, tzinfo=UTC)},
            {"machine": ""},
            {"machine": "a\nb"},
            {"received": datetime(1969, 1, 1, tzinfo=UTC)},
            {"text": "x" * (TEXT_LENGTH_MAX + 1)},
            {"received": None},
        ]
    ),
)


@settings(deadline=None)  # the first look at a frame may take long on a busy machine
@given(st.lists(odd_rows, max_size=8))
def test_rows_are_judged_alike_together_and_one_by_one(rows: list[dict[str, Any]]) -> None:
    """The short cut for batches that fit as a whole lets nothing through."""
    alone = [frame for row in rows for frame in [sift(samples(row))]]
    kept, rejected = sift(samples(*rows))
    assert kept.equals(pl.concat([SAMPLES.to_frame(), *(frame for frame, _ in alone)]))
    assert rejected.equals(pl.concat([REJECTIONS.to_frame(), *(frame for _, frame in alone)]))
    judged = samples(*rows).select(_fits(LATEST).fill_null(False).alias("fits"))["fits"]
    assert kept.height == judged.sum()


@pytest.mark.parametrize(
    "us", [-62_135_596_800_000_001, 253_402_300_800_000_000, 2**63 - 1, -(2**63)]
)
@pytest.mark.parametrize("column", ["time", "received"])
def test_a_time_that_is_no_datetime_is_rejected(column: str, us: int) -> None:
    far = samples(sample()).with_columns(pl.lit(us).cast(SAMPLES["time"]).alias(column))
    kept, rejected = sift(far)
    assert (kept.height, rejected.height) == (0, 1)


def test_a_rejection_says_what_the_machine_said() -> None:
    _, rejected = sift(samples(sample(value=float("nan"), raw="err"), sample(value=float("inf"))))
    assert rejected["raw"].to_list() == ["err", "inf"]
    assert rejected["address"].to_list() == ["total_count", "total_count"]
