"""When a step function enters a state.

An example: stopped from 0 to 10, from 12 to 20 and from 40 to 50. The interruption from 10 to 12 is
shorter than 5, so the second stretch does not begin anew:

    time       0         10 12        20              40        50
    stopped    |---------|  |---------|               |---------|
    onsets     0                                      40

>>> times = np.array([0, 10, 12, 20, 40, 50])
>>> stopped = np.array([True, False, True, False, True, False])
>>> onsets(times, stopped, apart_us=5).tolist()
[0, 40]
>>> onsets(times, stopped, apart_us=2).tolist()
[0, 12, 40]
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from analytics.arrays import Micros, sorted_unique
from domain.corrections import Correction, CorrectionKind
from domain.time import micros


def onsets(
    times: Micros,
    held: npt.NDArray[np.bool_],
    apart_us: float,
    corrections: Iterable[Correction] = (),
) -> Micros:
    """The sorted instants at which the state begins; `held[i]`: it holds from times[i] on.

    After an interruption shorter than `apart_us` it goes on and does not begin anew. A MERGE joins
    all that touch its time to one, a SPLIT begins another at its instant.
    """
    if not len(times):
        return times
    change = held[1:] != held[:-1]
    turns = np.flatnonzero(change) + 1
    if held[0]:
        turns = np.concatenate([[0], turns])
    begins, ends = times[turns[::2]], times[turns[1::2]]
    lasting = np.ones(len(begins), dtype=bool)
    lasting[1:] = begins[1:] - ends[: len(begins) - 1] >= apart_us
    found = begins[lasting]
    for correction in corrections:
        start, end = micros(correction.start), micros(correction.end)
        at = int(np.searchsorted(times, start, side="right")) - 1
        going = at >= 0 and bool(held[at])
        if correction.kind is CorrectionKind.SPLIT and going:
            found = sorted_unique(np.append(found, start))
        elif correction.kind is CorrectionKind.MERGE:
            touched = np.flatnonzero((found >= start) & (found < end))
            began_before = going and start not in found[touched]
            found = np.delete(found, touched[0 if began_before else 1 :])
    return found
