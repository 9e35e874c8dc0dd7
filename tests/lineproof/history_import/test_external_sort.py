"""Rows come out sorted and once each, in frames that do not overlap, whatever order they had."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from telemetry import at, samples

from lineproof.history_import.external_sort import ORDER, SortedRuns


def rows(count: int, step_s: float = 1.0) -> pl.DataFrame:
    return samples(*({"time": at(n * step_s), "value": float(n % 7)} for n in range(count)))


@pytest.mark.parametrize("chunk_rows", [500, 3_000, 10_000])
def test_what_comes_out_does_not_depend_on_what_came_first(tmp_path: Path, chunk_rows: int) -> None:
    ordered = rows(10_000)
    mixed = pl.concat([ordered, ordered.head(50)]).sample(fraction=1.0, shuffle=True, seed=1)
    with SortedRuns(tmp_path, bucket_rows=2_000) as runs:
        for chunk in mixed.iter_slices(chunk_rows):
            runs.add(chunk)
        buckets = list(runs.buckets())
    assert pl.concat(buckets).equals(ordered.sort(ORDER, nulls_last=True))
    assert len(buckets) > 1
    for one, following in itertools.pairwise(buckets):
        assert one["time"].max() < following["time"].min()


def test_rows_of_one_instant_are_never_torn_apart(tmp_path: Path) -> None:
    together = samples(*({"time": at(0), "value": float(n)} for n in range(5_000)))
    later = samples({"time": at(0) + timedelta(microseconds=1)})
    with SortedRuns(tmp_path, bucket_rows=1_000) as runs:
        runs.add(together)
        runs.add(later)
        sizes = [bucket.height for bucket in runs.buckets()]
    assert sum(sizes) == 5_001
    assert max(sizes) >= 5_000


def test_nothing_gives_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    with SortedRuns(tmp_path) as runs:
        runs.add(rows(0))
        assert list(runs.buckets()) == []
        runs.add(rows(3))
        assert list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []
