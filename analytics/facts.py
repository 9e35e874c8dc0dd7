"""Facts: additive figures of one line by slice, plan, mode, order and product.

Time is cut into cells in which plan, mode, order and product do not change and the state is
either known or unknown throughout; a cell's microseconds by state are exact integers. Cells of
one slice with the same keys are summed to one row. Everything later is a sum of these rows.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics import flags
from analytics.counters import Floats, Increments, Weight, by_cell, increments, segment_sums
from analytics.slices import slices
from analytics.timeline import (
    UNKNOWN,
    Micros,
    StateTrack,
    TextTrack,
    series,
    sorted_unique,
    state_track,
    states_at,
    text_track,
)
from domain.frames import (
    COUNT_COLUMNS,
    FACTS,
    QUANTITY_COLUMNS,
    STATE_COLUMNS,
    LineHistory,
    check,
)
from domain.plant import CounterRule, Line, Plant
from domain.samples import Quality
from domain.states import STOP_STATES, MachineState, Plan
from domain.time import micros

FORMAT = 2  # part of every line's digest: raise it when the meaning of a fact changes

_STATES = len(MachineState)
_STOPS = tuple(state.code for state in STOP_STATES)
_FAILURES = (MachineState.FAULT.code,)
_MAY_PRODUCE = (MachineState.PRODUCING.code, UNKNOWN)
# A good item may be told a moment before the total is.
_IN_FLIGHT = 1.0
_COUNT_ROLES = ("total_count", "good_count", "reject_count", "rework_count")


def line_digest(plant: Plant, line_id: str) -> str:
    """SHA-256 over everything of the plant that the line's facts depend on."""
    line = plant.lines[line_id]
    relevant = {
        "format": FORMAT,
        "zone": plant.zone.key,
        "line": {key: value for key, value in asdict(line).items() if key != "name"},
        "products": {key: item.ideal_cycle_time_s for key, item in plant.products.items()},
    }
    text = json.dumps(relevant, sort_keys=True, default=_canonical)
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    return sorted(value, key=str) if isinstance(value, frozenset) else str(value)


def line_facts(
    plant: Plant,
    line_id: str,
    history: LineHistory,
    start: datetime,
    end: datetime,
    now: datetime | None = None,
) -> pl.DataFrame:
    """FACTS of the line for [start, end), sorted by start and keys.

    `history` must reach back to the last counter sample before `start` and on to the first
    one after `end` (see `store.reading.line_history`). `now` as in `analytics.timeline`, and
    then the history must reach until `analytics.timeline.needed_until`.
    """
    line = plant.lines[line_id]
    parts = slices(plant, line_id, min(start, history.start), max(end, history.end), (start, end))
    state = state_track(line, history, now)
    texts = {name: text_track(line, history, name) for name in ("mode", "order", "product")}
    edges = _cell_edges(parts, state, texts)
    starts = edges[:-1]
    slice_of = np.searchsorted(parts["start"].to_physical().to_numpy(), starts, side="right") - 1
    product = texts["product"].at(starts).fill_null(line.product or "")
    seconds = _microseconds(state, edges)
    busy = (parts["plan"] == Plan.BUSY.value).to_numpy()[slice_of]
    frame = pl.DataFrame(
        {
            "slice": slice_of,
            "mode": texts["mode"].at(starts),
            "order": texts["order"].at(starts),
            "product": product,
            "reason_kind": pl.repeat(None, len(starts), dtype=pl.String, eager=True),
            **{name: seconds[:, code] for code, name in enumerate(STATE_COLUMNS)},
            **_quantities(plant, line, history, state, edges, seconds, product, busy),
            **_onsets(state, edges),
        }
    )
    rows = _rows(line_id, parts, frame)
    return rows.filter((pl.col("start") >= start) & (pl.col("end") <= end))


def _cell_edges(parts: pl.DataFrame, state: StateTrack, texts: dict[str, TextTrack]) -> Micros:
    first, last = micros(parts["start"][0]), micros(parts["end"][-1])
    unknown = state.codes == UNKNOWN
    # Where the state goes from known to unknown or back.
    turns = np.flatnonzero(np.diff(unknown, prepend=True))
    cuts = np.concatenate(
        [
            parts["start"].to_physical().to_numpy(),
            state.times[turns],
            *(track.times for track in texts.values()),
        ]
    )
    inside = cuts[(cuts >= first) & (cuts < last)]
    return sorted_unique(np.append(inside, last))


