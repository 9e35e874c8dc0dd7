"""The demo's four lines: what happens on each, which machine tells what, and what was never kept.

The first is a good one, the second has a packer that holds it up, the third is starved of data, the
fourth changes its product five times a day. All follow from the moment at which the demo was made
and a seed. It must not know files, protocols or the clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from domain.time import HOUR_US, micros, midnight
from lineproof.demo.model.behaviour import (
    CHILI,
    CRACKER_BAGS,
    CRACKERS,
    FAMILY,
    SACHETS,
    SLOW_PACKER,
)
from lineproof.demo.model.days import ZONE, demo_days, demo_model
from lineproof.demo.model.packer_model import PackerModel
from lineproof.demo.model.plant_model import PlantModel

NOODLE_1, NOODLE_2, SAUCE, CRACKER = "noodle-1", "noodle-2", "sauce-1", "cracker-1"
_DAY_US = 24 * HOUR_US
_SILENT_US = 160 * 60_000_000  # since when nothing is heard of the sauce line
# What the sauce line lost: days before the demo's, hour of the day, hours.
_LOST = (
    (26, 9, 5),
    (22, 14, 20),
    (17, 8, 60),
    (13, 18, 9),
    (10, 11, 30),
    (6, 6, 8),
    (3, 20, 11),
    (2, 8, 3),
)
_CRACKER_SHIFTS = ((0, CRACKERS), (5, CHILI), (10, CRACKERS), (14, FAMILY), (19, CHILI))


@dataclass(frozen=True, eq=False)
class DemoLine:
    """`main`: the machine that tells state and counts; `product_machine`, `meter`: those that tell
    product and energy, empty where none does. `lost_us`: windows of which nothing was kept, in
    order. `weights_from_us`: from when on the checkweigher's weights were kept."""

    id: str
    model: PlantModel
    main: str
    product_machine: str = ""
    meter: str = ""
    has_packer: bool = False
    weights_from_us: int | None = None
    lost_us: Sequence[tuple[int, int]] = ()

    @cached_property
    def packer(self) -> PackerModel:
        return PackerModel(self.model)

    @property
    def machines(self) -> dict[str, PlantModel | PackerModel]:
        """Those that tell a state, with what they do."""
        packer: dict[str, PlantModel | PackerModel] = {"packer": self.packer}
        return {self.main: self.model} | (packer if self.has_packer else {})

    def told(self, start_us: int, end_us: int) -> Iterator[tuple[int, int]]:
        """The stretches of [start_us, end_us) of which something was kept."""
        at_us = start_us
        for lost_from_us, lost_until_us in self.lost_us:
            if at_us < min(lost_from_us, end_us):
                yield at_us, min(lost_from_us, end_us)
            at_us = max(at_us, lost_until_us)
        if at_us < end_us:
            yield at_us, end_us


def demo_lines(opened_us: int, seed: int) -> dict[str, DemoLine]:
    """The four lines by their names."""
    zone = ZoneInfo(ZONE)
    days = demo_days(opened_us)
    begin_us = micros(midnight(days.other_first, zone))
    today_us = micros(midnight(days.today, zone))
    lost_us = [
        (from_us, from_us + hours * HOUR_US)
        for ago, hour, hours in _LOST
        for from_us in [today_us - ago * _DAY_US + hour * HOUR_US]
    ]
    silent_us = (opened_us - _SILENT_US, opened_us + 365 * 100 * _DAY_US)
    lines = (
        DemoLine(
            NOODLE_1,
            demo_model(opened_us, seed),
            "filler",
            "checkweigher",
            "meter",
            has_packer=True,
            weights_from_us=micros(midnight(days.first_weight, zone)),
        ),
        DemoLine(NOODLE_2, PlantModel(begin_us, seed, SLOW_PACKER), "filler", has_packer=True),
        DemoLine(
            SAUCE,
            PlantModel(begin_us, seed, SACHETS),
            "filler",
            lost_us=[*lost_us, silent_us],
        ),
        DemoLine(
            CRACKER,
            PlantModel(begin_us, seed, CRACKER_BAGS, schedule=_CRACKER_SHIFTS),
            "bagger",
            "bagger",
            "bagger",
        ),
    )
    return {line.id: line for line in lines}
