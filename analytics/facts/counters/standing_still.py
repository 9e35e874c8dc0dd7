"""A counter that stands still while others say that it should have moved: nobody may trust it.

A counter that was heard once and tells nothing since stands still, if its machine is confirmed:
servers tell changes alone (`analytics.facts.unheard`). A counter that is told again and again and
never moves stands still, too. Both may be right: a day without rejects. But where total, good and
rejected items are all counted, any two of them say what the third should be. One that counted
nothing where that is by far more than nothing is doubted: flagged, and still believed, because
nobody knows which of the three is wrong.

By far is more than ten items and a tenth of what the others counted, in a stretch in which the line
produced for ten minutes: items on the way from one counter to the other are no doubt.

>>> amounts = {"total_count": np.array([900.0, 900, 900]), "good_count": np.array([900.0, 600, 0])}
>>> amounts |= {"reject_count": np.array([0.0, 0, 900])}
>>> stands_still(amounts, np.array([3600.0, 3600, 3600])).tolist()
[False, True, False]
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analytics.arrays import Flags, Floats

_ITEMS_MIN = 10.0
_SHARE_MIN = 0.1
_PRODUCED_MIN_S = 600.0


def stands_still(amounts: Mapping[str, Floats | None], produced_s: Floats) -> Flags:
    """In which cells one of the counters counted nothing where the two others say otherwise.
    `amounts`: of each role what machines counted, NaN where nothing was heard."""
    total, good, reject = (amounts[it] for it in ("total_count", "good_count", "reject_count"))
    doubted = np.zeros(len(produced_s), dtype=np.bool_)
    if total is None or good is None or reject is None:
        return doubted
    for counted, expected, others in (
        (total, good + reject, good + reject),
        (good, total - reject, total),
        (reject, total - good, total),
    ):
        doubted |= (counted == 0) & (expected > np.maximum(_ITEMS_MIN, _SHARE_MIN * others))
    return doubted & (produced_s >= _PRODUCED_MIN_S)
