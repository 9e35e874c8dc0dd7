"""When each sample and span was first received, kept in its point as the field `received_us`.

A point of the same identity overwrites its fields, so a repeat in another batch must bring the
earlier time with it, whichever of the two batches is stored first. Rules: what begins behind
the end of its series, or ends before its start, repeats nothing and is written without a look;
only what reaches into its series is held against what lies there. One process writes, so it
remembers how far each series reaches; one thread at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import polars as pl

from domain.frames import HISTORY
from domain.time import micros
from store.telemetry.frames import CONTENT
from store.telemetry.influxdb.client import InfluxConnection
from store.telemetry.influxdb.line_protocol import string_literal
from store.telemetry.influxdb.places import PLACES, placed
from store.telemetry.influxdb.points import TAGS

_PAGE_NS = 7 * 86_400 * 10**9  # of a series that is looked at in one answer
_Series = tuple[str, ...]  # the values of its tags, the line first
_Reach = tuple[int, int]  # time of the first and the last point, in nanoseconds


class InfluxReceipts:
    def __init__(self, connection: InfluxConnection) -> None:
        self._connection = connection
        self._reaches: dict[tuple[str, str], dict[_Series, _Reach]] = {}  # by measurement, line

    def dated(self, measurement: str, points: pl.DataFrame, received: datetime) -> pl.DataFrame:
        """The points, which are to be written next, with `received_us`: `received`, or an
        earlier time at which a point of the same identity came; samples at places of their own.
        Raises StorageError."""
        tags = TAGS[measurement]
        stored = pl.concat([_schema(measurement).to_frame(), *self._repeated(measurement, points)])
        if measurement == "samples":
            points = placed(points, stored, tags)
        dated = points.with_columns(received_us=pl.lit(micros(received), dtype=pl.Int64()))
        if stored.is_empty():
            return dated
        earlier = stored.select(*tags, "time_ns", stored_us="received_us")
        return dated.join(earlier, on=[*tags, "time_ns"], how="left").select(
            *points.columns, received_us=pl.min_horizontal("received_us", "stored_us")
        )

    def _repeated(self, measurement: str, points: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Stored points, all of the microseconds that `points` repeat among them."""
        pages = points.group_by(*TAGS[measurement], page=pl.col("time_ns") // _PAGE_NS).agg(
            # Whole microseconds: in them a point may stand at another's place.
            first=pl.col("time_ns").min() // PLACES * PLACES,
            last=pl.col("time_ns").max() // PLACES * PLACES + PLACES - 1,
        )
        reaches = {
            line: self._reaches_of(measurement, line) for line in pages["line"].unique().to_list()
        }
        before = {series: reach for known in reaches.values() for series, reach in known.items()}
        for *names, first, last in pages.drop("page").iter_rows():
            series = tuple(names)
            if series in before and first <= before[series][1] and last >= before[series][0]:
                yield self._page(measurement, series, first, last)
            _grow(reaches[series[0]], series, first, last)

    def _page(self, measurement: str, series: _Series, first: int, last: int) -> pl.DataFrame:
        fields = ", ".join(_fields(measurement))
        named = " AND ".join(
            f'"{tag}" = {string_literal(name)}'
            for tag, name in zip(TAGS[measurement], series, strict=True)
        )
        return self._connection.read(
            f"SELECT {_listed(measurement)}, {fields} FROM {measurement} "
            f"WHERE {named} AND time >= {first} AND time <= {last}",
            _schema(measurement),
        )

    def _reaches_of(self, measurement: str, line: str) -> dict[_Series, _Reach]:
        """How far each series of the line reaches, asked of the server once."""
        known = self._reaches.get((measurement, line))
        if known is None:
            known = {}
            for order in ("ASC", "DESC"):
                ends = self._connection.read(
                    f"SELECT {_listed(measurement)}, received_us FROM {measurement} "
                    f"WHERE line = {string_literal(line)} "
                    f"GROUP BY {_listed(measurement)} ORDER BY time {order} LIMIT 1",
                    pl.Schema(_identity(measurement)),
                )
                for *names, time_ns in ends.iter_rows():
                    _grow(known, tuple(names), time_ns, time_ns)
            self._reaches[measurement, line] = known
        return known


def _grow(known: dict[_Series, _Reach], series: _Series, first: int, last: int) -> None:
    old_first, old_last = known.get(series, (first, last))
    known[series] = (min(old_first, first), max(old_last, last))


def _listed(measurement: str) -> str:
    return ", ".join(f'"{tag}"' for tag in TAGS[measurement])


def _fields(measurement: str) -> dict[str, pl.DataType]:
    """What is read of the stored points besides their identity."""
    content = {name: HISTORY[name] for name in CONTENT} if measurement == "samples" else {}
    return {**content, "received_us": pl.Int64()}


def _schema(measurement: str) -> pl.Schema:
    return pl.Schema({**_identity(measurement), **_fields(measurement)})


def _identity(measurement: str) -> dict[str, pl.DataType]:
    return {**dict.fromkeys(TAGS[measurement], pl.String()), "time_ns": pl.Int64()}
