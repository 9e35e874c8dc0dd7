"""Small telemetry frames and batches for tests, in as few words as possible."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from domain.frames import FACTS, REJECTIONS, SAMPLES, SPANS
from store.telemetry.protocol import BatchContent, BatchRecord

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def at(seconds: float, *, us: int = 0) -> datetime:
    """That long after the start of the test day."""
    return DAY + timedelta(seconds=seconds, microseconds=us)


def samples(*rows: dict[str, Any], line: str = "filler-1", machine: str = "filler") -> pl.DataFrame:
    """SAMPLES from rows that name at least `time`; the rest has defaults."""
    default = {
        "line": line,
        "machine": machine,
        "signal": "total_count",
        "value": None,
        "text": None,
        "quality": 0,
        "raw": None,
    }
    full = [{**default, "received": row["time"] + timedelta(seconds=1), **row} for row in rows]
    return pl.DataFrame(full, schema=SAMPLES)


def spans(
    *borders: tuple[datetime, datetime], line: str = "filler-1", machine: str = "filler"
) -> pl.DataFrame:
    return pl.DataFrame(
        [(line, machine, start, end) for start, end in borders], schema=SPANS, orient="row"
    )


def rejections(*rows: dict[str, Any]) -> pl.DataFrame:
    default = {"line": "filler-1", "machine": "filler", "address": "a", "raw": "?", "time": None}
    return pl.DataFrame([{**default, **row} for row in rows], schema=REJECTIONS)


def batch(
    number: int,
    samples: pl.DataFrame | None = None,
    spans: pl.DataFrame | None = None,
    rejections: pl.DataFrame | None = None,
    *,
    agent: str = "agent-1",
) -> tuple[BatchRecord, BatchContent]:
    content = BatchContent(
        SAMPLES.to_frame() if samples is None else samples,
        SPANS.to_frame() if spans is None else spans,
        REJECTIONS.to_frame() if rejections is None else rejections,
    )
    times = content.samples["time"]
    record = BatchRecord(
        agent=agent,
        number=number,
        digest=f"{agent}-{number}".encode().hex().ljust(64, "0"),
        samples=content.samples.height,
        rejections=content.rejections.height,
        first_time=times.min(),  # type: ignore[arg-type]  # of times, a time
        last_time=times.max(),  # type: ignore[arg-type]  # as above
        received=at(86_400, us=number),
    )
    return record, content


def facts(
    slices: Sequence[tuple[datetime, datetime]], *, line: str = "filler-1", **columns: Any
) -> pl.DataFrame:
    """FACTS, a row a slice; every state column 0 and every other column null unless given."""
    zeros = {name: 0 for name, kind in FACTS.items() if kind == pl.Int64()}
    rows = [
        {
            **dict.fromkeys(FACTS.names()),
            **zeros,
            "line": line,
            "start": start,
            "end": end,
            "day": start.date(),
            "plan": "busy",
            "mode": "produce",
            "order": "",
            "product": "",
            **columns,
        }
        for start, end in slices
    ]
    return pl.DataFrame(rows, schema=FACTS)