def _microseconds(track: StateTrack, edges: Micros) -> npt.NDArray[np.int64]:
    """Microseconds of each state in each cell, shape (cells, states), exact.

    The one pass over all state changes gives each whole to the cell it begins in; then what
    lies behind an edge is moved over it.
    """
    cells = len(edges) - 1
    low, high = np.searchsorted(track.times, [edges[0], edges[-1]], side="left")
    times, codes = track.times[low:high], track.codes[low:high]
    place = np.searchsorted(times, edges, side="left")  # the first change in each cell
    cell = np.repeat(np.arange(0, cells * _STATES, _STATES), np.diff(place))
    cell += codes
    lasting = np.empty(len(times))  # whole microseconds, exact in a float, as bincount wants it
    np.subtract(times[1:], times[:-1], out=lasting[:-1])
    lasting[-1:] = edges[-1] - times[-1:]
    sums = np.bincount(cell, weights=lasting, minlength=cells * _STATES).astype(np.int64)
    # From each edge to the next change (or edge) the state holds that held before the edge.
    behind = place[:-1]
    until = np.minimum(edges[1:], np.append(times, edges[-1])[behind]) - edges[:-1]
    held = states_at(track, edges[:-1] - 1)
    np.add.at(sums, np.arange(cells) * _STATES + held, until)
    np.subtract.at(sums, cell[behind[behind > 0] - 1], until[behind > 0])
    return sums.reshape(cells, _STATES)


def _onsets(track: StateTrack, edges: Micros) -> dict[str, npt.NDArray[np.int64]]:
    """How many stops and failures began in each cell."""
    place = np.searchsorted(track.times, edges, side="left")
    result = {}
    for name, states in zip(COUNT_COLUMNS, (_STOPS, _FAILURES), strict=True):
        held = _is_one_of(track.codes, states)
        began = held.copy()
        began[1:] &= ~held[:-1]
        result[name] = segment_sums(began.view(np.uint8), place[:-1], place[1:], np.int64)
    return result


