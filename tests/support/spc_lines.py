"""A line with a fill weight under statistical control, and histories of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from domain.frames import HISTORY, LineHistory
from domain.plant import Line, Machine, Measurement
from domain.time import Window

START = datetime(2026, 3, 2, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(hours=10))
Row = tuple[str, str, float, float | None, str | None, int]  # machine, signal, minute, …


def line(**changes: Any) -> Line:
    """Its measurement `fill`: 330 ± 6 g, subgroups of 3; `changes` are of the measurement."""
    fill = Measurement("fill", {"en": "Fill"}, "scale", "g", 324.0, 336.0, 330.0, 3)
    machines = {name: Machine(name, "import") for name in ("filler", "scale")}
    return Line(
        "filler-1",
        {"en": "Filler"},
        machines,
        {"state": "filler"},
        measurements={"fill": replace(fill, **changes)},
    )


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def weights(values: Sequence[float | None], first: float = 0, quality: int = 0) -> list[Row]:
    """Weighed every minute from the minute `first` on."""
    return [
        ("scale", "measurement.fill", first + minute, value, None, quality)
        for minute, value in enumerate(values)
    ]


def text(signal: str, minute: float, value: str) -> Row:
    return ("filler", signal, minute, None, value, 0)


def history(
    rows: Sequence[Row], *known: tuple[float, float], window: Window = WINDOW
) -> LineHistory:
    """The rows in `window`; `known` minutes of the scale (default: all of the ten hours)."""
    samples = [
        (machine, signal, at(minute), value, words, quality)
        for machine, signal, minute, value, words, quality in rows
    ]
    spans = [("scale", at(start), at(end)) for start, end in known or [(-1000, 1000)]]
    return LineHistory(
        "filler-1",
        window.start,
        window.end,
        pl.DataFrame(samples, schema=HISTORY, orient="row").sort("machine", "signal", "time"),
        pl.DataFrame(
            spans, schema={name: HISTORY[kind] for name, kind in
                           (("machine", "machine"), ("start", "time"), ("end", "time"))},
            orient="row",
        ),
    )  # fmt: skip
