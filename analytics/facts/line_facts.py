"""Facts: additive figures of one line by slice, plan, mode, order, product and kind of reason.

Time is cut into cells (analytics.facts.cells); a cell's microseconds by state are exact integers,
its quantities come from the increments of the counters. Cells of one slice with the same keys are
summed to one row. Everything later is a sum of these rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics import integrity_flags
from analytics.arrays import Flags, Micros, sorted_unique
from analytics.calendar.slices import slices
from analytics.facts.cells import CellContext, Cells, cells_of, is_one_of, microseconds
from analytics.facts.doubts import doubts
from analytics.facts.products import cycle_range_s, cycle_times, unsure_track
from analytics.facts.quantities import quantities
from analytics.facts.undefined_products import is_undefined
from analytics.facts.wrong_clocks import is_clock_wrong
from analytics.timeline.history_reach import check_reach
from analytics.timeline.onsets import onsets
from analytics.timeline.reasons import reason_kinds
from analytics.timeline.tracks import (
    StateTrack,
    TextTrack,
    lost_track,
    state_track,
    text_track,
    unusable_track,
)
from domain.corrections import CorrectionKind
from domain.frames import (
    COUNT_COLUMNS,
    FACTS,
    ORDER_LOST,
    QUANTITY_COLUMNS,
    REASON_LOST,
    STATE_COLUMNS,
    LineHistory,
    check,
)
from domain.plant import Line, Plant
from domain.states import STOP_STATES, MachineMode, MachineState, Plan, ReasonKind
from domain.time import micros

_STOPS = tuple(state.code for state in STOP_STATES)
_KEYS = ("mode", "order", "product", "reason_kind")
_Column = npt.NDArray[Any] | pl.Series | str | None


@dataclass(frozen=True, slots=True)
class FactsWindow:
    """[start, end) of a line, and what its facts are made of: as `line_facts` asks for them."""

    plant: Plant
    line: str
    history: LineHistory
    start: datetime
    end: datetime
    now: datetime


def facts_of_windows(windows: Iterable[FactsWindow]) -> list[pl.DataFrame]:
    """FACTS of each window, as `line_facts` gives them: for many short ones."""
    # Row by row, and all in one frame, because 35 columns a window cost more than all else.
    rows: list[tuple[Any, ...]] = []
    ends = [0]
    for it in windows:
        columns, parts, groups = _columns(it.plant, it.line, it.history, it.start, it.end, it.now)
        values = {name: _list(column, groups.count) for name, column in columns.items()}
        values |= groups.slice_lists(parts)
        rows += zip(*(values[name] for name in FACTS.names()), strict=True)
        ends.append(len(rows))
    facts = pl.DataFrame(rows, schema=FACTS, orient="row")
    return [facts[first:end] for first, end in pairwise(ends)]


def line_facts(
    plant: Plant,
    line_id: str,
    history: LineHistory,
    start: datetime,
    end: datetime,
    now: datetime | None = None,
) -> pl.DataFrame:
    """FACTS of the line for [start, end), sorted by start and keys.

    `history` must reach as far as `analytics.timeline.history_reach` asks: a shorter one raises
    ValueError. `now` as in `analytics.timeline.tracks`, and then it must reach until
    `analytics.timeline.state_intervals.needed_until`.
    """
    columns, parts, groups = _columns(plant, line_id, history, start, end, now)
    columns |= groups.slice_columns(parts)
    frame = pl.DataFrame([_series(it, columns[it], groups.count) for it in FACTS.names()])
    return check(frame, FACTS, "facts")


def _columns(
    plant: Plant,
    line_id: str,
    history: LineHistory,
    start: datetime,
    end: datetime,
    now: datetime | None,
) -> tuple[dict[str, _Column], pl.DataFrame, _Groups]:
    """The columns of FACTS but those of the slice; the slices; and the rows, of which each is in
    one of them."""
    check_reach(history, start, end)
    line = plant.lines[line_id]
    parts = slices(plant, line_id, min(start, history.start), max(end, history.end), (start, end))
    state = state_track(line, history, now)
    reasons = reason_kinds(plant, line, history, state, now)
    texts = {name: text_track(line, history, name) for name in ("mode", "order", "product")}
    texts["reason_kind"] = reasons
    lost = {
        "mode": lost_track(line, history, "mode", now),
        "order": lost_track(line, history, "order", now),
        "product": unusable_track(line, history, "product"),
    }
    unsure = unsure_track(line, history, now)
    begins = parts["start"].cast(pl.Int64).to_numpy()
    cells = cells_of(
        np.append(begins, micros(parts["end"][-1])),
        state,
        [*texts.values(), *lost.values(), unsure],
        history.corrections,
    )
    slice_of = np.searchsorted(begins, cells.starts, side="right") - 1
    keys = {name: _Key(track.names, track.codes_at(cells.starts)) for name, track in texts.items()}
    is_lost = {name: track.codes_at(cells.starts) >= 0 for name, track in lost.items()}
    keys["product"] = keys["product"].or_else(line.product or "").where("", is_lost["product"])
    keys["order"] = keys["order"].where(ORDER_LOST, is_lost["order"])
    keys["mode"] = keys["mode"].where(MachineMode.UNKNOWN.value, is_lost["mode"])
    context = CellContext(
        cells,
        np.append(begins, micros(parts["end"][-1])),
        microseconds(cells),
        (parts["plan"] == Plan.BUSY.value).to_numpy()[slice_of],
        cycle_times(plant, line, keys["product"].names, keys["product"].codes, cells.starts),
        is_undefined(plant, keys["product"].names, keys["product"].codes),
        cycle_range_s(plant, line),
        (unsure.codes_at(cells.starts) >= 0) | is_lost["product"],
        keys["mode"].are(MachineMode.MAINTENANCE.value),
    )
    amounts, flags = quantities(line, history, context)
    wrong = is_clock_wrong(line, history, cells.edges) & ~context.unknown
    flags |= np.where(wrong, integrity_flags.CLOCK_WRONG, 0)
    flags = flags | doubts(
        plant, line, history, context, lost, keys["reason_kind"].are(REASON_LOST)
    )
    counts = _onsets(line, history, cells, reasons)
    # Slices are cut at the window's borders, so the window is a run of them.
    low, high = np.searchsorted(begins, [micros(start), micros(end)])
    inside = slice(*np.searchsorted(slice_of, [low, high]).tolist())
    groups = _Groups(slice_of[inside], [key.codes[inside] for key in keys.values()])
    columns: dict[str, _Column] = {
        "line": line_id,
        **{name: groups.texts(key.names, key.codes[inside]) for name, key in keys.items()},
        **dict(zip(STATE_COLUMNS, groups.sums(context.state_us[inside]).T, strict=True)),
        **{name: groups.quantity(amounts[name], inside) for name in QUANTITY_COLUMNS},
        **{name: groups.sums(counts[name][inside]) for name in COUNT_COLUMNS},
        "flags": groups.union(flags[inside]),
    }
    return columns, parts, groups


def _list(values: _Column, count: int) -> list[Any]:
    """The same values one by one; a single value stands for all rows."""
    if values is None or isinstance(values, str):
        return [values] * count
    return values.tolist() if isinstance(values, np.ndarray) else values.to_list()


def _series(name: str, values: _Column, count: int) -> pl.Series:
    """A column of FACTS; a single value stands for all rows."""
    if isinstance(values, np.ndarray):
        texts = values.dtype == np.object_
        return pl.Series(name, values.tolist() if texts else values, dtype=FACTS[name])
    if isinstance(values, pl.Series):
        return values.alias(name)
    return pl.Series(name, [values], dtype=FACTS[name]).new_from_index(0, count)


class _Key:
    """A key of the cells: names[codes[k]], null for −1."""

    def __init__(self, names: tuple[str, ...], codes: npt.NDArray[np.int32]) -> None:
        self.names = names
        self.codes = codes

    def or_else(self, default: str) -> _Key:
        """The same with a text in place of null."""
        return self.where(default, self.codes < 0)

    def are(self, text: str) -> Flags:
        """Which cells have that text."""
        if text not in self.names:
            return np.zeros(len(self.codes), dtype=np.bool_)
        found: Flags = self.codes == self.names.index(text)
        return found

    def where(self, text: str, cells: Flags) -> _Key:
        """The same with another text in some cells. Names stay sorted."""
        if not cells.any():
            return self
        names = tuple(sorted({*self.names, text}))
        places = np.array([*(names.index(name) for name in self.names), -1], dtype=np.int32)
        codes = places[self.codes]  # −1 is the last: null
        return _Key(names, np.where(cells, np.int32(names.index(text)), codes))


class _Groups:
    """Cells that become one row: those of one slice with the same keys, in the rows' order."""

    def __init__(self, slice_of: npt.NDArray[np.int64], codes: list[npt.NDArray[np.int32]]) -> None:
        self._order: npt.NDArray[np.int64] | None = None
        varying = [code for code in codes if len(code) and (code != code[0]).any()]
        if varying:
            keys: tuple[npt.NDArray[Any], ...] = (*reversed(varying), slice_of)
            self._order = np.lexsort(keys)
        new = np.diff(self._ordered(slice_of), prepend=-1) != 0
        for code in varying:
            new |= np.diff(self._ordered(code), prepend=np.int32(-2)) != 0
        self._first = np.flatnonzero(new)
        self._slice = self._ordered(slice_of)[self._first]
        self.count = len(self._first)

    def _ordered(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return values if self._order is None else values[self._order]

    def slice_columns(self, parts: pl.DataFrame) -> dict[str, pl.Series]:
        """The slice of each row."""
        return {column.name: column[self._slice] for column in parts.get_columns()}

    def slice_lists(self, parts: pl.DataFrame) -> dict[str, list[Any]]:
        """The same one by one."""
        rows = [parts.row(place) for place in self._slice.tolist()]
        return {name: [row[place] for row in rows] for place, name in enumerate(parts.columns)}

    def texts(
        self, names: tuple[str, ...], codes: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.object_] | str | None:
        """The text of each row, or of all of them."""
        mine = self._ordered(codes)[self._first]
        if not names:
            return None
        if len(names) == 1 and (mine == 0).all():
            return names[0]
        return np.array((*names, None), dtype=object).take(mine)  # −1 is the last: none

    def sums(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The sums over the cells of each row, along the first axis."""
        if not self.count:
            return values[:0]
        return np.add.reduceat(self._ordered(values), self._first, axis=0)

    def union(self, bits: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        if not self.count:
            return bits[:0]
        return np.bitwise_or.reduceat(self._ordered(bits), self._first)

    def quantity(
        self, values: npt.NDArray[np.float64] | None, inside: slice
    ) -> pl.Series | npt.NDArray[np.float64] | None:
        """The sum of a quantity; null where it is missing throughout."""
        if values is None:
            return None
        mine = values[inside]
        missing = np.isnan(mine)
        if not missing.any():
            return self.sums(mine)
        sums = pl.Series(self.sums(np.where(missing, 0.0, mine)))
        return sums.set(pl.Series(self.sums(~missing * 1) == 0), None)


def _onsets(
    line: Line, history: LineHistory, cells: Cells, reasons: TextTrack
) -> dict[str, npt.NDArray[np.int64]]:
    """How many stops and failures (FE) began in each cell."""
    state, apart_us = cells.state, line.chatter_s * 1e6
    recut = [
        it for it in history.corrections if it.kind in (CorrectionKind.SPLIT, CorrectionKind.MERGE)
    ]
    merges = [it for it in recut if it.kind is CorrectionKind.MERGE]
    stopped = is_one_of(state.codes, _STOPS)
    stops = onsets(state.times, stopped, apart_us, recut)
    failures = onsets(*_failing(state, stopped, reasons), apart_us, merges)
    counts = (np.diff(np.searchsorted(found, cells.edges)) for found in (stops, failures))
    return dict(zip(COUNT_COLUMNS, counts, strict=True))


def _failing(
    state: StateTrack, stopped: npt.NDArray[np.bool_], reasons: TextTrack
) -> tuple[Micros, npt.NDArray[np.bool_]]:
    """When the line has failed: in a fault, or stopped for a breakdown."""
    fault = state.codes == MachineState.FAULT.code
    if ReasonKind.BREAKDOWN.value not in reasons.names or not len(state.times):
        return state.times, fault
    code = reasons.names.index(ReasonKind.BREAKDOWN.value)
    times = sorted_unique(np.concatenate([state.times, reasons.times]))
    index = np.searchsorted(state.times, times, side="right") - 1
    held = np.maximum(index, 0)
    broken = stopped[held] & (reasons.codes_at(times) == code)
    return times, (fault[held] | broken) & (index >= 0)
