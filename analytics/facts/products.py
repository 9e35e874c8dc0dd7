"""Products: their cycle times, and where nobody confirmed that a product was still the same."""

from __future__ import annotations

from datetime import datetime, time

import numpy as np
import numpy.typing as npt

from analytics.arrays import Floats, Micros, sorted_unique
from analytics.timeline.confirmation import silent_stretches
from analytics.timeline.tracks import NO_TEXTS, TextTrack, role_machine, said_by_people, within
from domain.frames import LineHistory
from domain.plant import Line, Plant, Product
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


def unsure_track(line: Line, history: LineHistory, now: datetime | None = None) -> TextTrack:
    """When nobody confirmed that the product was still the same: the machine that tells it was
    silent (`analytics.timeline.confirmation`). Where no product was ever told, a silent machine may
    have made any, unless the plant file says what the line makes."""
    machine = role_machine(line, _PRODUCT)
    if line.product is not None and not len(history.rows_of(machine, _PRODUCT)):
        return NO_TEXTS
    silent = silent_stretches(line, machine, history, now)
    said = _said_by_people(line, history, machine)
    times = sorted_unique(np.concatenate([silent.ravel(), said.times]))
    unsure = within(times, silent) & (said.codes_at(times) < 0)
    return TextTrack(times, unsure.astype(np.int32) - 1, ("unsure",))


def _said_by_people(line: Line, history: LineHistory, machine: str | None) -> TextTrack:
    """Where the last word about the product is that of people, which needs no confirmation."""
    said = [micros(it.start) for it, _ in said_by_people(line, history, _PRODUCT)]
    if not said:
        return NO_TEXTS
    rows = history.rows_of(machine, _PRODUCT)
    times = sorted_unique(np.append(history.times[rows.start : rows.stop], said))
    return TextTrack(times, np.isin(times, said).astype(np.int32) - 1, ("people",))
