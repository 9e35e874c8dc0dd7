"""Frames are held against their schemas; a history finds the samples of one series."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.frames import FACTS, HISTORY, SAMPLES, SPANS, LineHistory, check

START = datetime(2026, 3, 2, tzinfo=UTC)


def test_columns_come_in_the_order_of_the_schema() -> None:
    frame = SPANS.to_frame().select("end", "start", "machine", "line")
    assert check(frame, SPANS, "spans").columns == ["line", "machine", "start", "end"]


@pytest.mark.parametrize("schema", [SAMPLES, SPANS, HISTORY, FACTS])
def test_a_column_that_is_missing_wrong_or_too_many_is_named(schema: pl.Schema) -> None:
    frame, last = schema.to_frame(), schema.names()[-1]
    with pytest.raises(TypeError, match=rf"facts: wrong or missing columns \{{'{last}'"):
        check(frame.drop(last), schema, "facts")
    with pytest.raises(TypeError, match=rf"wrong or missing columns \{{'{last}'"):
        check(frame.with_columns(pl.lit(None, pl.Binary).alias(last)), schema, "facts")
    with pytest.raises(TypeError, match=r"unexpected \['more'\]"):
        check(frame.with_columns(more=pl.lit(1)), schema, "facts")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=20))
def test_a_history_has_the_samples_of_each_series(keys: list[tuple[str, str]]) -> None:
    rows = [
        (machine, signal, START + timedelta(seconds=n), float(n), None, 0)
        for n, (machine, signal) in enumerate(sorted(keys))
    ]
    samples = pl.DataFrame(rows, schema=HISTORY, orient="row")
    history = LineHistory("l", START, START + timedelta(hours=1), samples, SPANS.to_frame())
    assert set(history.all_series) == set(keys)
    for machine in "abc":
        for signal in "xyz":
            found = history.series(machine, signal)
            mine = (pl.col("machine") == machine) & (pl.col("signal") == signal)
            assert found.equals(samples.filter(mine))
    assert history.series(None, "x").is_empty()
