"""The batch ledger in InfluxDB: measurement `batches`, the batch's number as the point's time.

So rows come in the order of numbers, and a batch is found without reading the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

import polars as pl

from domain.time import MICROSECOND, instant, micros
from store.telemetry.influxdb.client import InfluxConnection
from store.telemetry.influxdb.line_protocol import string_literal
from store.telemetry.influxdb.points import BATCHES, ledger_lines
from store.telemetry.protocol import BatchRecord


class InfluxLedger:
    def __init__(self, connection: InfluxConnection) -> None:
        self._connection = connection

    def add(self, records: Sequence[BatchRecord]) -> None:
        self._connection.write(ledger_lines(records))

    def known(self, records: Sequence[BatchRecord]) -> set[tuple[str, int]]:
        """Which of the batches the ledger has."""
        known: set[tuple[str, int]] = set()
        ordered = sorted({(record.agent, record.number) for record in records})
        # Runs of consecutive numbers: InfluxQL has no OR of times.
        for (agent, _), run in groupby(
            enumerate(ordered), key=lambda item: (item[1][0], item[1][1] - item[0])
        ):
            numbers = [number for _, (_, number) in run]
            rows = self._rows(agent, f"time >= {numbers[0]} AND time <= {numbers[-1]}")
            known.update((row.agent, row.number) for row in rows)
        return known

    def is_empty(self) -> bool:
        time = pl.Schema({"time_ns": pl.Int64()})
        return self._connection.read("SELECT digest FROM batches LIMIT 1", time).is_empty()

    def last(self, agent: str) -> BatchRecord | None:
        rows = self._rows(agent, "time >= 0", "ORDER BY time DESC LIMIT 1")
        return rows[0] if rows else None

    def page(
        self, agent: str | None, after: tuple[str, int] | None, limit: int
    ) -> list[BatchRecord]:
        """Records ordered by (agent, number), those behind `after`."""
        agents = [agent] if agent is not None else self._connection.tag_values("batches", "agent")
        found: list[BatchRecord] = []
        for name in sorted(agents):
            if after is None or name >= after[0]:
                first = after[1] + 1 if after is not None and name == after[0] else 0
                found += self._rows(
                    name, f"time >= {first}", f"ORDER BY time ASC LIMIT {limit - len(found)}"
                )
            if len(found) >= limit:
                break
        return found

    def late(
        self, agent: str, start: datetime, end: datetime, late: timedelta, limit: int
    ) -> list[BatchRecord]:
        """As `TelemetryReader.late_batches`."""
        return self._rows(
            agent,
            f"time >= 0 AND last_us >= {micros(start)} AND first_us < {micros(end)} "
            f"AND received_us - first_us > {late // MICROSECOND}",
            f"ORDER BY time ASC LIMIT {limit}",
        )

    def _rows(self, agent: str, condition: str, order: str = "") -> list[BatchRecord]:
        rows = self._connection.read(
            'SELECT "agent", digest, samples, rejections, first_us, last_us, received_us '
            f"FROM batches WHERE agent = {string_literal(agent)} AND {condition} {order}",
            BATCHES,
        )
        return [
            BatchRecord(
                agent=row["agent"],
                number=row["time_ns"],
                digest=row["digest"],
                samples=row["samples"],
                rejections=row["rejections"],
                first_time=None if row["first_us"] is None else instant(row["first_us"]),
                last_time=None if row["last_us"] is None else instant(row["last_us"]),
                received=instant(row["received_us"]),
            )
            for row in rows.iter_rows(named=True)
        ]
