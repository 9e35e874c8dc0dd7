"""Whether the tables in PostgreSQL hold what was put into them: for `doctor`, which reads the
archive again. As for a file (store.telemetry.duckdb.contents), and what is kept of each line and
machine so that nobody has to count. Reads only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import polars as pl

from store.telemetry.held_contents import PARTS, differing_batches
from store.telemetry.postgresql.database import PostgresDatabase
from store.telemetry.protocol import BatchContent, BatchRecord

_LEDGER = "id, agent, number, digest, samples, rejections, first_time, last_time, received"
_TABLES = {
    "samples": "readings JOIN series ON series = series.id",
    "spans": "spans",
    "rejections": "rejections",
}
_NO_BATCH = "SELECT count(*) FROM {table} WHERE NOT EXISTS (SELECT FROM batches WHERE id = batch)"
_OF_SERIES = "marks JOIN series USING (line, machine, signal)"
_SPAN_BORDER = """
NOT EXISTS (SELECT FROM spans WHERE spans.line = marks.line AND spans.machine = marks.machine
    AND spans."{border}" = marks."{border}")"""

# A mark covers what begins behind its start where the latest end of all such marks is behind it.
_UNCOVERED = """
SELECT count(*) FROM (
    SELECT is_told, "end", max("end") FILTER (WHERE NOT is_told) OVER
        (PARTITION BY {of} ORDER BY "start", is_told ROWS UNBOUNDED PRECEDING) AS until
    FROM ({marks} UNION ALL {told}) AS all_of_them
) AS passed WHERE is_told AND (until IS NULL OR until < "end")
"""
# Rows that there must be none of, each with what they are.
_FAULTS = {
    **{
        f"{name} of no batch": _NO_BATCH.format(table=table)
        for table, name in (
            ("readings", "samples"),
            ("spans", "confirmed spans"),
            ("rejections", "rejections"),
        )
    },
    "samples of no series": """
        SELECT count(*) FROM readings WHERE NOT EXISTS
        (SELECT FROM series WHERE id = readings.series)""",
    "series without a sample": """
        SELECT count(*) FROM series WHERE NOT EXISTS
        (SELECT FROM readings WHERE readings.series = series.id)""",
    "marks that do not begin and end with a sample": f"""
        SELECT count(*) FROM {_OF_SERIES} WHERE
        NOT EXISTS (SELECT FROM readings WHERE series = series.id AND time = "start") OR
        NOT EXISTS (SELECT FROM readings WHERE series = series.id AND time = "end")""",
    "marks of no series": """
        SELECT count(*) FROM marks LEFT JOIN series USING (line, machine, signal)
        WHERE signal <> '' AND series.id IS NULL""",
    "marks of confirmed time that do not begin and end with it": f"""
        SELECT count(*) FROM marks WHERE signal = '' AND (
        {_SPAN_BORDER.format(border="start")} OR {_SPAN_BORDER.format(border="end")})""",
    "samples that no mark tells of": _UNCOVERED.format(
        of="series",
        marks=f'SELECT series.id AS series, "start", "end", false AS is_told FROM {_OF_SERIES}',
        told='SELECT series, time AS "start", time AS "end", true AS is_told FROM readings',
    ),
    "confirmed spans that no mark tells of": _UNCOVERED.format(
        of="line, machine",
        marks="""SELECT line, machine, "start", "end", false AS is_told FROM marks
            WHERE signal = ''""",
        told='SELECT line, machine, "start", "end", true AS is_told FROM spans',
    ),
    "marks with a number that was not given": """
        SELECT count(*) FROM marks WHERE id > (SELECT coalesce(max(mark), 0) FROM counters)""",
    "counters but one": "SELECT abs(count(*) - 1) FROM counters",
    "lines whose newest marks, or first and last times, are others": """
        SELECT count(*) FROM lines FULL JOIN (
            SELECT line, max(id) FILTER (WHERE signal <> '') AS samples,
                max(id) FILTER (WHERE signal = '') AS spans, min("start") AS first,
                max("end") AS last FROM marks GROUP BY line) AS there USING (line)
        WHERE (lines.samples, lines.spans) IS DISTINCT FROM
            (coalesce(there.samples, 0), coalesce(there.spans, 0))
        OR (lines.first, lines.last) IS DISTINCT FROM (there.first, there.last)""",
    "lines whose marks count as followed before they are there": """
        SELECT count(*) FROM lines WHERE cleared > greatest(samples, spans)""",
    "machines that were confirmed until another time": """
        SELECT count(*) FROM machines FULL JOIN (
            SELECT line, machine, max("end") AS heard FROM spans GROUP BY line, machine) AS there
        USING (line, machine) WHERE machines.heard IS DISTINCT FROM there.heard""",
    "facts of no derivation": """
        SELECT count(*) FROM facts WHERE NOT EXISTS
        (SELECT FROM derivations WHERE id = derivation)""",
}


class PostgresContents:
    """A `store.telemetry.protocol.StoredContents` of the database."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    def differing(
        self, batches: Sequence[tuple[BatchRecord, BatchContent]]
    ) -> list[tuple[BatchRecord, str]]:
        """See the protocol."""
        return differing_batches(self, batches)

    def faults(self) -> Iterator[str]:
        """See the protocol."""
        for what, query in _FAULTS.items():
            ((count,),) = self._database.rows(query)
            if count:
                yield f"{count} {what}"

    def numbered(self, records: Sequence[BatchRecord]) -> dict[int, BatchRecord]:
        """See `store.telemetry.held_contents`."""
        rows = self._database.rows(
            f"SELECT {_LEDGER} FROM batches WHERE agent = ANY({{agents}}::text[]) "
            "AND number BETWEEN {first} AND {last}",
            agents=sorted({it.agent for it in records}),
            first=min(it.number for it in records),
            last=max(it.number for it in records),
        )
        return {number: BatchRecord(*values) for number, *values in rows}

    def stored(self, part: str, batches: Collection[int]) -> pl.DataFrame:
        """See `store.telemetry.held_contents`."""
        names = ", ".join(f'"{name}"' for name in (*PARTS[part], "batch"))
        return self._database.frame(
            f"SELECT {names} FROM {_TABLES[part]} WHERE batch = ANY({{batches}}::bigint[])",
            batches=list(batches),
        )
