"""What a node has of what the machines of a plant said, once it is stopped: all of it, once?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from live_lines import MACHINE
from plant_machines import Tally, mixed, signal_names

DAY_S = 86_400


@dataclass(frozen=True)
class Difference:
    """Between what was said and what is stored: values that are missing, values that are too many,
    and series whose number is right and whose checksum is not."""

    missing: int
    doubled: int
    changed: int

    @property
    def is_none(self) -> bool:
        return not (self.missing or self.doubled or self.changed)


def difference(said: Tally, stored: Tally) -> Difference:
    apart = said.counts - stored.counts
    wrong = (apart == 0) & (said.sums != stored.sums)
    return Difference(
        int(apart[apart > 0].sum()), int(-apart[apart < 0].sum()), int(np.count_nonzero(wrong))
    )


def stored_tally(telemetry: Path, lines: Sequence[str], signals: int) -> Tally:
    """The sums of what is in the telemetry file of a node that does not run."""
    names = signal_names(signals)
    tally = Tally.of(len(lines), signals)
    with duckdb.connect(str(telemetry), read_only=True) as connection:
        frame = connection.sql(
            "SELECT line, signal, epoch_us(time) AS at, value FROM samples "
            f"WHERE machine = '{MACHINE}'"
        ).pl()
    of_line = {name: number for number, name in enumerate(lines)}
    of_signal = {name: number for number, name in enumerate(names)}
    frame = frame.with_columns(
        pl.col("line").replace_strict(of_line, default=None, return_dtype=pl.Int64),
        pl.col("signal").replace_strict(of_signal, default=None, return_dtype=pl.Int64),
    ).drop_nulls(["line", "signal"])  # what agents tell of themselves are other signals
    where = frame["line"].to_numpy(), frame["signal"].to_numpy()
    values = frame["value"].fill_null(float("nan")).to_numpy()
    np.add.at(tally.counts, where, 1)
    np.add.at(tally.sums, where, mixed(frame["at"].to_numpy(), values))
    return tally


def sizes(folder: Path) -> dict[str, int]:
    """Bytes by kind, in the node's folder and in those of its agents. `spool`: with what agents
    keep of what they handed over."""
    node = folder / "node"
    kinds = {
        "archive": [node / "archive"],
        "telemetry": sorted(node.glob("telemetry.duckdb*")),
        "registry": sorted(node.glob("registry.sqlite*")),
        "ledger": sorted(node.glob("ledger*")),
        "spool": sorted(folder.glob("agent-*")),
    }
    return {kind: sum(map(_bytes, paths)) for kind, paths in kinds.items()}


def _bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(it.stat().st_size for it in path.rglob("*") if it.is_file())


def bytes_a_line_day(
    before: Mapping[str, int], after: Mapping[str, int], lines: int, seconds: float
) -> dict[str, float]:
    """By kind, as if all days were like those seconds."""
    scale = DAY_S / seconds / lines
    return {kind: (after[kind] - before[kind]) * scale for kind in after}
