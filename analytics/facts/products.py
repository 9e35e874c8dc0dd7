"""Products: their cycle times, and where nobody confirmed that a product was still the same."""

from __future__ import annotations

from datetime import datetime, time

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.arrays import Flags, Floats, Micros
from analytics.facts.cells import Cells, time_in
from analytics.timeline.tracks import UNKNOWN, StateTrack, role_machine
from domain.frames import LineHistory
from domain.plant import Line, Plant, Product
from domain.states import MachineState
from domain.time import micros

_PRODUCT = "product"


def cycle_times(
    plant: Plant, line: Line, names: tuple[str, ...], codes: npt.NDArray[np.int32], at: Micros
) -> Floats:
    """Planned run time per item (PRI) in seconds of the product names[code] at each instant;
    NaN where nobody gave one."""
    default = float("nan") if line.ideal_cycle_time_s is None else line.ideal_cycle_time_s
    result = np.full(len(codes), default)
    for code, name in enumerate(names):
        product = plant.products.get(name)
        if product is None:
            continue
        mine = codes == code
        result[mine] = product.ideal_cycle_time_s
        for change in product.changes:
            since = micros(datetime.combine(change.since, time(0), tzinfo=plant.zone))
            result[mine & (at >= since)] = change.ideal_cycle_time_s
    return result


def cycle_range_s(plant: Plant, line: Line) -> tuple[float, float]:
    """The shortest and the longest planned cycle time of anything that the line may make; NaN where
    nobody gave one."""
    times = [item for each in plant.products.values() for item in _cycles(each)]
    if line.ideal_cycle_time_s is not None:
        times.append(line.ideal_cycle_time_s)
    return (min(times), max(times)) if times else (float("nan"), float("nan"))


def _cycles(product: Product) -> list[float]:
    return [product.ideal_cycle_time_s, *(it.ideal_cycle_time_s for it in product.changes)]


def product_unsure(line: Line, history: LineHistory, cells: Cells) -> Flags:
    """In which cells the machine that tells the product was not confirmed for longer than
    `stale_after_s`: it may have been another one."""
    machine = role_machine(line, _PRODUCT)
    if not len(history.rows_of(machine, _PRODUCT)):
        return np.zeros(len(cells), dtype=np.bool_)
    spans = history.spans.filter(pl.col("machine") == machine)
    begins, ends = (spans[name].cast(pl.Int64).to_numpy() for name in ("start", "end"))
    codes = np.tile([MachineState.PRODUCING.code, UNKNOWN], len(begins)).astype(np.int8)
    confirmed = StateTrack(np.stack([begins, ends], axis=1).ravel(), codes)
    unknown_us = time_in(confirmed, (UNKNOWN,), cells.starts, cells.edges[1:])
    found: Flags = unknown_us > line.stale_after_s * 1e6
    return found
