"""Arrays: their types, and what numpy lacks or does slowly. Knows nothing of lines or time."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Micros = npt.NDArray[np.int64]  # instants or lengths of time
Indexes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def sorted_once(ordered: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Sorted values, each once."""
    return ordered[np.diff(ordered, prepend=ordered[:1] - 1) > 0]


def sorted_unique(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The values in order, each once (np.unique hashes and takes three times as long)."""
    return sorted_once(np.sort(values))


def segment_sums(
    values: npt.NDArray[Any], first: npt.NDArray[np.intp], last: npt.NDArray[np.intp]
) -> npt.NDArray[Any]:
    """The sum of values[first[k]:last[k]] for each k (sorted, apart from each other); 0 where
    empty."""
    sums: npt.NDArray[Any] = np.zeros(len(first), dtype=values.dtype)
    full = first < last
    borders = np.stack([first[full], last[full]], axis=1).ravel()
    if len(borders):
        inside = borders[:-1] if borders[-1] == len(values) else borders
        sums[full] = np.add.reduceat(values, inside)[::2]
    return sums


def ranges(first: Indexes, last: Indexes) -> tuple[Indexes, Indexes]:
    """All (owner, index) with first[owner] ≤ index < last[owner], as two arrays."""
    counts = np.maximum(last - first, 0)
    owner = np.repeat(np.arange(len(first)), counts)
    before = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) + np.repeat(first - before, counts)
