"""Facts as CSV, so that a stranger can add them up: written and read without losing a bit.

A null is an empty field, an empty text is "". Numbers have as many digits as tell them apart from
every other (IEEE 754), times are UTC with microseconds. An example, a few of the columns:

    line,start,end,day,shift,plan,mode,order,producing_us,total_count
    filler-1,2026-03-02T00:00:00.000000Z,2026-03-02T01:00:00.000000Z,2026-03-02,,busy,production,"",3600000000,1200.0
"""

from __future__ import annotations

from io import BytesIO

import polars as pl

from domain.errors import InputError
from domain.frames import FACTS, UTC_US

_TIME = "%Y-%m-%dT%H:%M:%S%.6fZ"
_AS_TEXT = {name: pl.String() if kind == UTC_US else kind for name, kind in FACTS.items()}


def facts_csv(facts: pl.DataFrame) -> bytes:
    """FACTS, sorted by all columns: the same rows give the same bytes."""
    ordered = facts.sort(FACTS.names()).with_columns(
        pl.col(name) + 0.0
        for name, kind in FACTS.items()
        if kind == pl.Float64  # no -0.0
    )
    return ordered.write_csv(datetime_format=_TIME).encode()


def read_facts_csv(data: bytes, where: str) -> pl.DataFrame:
    """FACTS. Raises InputError where it is no such file."""
    try:
        read = pl.read_csv(BytesIO(data), schema=pl.Schema(_AS_TEXT), truncate_ragged_lines=False)
        times = [name for name, kind in FACTS.items() if kind == UTC_US]
        facts = read.with_columns(
            pl.col(times).str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", time_zone="UTC")
        )
        if facts_csv(facts) == data:
            return facts
    except pl.exceptions.PolarsError:
        pass
    raise InputError("these are no facts as a dossier has them", where=where)
