"""The tables of telemetry in PostgreSQL, in a schema of their own beside a registry's.

A sample (`readings`) names its series by a number, and an index by series and time finds a window
and its neighbours. `marks` says where a batch's samples of one signal lie; a row is dirty until
its line's `cleared` passes its id. `lines` counts what changed, so who shows a line asks a row, and
how often the keeping of its facts changed hands (store.telemetry.postgresql.shares); `machines`
says until when each was confirmed. Ids
of marks come from the one row of `counters`, which a transaction holds until it ends: so whoever
sees a mark sees every mark with a smaller id, whichever process made it. Names are compared byte
by byte, in whatever way the database sorts by itself.

`replaced`: which windows of a line's facts were replaced lately, and by which of the replacements
that `lines.facts` counts; a window without a start stands for all there is.
"""

from __future__ import annotations

import polars as pl

from domain.frames import FACTS, REJECTIONS

SCHEMA = "telemetry"
ANEW = "telemetry_anew"  # grows beside it in a rebuild
FORMER = "telemetry_former"  # what it replaced, for a moment
TABLES_VERSION = 1

# FACTS as they are kept: the derivation, one for each line and specification, says the line.
KEPT_FACTS = pl.Schema({name: kind for name, kind in FACTS.items() if name != "line"})

_NAME = 'TEXT COLLATE "C"'
_SQL_TYPES: dict[type[pl.DataType], str] = {
    pl.String: _NAME,
    pl.Float64: "DOUBLE PRECISION",
    pl.Int64: "BIGINT",
    pl.Date: "DATE",
    pl.Datetime: "TIMESTAMPTZ",
}


def _columns(schema: pl.Schema) -> str:
    return ", ".join(f'"{name}" {_SQL_TYPES[type(kind)]}' for name, kind in schema.items())


MAKING = f"""
CREATE TABLE version (number INTEGER NOT NULL);
CREATE TABLE counters (mark BIGINT NOT NULL);
INSERT INTO counters VALUES (0);
CREATE TABLE batches (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, agent {_NAME} NOT NULL,
    number BIGINT NOT NULL, digest TEXT NOT NULL, samples BIGINT NOT NULL,
    rejections BIGINT NOT NULL, first_time TIMESTAMPTZ, last_time TIMESTAMPTZ,
    received TIMESTAMPTZ NOT NULL, UNIQUE (agent, number)
);
CREATE TABLE series (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY, line {_NAME} NOT NULL,
    machine {_NAME} NOT NULL, signal {_NAME} NOT NULL, UNIQUE (line, machine, signal)
);
CREATE TABLE readings (
    series INTEGER NOT NULL, time TIMESTAMPTZ NOT NULL, value DOUBLE PRECISION, text TEXT,
    quality SMALLINT, batch BIGINT NOT NULL
);
CREATE INDEX readings_of_series ON readings (series, time);
CREATE TABLE spans (
    line {_NAME} NOT NULL, machine {_NAME} NOT NULL, "start" TIMESTAMPTZ NOT NULL,
    "end" TIMESTAMPTZ NOT NULL, batch BIGINT NOT NULL
);
CREATE INDEX spans_of_line ON spans (line, "end");
CREATE TABLE rejections ({_columns(REJECTIONS)}, batch BIGINT NOT NULL);
CREATE INDEX rejections_by_time ON rejections (received);
CREATE TABLE marks (
    id BIGINT PRIMARY KEY, line {_NAME} NOT NULL, machine {_NAME} NOT NULL,
    signal {_NAME} NOT NULL, "start" TIMESTAMPTZ NOT NULL, "end" TIMESTAMPTZ NOT NULL
);
CREATE INDEX marks_of_line ON marks (line, id);
CREATE TABLE lines (
    line {_NAME} PRIMARY KEY, samples BIGINT NOT NULL DEFAULT 0, spans BIGINT NOT NULL DEFAULT 0,
    facts BIGINT NOT NULL DEFAULT 0, cleared BIGINT NOT NULL DEFAULT 0,
    keeper BIGINT NOT NULL DEFAULT 0, first TIMESTAMPTZ, last TIMESTAMPTZ
);
CREATE TABLE machines (
    line {_NAME} NOT NULL, machine {_NAME} NOT NULL, heard TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (line, machine)
);
CREATE TABLE derivations (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY, line {_NAME} NOT NULL UNIQUE,
    spec TEXT NOT NULL
);
CREATE TABLE facts (derivation INTEGER NOT NULL, {_columns(KEPT_FACTS)});
CREATE INDEX facts_of_derivation ON facts (derivation, "start");
CREATE TABLE replaced (
    line {_NAME} NOT NULL, number BIGINT NOT NULL, "start" TIMESTAMPTZ, "end" TIMESTAMPTZ
);
CREATE INDEX replaced_of_line ON replaced (line, number);
INSERT INTO version VALUES ({TABLES_VERSION});
"""
