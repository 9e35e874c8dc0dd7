"""The lines of plant.yaml: cycle times, flow, counters, measurements."""

from __future__ import annotations

from pathlib import Path

import pytest
import spoilt

from domain.plant import Measurement
from store.files.plant import read_plant

FULL = (Path(__file__).parent / "examples" / "full-plant.yaml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> str:
    return spoilt.changed(FULL, old, new)


def test_a_line_has_flow_chatter_and_measurements() -> None:
    line = read_plant(FULL, "p").lines["filler-1"]
    assert line.chatter_s == 2.0
    assert line.sequence == ("filler", "capper", "checkweigher")
    assert line.counters["total_count"].max_rate_per_s == 4.0
    assert line.measurements["fill-weight"] == Measurement(
        "fill-weight", {"en": "Fill weight"}, "checkweigher", "g", 328.0, 336.0, 331.0, 4
    )
    torque = line.measurements["cap-torque"]
    assert (torque.name, torque.upper_limit, torque.subgroup_size) == (
        {"en": "cap-torque"},
        None,
        5,
    )


@pytest.mark.parametrize("target", ["328", "336"])
def test_a_target_may_lie_on_a_limit(target: str) -> None:
    read_plant(changed("target: 331", f"target: {target}"), "p")
