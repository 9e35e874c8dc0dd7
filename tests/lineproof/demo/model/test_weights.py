"""The weights of the demo's cups: in control, but for the hour in which the doser drifted."""

from __future__ import annotations

import statistics

from lineproof.demo.model.plant_model import BLOCK_US, PlantModel
from lineproof.demo.model.weights import TARGET_G, last_weight, weights

ORIGIN = 1_700_000_000_000_000
DRIFT = (ORIGIN + 40 * BLOCK_US, ORIGIN + 41 * BLOCK_US)
MODEL = PlantModel(ORIGIN, seed=3, drift_us=DRIFT)


def test_a_cup_a_minute_is_weighed_while_the_filler_produces() -> None:
    weighed = list(weights(MODEL, ORIGIN, ORIGIN + 24 * BLOCK_US))
    assert 600 < len(weighed) < 24 * 60
    assert all(MODEL.at(us).speed for us, _ in weighed)
    minutes = range(ORIGIN, ORIGIN + 24 * BLOCK_US, 60_000_000)
    assert [us for us, _ in weighed] == [us for us in minutes if MODEL.at(us).speed]


def test_a_window_of_any_size_gives_the_same_weights() -> None:
    whole = list(weights(MODEL, ORIGIN, ORIGIN + 3 * BLOCK_US))
    steps = range(ORIGIN, ORIGIN + 3 * BLOCK_US, 25_000_000)
    parts = [item for us in steps for item in weights(MODEL, us, us + 25_000_000)]
    assert [it for it in parts if it[0] < ORIGIN + 3 * BLOCK_US] == whole
    for us, weight_g in whole[1:5]:
        assert last_weight(MODEL, us) == (us, weight_g)
        assert last_weight(MODEL, us + 1) == (us, weight_g)


def test_weights_are_at_the_target_and_rise_while_the_doser_drifts() -> None:
    def mean(start_us: int, end_us: int) -> float:
        return statistics.mean(weight_g for _, weight_g in weights(MODEL, start_us, end_us))

    assert abs(mean(ORIGIN, DRIFT[0]) - TARGET_G) < 0.03
    assert abs(mean(DRIFT[1], DRIFT[1] + 24 * BLOCK_US) - TARGET_G) < 0.03
    middle = sum(DRIFT) // 2
    assert mean(DRIFT[0], middle) > TARGET_G + 0.1
    assert mean(middle, DRIFT[1]) > TARGET_G + 0.4
