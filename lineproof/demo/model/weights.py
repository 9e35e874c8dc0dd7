"""The truth of the checkweigher: it weighs one cup a minute while the filler produces.

Weights are normal around the target. While the doser drifts (`PlantModel.drift_us`) they rise
steadily, until somebody sets it right. It must not know OPC UA, files or the clock.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache

from lineproof.demo.model.plant_model import BLOCK_US, PlantModel

PERIOD_US = 60_000_000
TARGET_G = 76.0
_SPREAD_G = 0.22
_DRIFT_G = 0.75  # how far off the doser is before somebody sees to it


def weights(model: PlantModel, start_us: int, end_us: int) -> Iterator[tuple[int, float]]:
    """Instant and weight in grams (to the milligram) of each cup weighed in [start_us, end_us)."""
    for index in range(model.index(start_us), model.index(end_us - 1) + 1):
        for us, weight_g in _hour(model, index):
            if start_us <= us < end_us:
                yield us, weight_g


def last_weight(model: PlantModel, us: int) -> tuple[int, float] | None:
    """The newest one at that instant, of two hours at most."""
    since_us = max(model.origin_us, us - 2 * BLOCK_US)
    return max(weights(model, since_us, us + 1), default=None)


@lru_cache(maxsize=64)
def _hour(model: PlantModel, index: int) -> tuple[tuple[int, float], ...]:
    rng = random.Random(f"{model.seed}/weights/{index}")
    begin_us = model.origin_us + index * BLOCK_US
    done = []
    for us in range(begin_us, begin_us + BLOCK_US, PERIOD_US):
        weight_g = rng.gauss(TARGET_G, _SPREAD_G) + _drift_g(model, us)
        if model.at(us).speed:
            done.append((us, round(weight_g, 3)))
    return tuple(done)


def _drift_g(model: PlantModel, us: int) -> float:
    if model.drift_us is None:
        return 0.0
    begin, end = model.drift_us
    return _DRIFT_G * (us - begin) / (end - begin) if begin <= us < end else 0.0
