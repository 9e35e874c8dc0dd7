"""Where the samples of one microsecond stand, so that no different ones overwrite each other.

A sample's place within its microsecond (the last three digits of its point's time) is a hash of its
content, so the same sample again is the same point. Two different ones in a thousand have the same
hash: then whichever comes later takes the next free place, and its repeat finds it there.

    place        5        6        7
    stored       stopped
    comes        idle, whose hash is 5 too
    stored       stopped  idle

Pure. All samples of a microsecond that has two of one hash must be known, those stored and those to
be stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from store.telemetry.frames import CONTENT

PLACES = 1000
_Row = tuple[Any, ...]


def placed(points: pl.DataFrame, stored: pl.DataFrame, tags: tuple[str, ...]) -> pl.DataFrame:
    """The points, each once, at places that no other content has; `stored`: what stands there.
    Both have the tags, `time_ns` and the content."""
    place, content = [*tags, "time_ns"], list(CONTENT)
    both = [*place, *content]
    if not points.select(place).is_duplicated().any():
        there = points.select(place).unique().join(stored.select(both), on=place)
        if there.join(points, on=both, how="anti", nulls_equal=True).is_empty():
            return points
    points = points.unique(both, maintain_order=True)
    every = pl.concat([points.select(both), stored.select(both)]).unique()
    moment = pl.col("time_ns") // PLACES
    crowded = every.filter(every.select(place).is_duplicated()).select(*tags, moment).unique()
    here = points.select(*tags, moment)
    is_crowded = here.with_row_index("at").join(crowded, on=here.columns)["at"].sort()
    known = stored.with_columns(us=moment).join(
        crowded, left_on=[*tags, "us"], right_on=here.columns
    )
    times = points["time_ns"].to_list()
    taken = {tuple(row[: len(place)]): row[len(place) :] for row in known.select(both).iter_rows()}
    for at, row in zip(is_crowded, points[is_crowded].select(both).iter_rows(), strict=True):
        times[at] = _free(taken, row[: len(tags)], row[len(tags)], row[len(place) :])
    return points.with_columns(time_ns=pl.Series(times, dtype=pl.Int64))


def _free(taken: dict[_Row, _Row], series: _Row, time_ns: int, content: _Row) -> int:
    """The first place from `time_ns` on that nothing else has; from now on it is taken."""
    moment, first = divmod(time_ns, PLACES)
    for place in _around(first):
        at = moment * PLACES + place
        if taken.setdefault((*series, at), content) == content:
            return at
    raise ValueError(f"more than {PLACES} different samples in one microsecond")


def _around(first: int) -> Iterable[int]:
    yield from range(first, PLACES)
    yield from range(first)
