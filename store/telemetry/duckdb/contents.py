"""Whether the DuckDB file holds what was put into it: for `doctor`, which reads the archive again.

Each table is checked either against what the archive gives (`differing`) or against the others
(`faults`): a sample belongs to a batch and a series that there are, marks cover the samples and
begin and end at one, facts belong to a derivation and to the kind that their columns say. What
the facts themselves must be, only who computes them can say. Reads only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain

import polars as pl

from domain.condensing import order_is
from domain.frames import METHOD_KEYS
from store.telemetry.duckdb.file import DuckDBFile
from store.telemetry.held_contents import PARTS, differing_batches
from store.telemetry.protocol import BatchContent, BatchRecord

_LEDGER = ("agent", "number", "digest", "samples", "rejections", "first_time", "last_time",
           "received")  # fmt: skip

# Rows that there must be none of, each with what they are.
_NO_BATCH = (
    "SELECT count(*) FROM {table} WHERE batch IS NULL OR batch NOT IN (SELECT id FROM batches)"
)
_BORDERS = """
SELECT series.id AS series, "start", "end" FROM marks JOIN series USING (line, machine, signal)
"""
_FAULTS = {
    **{f"{name} of no batch": _NO_BATCH.format(table=table)
       for table, name in (("readings", "samples"), ("spans", "confirmed spans"),
                           ("rejections", "rejections"))},
    "batches with the number of another": "SELECT count(*) - count(DISTINCT id) FROM batches",
    "samples of no series": """
        SELECT count(*) FROM readings
        WHERE series IS NULL OR series NOT IN (SELECT id FROM series)""",
    "series without a sample": """
        SELECT count(*) FROM series WHERE id NOT IN
        (SELECT series FROM readings WHERE series IS NOT NULL)""",
    "series that are there twice": """
        SELECT (SELECT count(*) - count(DISTINCT id) FROM series)
        + (SELECT count(*) - count(DISTINCT (line, machine, signal)) FROM series)""",
    "marks that do not begin and end with a sample": f"""
        SELECT count(*) FROM ({_BORDERS}) AS borders WHERE
        NOT EXISTS (SELECT 1 FROM readings
            WHERE readings.series = borders.series AND time = "start") OR
        NOT EXISTS (SELECT 1 FROM readings
            WHERE readings.series = borders.series AND time = "end")""",
    "marks of no series": """
        SELECT count(*) FROM marks LEFT JOIN series USING (line, machine, signal)
        WHERE signal IS NULL OR (signal <> '' AND series.id IS NULL)""",
    "marks of confirmed time that do not begin and end with it": """
        SELECT count(*) FROM marks WHERE signal = '' AND (
        NOT EXISTS (SELECT 1 FROM spans WHERE spans.line = marks.line
            AND spans.machine = marks.machine AND spans."start" = marks."start") OR
        NOT EXISTS (SELECT 1 FROM spans WHERE spans.line = marks.line
            AND spans.machine = marks.machine AND spans."end" = marks."end"))""",
    "marks without a number, or with another's": """
        SELECT count(*) - count(DISTINCT id) FROM marks""",
    "lines whose marks count as followed before they are there": """
        SELECT count(*) FROM cleared WHERE mark > coalesce(
        (SELECT max(id) FROM marks WHERE marks.line = cleared.line), 0)""",
    "facts of no derivation": """
        SELECT count(*) FROM facts WHERE derivation IS NULL
        OR derivation NOT IN (SELECT id FROM derivations)""",
    "derivations that are there twice": """
        SELECT (SELECT count(*) - count(DISTINCT id) FROM derivations)
        + (SELECT count(*) - count(DISTINCT line) FROM derivations)""",
    "kinds of facts that are there twice": "SELECT count(*) - count(DISTINCT id) FROM kinds",
}  # fmt: skip

# Samples (or confirmed spans) that no mark covers: marks that overlap are one stretch.
_UNCOVERED = """
WITH borders AS ({borders}), ordered AS (
    SELECT series, "start", "end", max("end") OVER (PARTITION BY series ORDER BY "start", "end"
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS until FROM borders
), stretches AS (
    SELECT series, "start", max(until) AS until FROM ordered GROUP BY series, "start"
)
SELECT count(*) FROM ({covered}) AS covered ASOF LEFT JOIN stretches
ON covered.series = stretches.series AND covered."start" >= stretches."start"
WHERE stretches.until IS NULL OR covered."end" > stretches.until
"""
_COVERED = {
    "samples that no mark tells of": _UNCOVERED.format(
        borders=_BORDERS,
        covered='SELECT series, time AS "start", time AS "end" FROM readings',
    ),
    "confirmed spans that no mark tells of": _UNCOVERED.format(
        borders="""SELECT (line, machine) AS series, "start", "end" FROM marks WHERE signal = ''""",
        covered='SELECT (line, machine) AS series, "start", "end" FROM spans',
    ),
}


class DuckDBContents:
    """A `store.telemetry.protocol.StoredContents` of the file."""

    def __init__(self, file: DuckDBFile) -> None:
        self._file = file

    def differing(
        self, batches: Sequence[tuple[BatchRecord, BatchContent]]
    ) -> list[tuple[BatchRecord, str]]:
        """See the protocol."""
        return differing_batches(self, batches)

    def faults(self) -> Iterator[str]:
        """See the protocol."""
        for what, query in chain(_FAULTS.items(), _COVERED.items()):
            ((count,),) = self._file.rows(query)
            if count:
                yield f"{count} {what}"
        columns = ", ".join(f'facts."{name}"' for name in METHOD_KEYS if name != "order_is")
        facts = self._file.frame(f'SELECT DISTINCT kind, "order", {columns} FROM facts')
        kinds = self._file.frame("SELECT * FROM kinds")
        said = facts.with_columns(order_is()).unique(["kind", *METHOD_KEYS])
        known = kinds.rename({"id": "kind"})
        wrong = said.join(known, on=["kind", *METHOD_KEYS], how="anti", nulls_equal=True)
        if wrong.height:
            yield f"{wrong.height} kinds of facts that are not what the facts say"
        if known.unique(METHOD_KEYS).height != known.height:
            yield "kinds of facts that are there twice"

    def numbered(self, records: Sequence[BatchRecord]) -> dict[int, BatchRecord]:
        """See `store.telemetry.held_contents`."""
        agents = sorted({it.agent for it in records})
        rows = self._file.rows(
            f"SELECT id, {', '.join(_LEDGER)} FROM batches "
            f"WHERE agent IN ({', '.join('?' * len(agents))}) AND number BETWEEN ? AND ?",
            *agents,
            min(it.number for it in records),
            max(it.number for it in records),
        )
        return {number: BatchRecord(*values) for number, *values in rows}

    def stored(self, part: str, batches: Collection[int]) -> pl.DataFrame:
        """See `store.telemetry.held_contents`."""
        names = ", ".join(f'"{name}"' for name in (*PARTS[part], "batch"))
        numbers = ", ".join(map(str, batches))
        return self._file.frame(f"SELECT {names} FROM {part} WHERE batch IN ({numbers})")
