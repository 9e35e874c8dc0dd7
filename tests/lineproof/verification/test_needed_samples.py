"""Of measured values only what is read of them is stored: all that facts are made of stays."""

from __future__ import annotations

from random import Random

import polars as pl
from polars.testing import assert_frame_equal

from domain.frames import SAMPLES, SPANS
from lineproof.verification.needed_samples import needed_samples
from store.telemetry.frames import marks_of

_NAMES = ("state", "total_count", "power", "measurement.weight", "measurement.length")


def drawn(random: Random, rows: int, lines: tuple[str, ...]) -> pl.DataFrame:
    """Samples in no order of time, some of one instant."""
    return pl.DataFrame(
        {
            "line": random.choices(lines, k=rows),
            "machine": random.choices(("m", "n"), k=rows),
            "signal": random.choices(_NAMES, k=rows),
            "time": [random.randrange(100) for _ in range(rows)],
            "received": 100,
            "value": [random.random() for _ in range(rows)],
            "text": None,
            "quality": 0,
            "raw": None,
        }
    ).cast(SAMPLES)


def test_all_else_stays_and_so_does_how_far_each_series_reaches() -> None:
    is_measured = pl.col("signal").str.starts_with("measurement.")
    for seed in range(50):
        random = Random(seed)
        lines = ("line-1", "line-2")[: random.randint(1, 2)]
        samples = drawn(random, random.randrange(200), lines)
        kept = needed_samples(samples, frozenset())
        assert_frame_equal(kept.filter(~is_measured), samples.filter(~is_measured))
        none = SPANS.to_frame()
        assert_frame_equal(marks_of(kept, none), marks_of(samples, none))
        measured = kept.filter(is_measured)
        assert measured.is_empty() or measured.group_by("line", "machine", "signal").len()[
            "len"
        ].max() in (1, 2)
        assert measured.join(samples, on=samples.columns, how="anti", nulls_equal=True).is_empty()


def test_what_was_read_of_a_panel_stays_whole() -> None:
    samples = drawn(Random(1), 200, ("line-1",))
    kept = needed_samples(samples, frozenset({"measurement.weight"}))
    weight = pl.col("signal") == "measurement.weight"
    assert_frame_equal(kept.filter(weight), samples.filter(weight), check_row_order=False)
    assert kept.filter(pl.col("signal") == "measurement.length").height == 4
    assert samples.filter(pl.col("signal") == "measurement.length").height > 10
