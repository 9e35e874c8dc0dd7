"""Rows of SAMPLES for tests of what may be one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl

from domain.frames import SAMPLES
from domain.samples import Quality
from domain.signals import AGENT_SIGNALS, SIGNALS, SignalKind
from domain.states import MachineMode, MachineState

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def sample(**changes: Any) -> dict[str, Any]:
    row = {
        "line": "l",
        "machine": "m",
        "signal": "total_count",
        "time": NOON,
        "received": NOON,
        "value": 1.0,
        "text": None,
        "quality": 0,
        "raw": None,
    }
    return row | changes


def samples(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SAMPLES, orient="row")


def fitting() -> list[dict[str, Any]]:
    rows = [sample(signal=name, value=2.5) for name, it in SIGNALS.items() if _is_number(it.kind)]
    rows += [
        sample(signal=name, value=None, text="x")
        for name, it in (SIGNALS | AGENT_SIGNALS).items()
        if it.kind is SignalKind.TEXT
    ]
    rows += [sample(signal="state", value=it.code, text=it.value) for it in MachineState]
    rows += [sample(signal="mode", value=it.code, text=it.value) for it in MachineMode]
    rows += [sample(signal="measurement.temperature-2_a", value=-4.0)]
    bad = int(Quality.BAD)
    rows += [sample(signal=name, value=None, quality=bad) for name in ("state", "energy", "order")]
    return rows


def _is_number(kind: SignalKind) -> bool:
    return kind in (SignalKind.COUNTER, SignalKind.GAUGE)
