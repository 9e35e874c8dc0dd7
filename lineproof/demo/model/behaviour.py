"""What the demo's lines are like: their products, why they stand and how long, their power.

Texts of reasons are what the machines themselves say; the plant file's reason tree knows them
as codes. It must not know time, protocols or files.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.states import MachineState


@dataclass(frozen=True, slots=True)
class Recipe:
    """A product as the machines know it, by number; `ideal_cycle_time_s` for one item."""

    number: int
    product: str
    ideal_cycle_time_s: float


BEEF = Recipe(1, "cup-beef", 0.2)
SEAFOOD = Recipe(2, "cup-seafood", 0.25)  # two strokes of the doser for each cup
RECIPES = (BEEF, SEAFOOD)
SOY_SAUCE = Recipe(1, "sauce-soy", 0.5)
CRACKERS = Recipe(1, "crackers-40", 0.6)
CHILI = Recipe(2, "crackers-chili-40", 0.6)
FAMILY = Recipe(3, "crackers-200", 1.5)
CRACKER_RECIPES = (CRACKERS, CHILI, FAMILY)


@dataclass(frozen=True, slots=True)
class StopKind:
    """One reason why the filler stands: what state it shows, how often, how long (median).

    `reason` "": it tells none. `packer_state` and `packer_reason`: what brought the packer down
    that blocks the filler.
    """

    reason: str
    state: MachineState
    weight: float
    median_s: float
    packer_state: MachineState = MachineState.STOPPED
    packer_reason: str = ""


PACKER_FULL = "Downstream packer full"
PRODUCT_CHANGE = "Product change"
OVERHAUL = "Annual overhaul"
STOP_KINDS = (
    StopKind("Cup magazine empty", MachineState.STARVED, 30, 14),
    StopKind(
        PACKER_FULL, MachineState.BLOCKED, 17, 14, MachineState.STOPPED, "Carton magazine empty"
    ),
    StopKind(PACKER_FULL, MachineState.BLOCKED, 9, 20, MachineState.STOPPED, "Carton jam"),
    StopKind(PACKER_FULL, MachineState.BLOCKED, 2, 190, MachineState.FAULT, "Glue too cold"),
    StopKind("Lid film jam", MachineState.STOPPED, 22, 28),
    StopKind("Lid film reel at its end", MachineState.STOPPED, 2, 240),
    StopKind("Heat sealer over temperature", MachineState.FAULT, 3, 180),
    StopKind("Dosing pump overload", MachineState.FAULT, 1, 300),
    StopKind("", MachineState.STOPPED, 4, 120),
)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Parameters of the process. Speeds in items/s, times in seconds, power in kW.

    `recipe`: what is made where the schedule says nothing else.
    """

    recipe: Recipe = BEEF
    run_mean_s: float = 185.0
    run_min_s: float = 4.0
    stop_spread: float = 0.55
    change_median_s: float = 840.0
    change_spread: float = 0.12
    speed_low: float = 0.90
    speed_high: float = 0.985
    reject_share: float = 0.011
    power_producing_kw: float = 61.0
    power_standing_kw: float = 17.0
    stops: tuple[StopKind, ...] = STOP_KINDS
    ramp_up: float = 0.45  # how much worse the first day is than the best one
    energy_saving: float = 0.16  # what the heat recovery saves once the line is tuned


# The packer holds the line up, and does so from the first day to the last.
SLOW_PACKER = Behaviour(
    run_mean_s=130.0,
    stops=(
        StopKind(PACKER_FULL, MachineState.BLOCKED, 38, 70, MachineState.STOPPED, "Carton jam"),
        StopKind(
            PACKER_FULL, MachineState.BLOCKED, 14, 25, MachineState.STOPPED, "Carton magazine empty"
        ),
        StopKind(PACKER_FULL, MachineState.BLOCKED, 5, 260, MachineState.FAULT, "Glue too cold"),
        StopKind("Cup magazine empty", MachineState.STARVED, 12, 14),
        StopKind("Lid film jam", MachineState.STOPPED, 8, 28),
        StopKind("", MachineState.STOPPED, 1, 150),
    ),
    ramp_up=0.0,
)
SACHETS = Behaviour(
    recipe=SOY_SAUCE,
    run_mean_s=700.0,
    reject_share=0.008,
    stops=(
        StopKind("Nozzle blocked", MachineState.STOPPED, 10, 90),
        StopKind("Film torn", MachineState.STOPPED, 5, 160),
        StopKind("Sauce tank empty", MachineState.STARVED, 4, 240),
        StopKind("", MachineState.STOPPED, 1, 200),
    ),
    ramp_up=0.0,
)
CRACKER_BAGS = Behaviour(
    recipe=CRACKERS,
    change_median_s=1500.0,
    run_mean_s=560.0,
    reject_share=0.014,
    power_producing_kw=23.0,
    power_standing_kw=6.0,
    stops=(
        StopKind("Weigher waits for crackers", MachineState.STARVED, 12, 45),
        StopKind("Film splice", MachineState.STOPPED, 6, 110),
        StopKind("Seal too cold", MachineState.FAULT, 3, 280),
        StopKind("", MachineState.STOPPED, 2, 180),
    ),
    ramp_up=0.0,
)