def _is_one_of(codes: npt.NDArray[np.int8], states: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Which codes are of the states (comparing a few times is faster than looking up)."""
    found: npt.NDArray[np.bool_] = codes == states[0]
    for state in states[1:]:
        found |= codes == state
    return found


def _quantities(
    plant: Plant,
    line: Line,
    history: LineHistory,
    state: StateTrack,
    edges: Micros,
    seconds: npt.NDArray[np.int64],
    product: pl.Series,
    busy: npt.NDArray[np.bool_],
) -> dict[str, Any]:
    """Counts, ideal time, energy and flags of each cell; None where the line has no such role."""
    unknown = seconds[:, UNKNOWN] > 0
    weight = Weight(state.times, _is_one_of(state.codes, _MAY_PRODUCE), before=True)
    counters = _counters(line, history)
    amounts: dict[str, Floats | None] = {
        role: None if counted is None else by_cell(counted, edges, weight, busy, ~unknown)
        for role, counted in counters.items()
        if role != "energy"
    }
    total, good, reject = _balanced(amounts)
    energy = counters["energy"]
    cycle = _cycle_times(plant, line, product)
    bits = np.where(unknown & busy, flags.GAP, 0)
    for counted in counters.values():
        if counted is not None and len(counted.resets):
            bits |= np.where(_has(counted.times[counted.resets + 1], edges), flags.COUNTER_RESET, 0)
    if total is not None and good is not None:
        bits |= np.where(good > total + _IN_FLIGHT, flags.GOOD_EXCEEDS_TOTAL, 0)
    if total is not None:
        # Counts may come less often than states: only a longer silence is worth a flag.
        producing = seconds[:, MachineState.PRODUCING.code] > line.stale_after_s * 1e6
        bits |= np.where(producing & ~_reached(counters, edges), flags.COUNT_MISSING, 0)
        bits |= np.where(~busy & ~unknown & (total > 0), flags.UNPLANNED_PRODUCTION, 0)
    known = np.where(unknown, 0.0, 1.0)
    return {
        "total_count": total,
        "good_count": good,
        "reject_count": reject,
        "rework_count": amounts["rework_count"],
        "total_count_unknown": None if total is None else total * (1 - known),
        "good_count_unknown": None if good is None else good * (1 - known),
        "ideal_s": None if total is None else _none_if_nan(total * known * cycle),
        "good_ideal_s": None if good is None else _none_if_nan(good * cycle),
        "total_count_implausible": None,
        "implausible_ideal_s": None,
        "energy_kwh": None if energy is None else by_cell(energy, edges),
        "flags": bits,
    }


def _counters(line: Line, history: LineHistory) -> dict[str, Increments | None]:
    """The increments of each role's counter; None where the line does not have it.

    A machine that has the role of good count and counts all and rejected items instead (as
    PackML machines do) gives the good ones by difference of increments: the difference of the
    counters themselves is none that only grows.
    """
    roles = {role: line.roles.get(role) for role in (*_COUNT_ROLES, "energy")}
    giver = roles["good_count"]
    if not series(history, giver, "good_count").height and all(
        series(history, giver, role).height for role in ("total_count", "reject_count")
    ):
        roles["good_count"] = None
        roles["total_count"] = roles["total_count"] or giver
        roles["reject_count"] = roles["reject_count"] or giver
    return {role: _increments(line, history, machine, role) for role, machine in roles.items()}


def _increments(
    line: Line, history: LineHistory, machine: str | None, role: str
) -> Increments | None:
    if machine is None:
        return None
    samples = series(history, machine, role).filter(
        (pl.col("quality") != Quality.BAD.value) & pl.col("value").is_not_null()
    )
    return increments(
        samples["time"].to_physical().to_numpy(),
        samples["value"].to_numpy(),
        line.counters.get(role, CounterRule()).rollover,
    )


def _balanced(
    amounts: dict[str, Floats | None],
) -> tuple[Floats | None, Floats | None, Floats | None]:
    """Total, good and reject: of any two, the third follows.

    In one cell it may be negative: an item can be rejected later than it was made.
    """
    total, good, reject = (amounts[role] for role in _COUNT_ROLES[:3])
    if total is None and good is not None and reject is not None:
        total = good + reject
    if good is None and total is not None and reject is not None:
        good = total - reject
    if reject is None and total is not None and good is not None:
        reject = total - good
    return total, good, reject


def _cycle_times(plant: Plant, line: Line, product: pl.Series) -> Floats:
    """Planned run time per item (PRI) in seconds for each product; NaN where nobody gave one."""
    own = {name: item.ideal_cycle_time_s for name, item in plant.products.items()}
    default = float("nan") if line.ideal_cycle_time_s is None else line.ideal_cycle_time_s
    times = product.replace_strict(own, default=default, return_dtype=pl.Float64)
    return np.asarray(times.to_numpy())


def _none_if_nan(values: Floats) -> pl.Series:
    return pl.Series(values).fill_nan(None)


def _has(instants: Micros, edges: Micros) -> npt.NDArray[np.bool_]:
    """Which cells (edges[k], edges[k + 1]] hold one of the sorted instants."""
    return np.diff(np.searchsorted(instants, edges, side="right")) > 0


def _reached(counters: dict[str, Increments | None], edges: Micros) -> npt.NDArray[np.bool_]:
    """Which cells lie wholly within the reach of the line's counts."""
    reach = np.ones(len(edges) - 1, dtype=bool)
    for role in _COUNT_ROLES[:3]:
        counted = counters[role]
        if counted is None:
            continue
        if not len(counted.times):
            return np.zeros(len(edges) - 1, dtype=bool)
        reach &= (counted.times[0] < edges[1:]) & (counted.times[-1] > edges[:-1])
    return reach


def _summed() -> list[pl.Expr]:
    """The sum of each column of a group; null where a quantity is null throughout."""
    return [
        pl.col(STATE_COLUMNS).sum(),
        *(
            pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)
            for name in QUANTITY_COLUMNS
        ),
        pl.col(COUNT_COLUMNS).sum(),
        pl.col("flags").bitwise_or(),
    ]


def _rows(line_id: str, parts: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Cells of one slice with the same keys become one row of FACTS."""
    keys = ["slice", "mode", "order", "product", "reason_kind"]
    several = cells["slice"].is_duplicated()  # most slices are one cell and need no summing
    if several.any():
        summed = cells.filter(several).group_by(keys, maintain_order=True).agg(_summed())
        cells = pl.concat([cells.filter(~several), summed.select(cells.columns)])
    rows = (
        parts.with_row_index("slice")
        .with_columns(pl.col("slice").cast(pl.Int64), pl.lit(line_id).alias("line"))
        .join(cells.with_columns(pl.col("slice").cast(pl.Int64)), on="slice", how="inner")
        .select(pl.col(name).cast(kind) for name, kind in FACTS.items())
        .sort("start", "mode", "order", "product", "reason_kind")
    )
    return check(rows, FACTS, "facts")
