"""The tables of the DuckDB telemetry file.

A sample (`readings`) names its series by a number; the view `samples` spells it out. `marks`
has two lives: a row is a dirty mark until its line's row in `cleared` passes its id, and for
ever it says where a batch's samples of one signal lie, so that the neighbours of a window are
found without reading all that was before it. No key on samples: repeats are
stopped by the ledger (`batches`), and what contradicts itself stays. Rows go to disk as
they arrive, roughly in time order, so DuckDB skips what a window does not touch.
"""

from __future__ import annotations

import polars as pl

from domain.frames import FACTS, REJECTIONS

SCHEMA_VERSION = 12

# FACTS as they are kept: the derivation, one for each line and specification, says the line.
STORED_FACTS = pl.Schema({name: kind for name, kind in FACTS.items() if name != "line"})

_SQL_TYPES: dict[type[pl.DataType], str] = {
    pl.String: "VARCHAR",
    pl.Float64: "DOUBLE",
    pl.Int64: "BIGINT",
    pl.Date: "DATE",
    pl.Datetime: "TIMESTAMPTZ",
}


def _columns(schema: pl.Schema) -> str:
    return ", ".join(f'"{name}" {_SQL_TYPES[type(kind)]}' for name, kind in schema.items())


VERSION_TABLE = "CREATE TABLE IF NOT EXISTS version (number INTEGER NOT NULL)"
TABLES = f"""
CREATE TABLE IF NOT EXISTS batches (
    id BIGINT NOT NULL, agent VARCHAR NOT NULL, number BIGINT NOT NULL, digest VARCHAR NOT NULL,
    samples BIGINT NOT NULL, rejections BIGINT NOT NULL, first_time TIMESTAMPTZ,
    last_time TIMESTAMPTZ, received TIMESTAMPTZ NOT NULL, UNIQUE (agent, number)
);
CREATE TABLE IF NOT EXISTS series (
    id INTEGER NOT NULL, line VARCHAR NOT NULL, machine VARCHAR NOT NULL, signal VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS readings (
    series INTEGER, time TIMESTAMPTZ, value DOUBLE, text VARCHAR, quality UTINYINT, batch BIGINT
);
CREATE VIEW IF NOT EXISTS samples AS
SELECT line, machine, signal, time, value, text, quality, batch
FROM readings JOIN series ON series.id = readings.series;
CREATE TABLE IF NOT EXISTS spans (
    line VARCHAR, machine VARCHAR, "start" TIMESTAMPTZ, "end" TIMESTAMPTZ, batch BIGINT
);
CREATE TABLE IF NOT EXISTS rejections ({_columns(REJECTIONS)}, batch BIGINT);
CREATE TABLE IF NOT EXISTS marks (
    id BIGINT, line VARCHAR, machine VARCHAR, signal VARCHAR, "start" TIMESTAMPTZ,
    "end" TIMESTAMPTZ
);
CREATE TABLE IF NOT EXISTS cleared (line VARCHAR PRIMARY KEY, mark BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS derivations (
    id INTEGER NOT NULL, line VARCHAR NOT NULL, spec VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS kinds (
    id INTEGER NOT NULL, plan VARCHAR, mode VARCHAR, order_is VARCHAR, reason_kind VARCHAR
);
CREATE TABLE IF NOT EXISTS facts (derivation INTEGER, kind INTEGER, {_columns(STORED_FACTS)});
"""

# Where the sample before a window's start ($2), and the first at or after its end ($3), can
# be: [low, high] of each series of the line. A mark wholly on one side gives the exact time.
NEIGHBOUR_BOUNDS = """
SELECT series.id,
    max(CASE WHEN "end" < $2 THEN "end" WHEN "start" < $2 THEN "start" END) AS before_low,
    CASE WHEN bool_or("start" < $2 AND "end" >= $2) THEN $2 - INTERVAL 1 MICROSECOND
         ELSE before_low END AS before_high,
    min(CASE WHEN "start" >= $3 THEN "start" WHEN "end" >= $3 THEN "end" END) AS after_high,
    CASE WHEN bool_or("start" < $3 AND "end" >= $3) THEN $3 ELSE after_high END AS after_low
FROM marks JOIN series USING (line, machine, signal) WHERE line = $1 GROUP BY series.id
"""
