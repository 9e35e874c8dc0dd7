"""Facts at random from a seed: any plan, mode, order, reason, state and count, with holes. They are
no facts of a real line; whoever adds them up must come to the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

import polars as pl
from facts_frames import ZONE

from domain.frames import FACTS, ORDER_LOST, QUANTITY_COLUMNS, REASON_LOST, STATE_COLUMNS
from domain.states import MachineMode, Plan, ReasonKind
from domain.time import midnight

SLICE_S = 6 * 3600
SHIFTS = ("B", None, "A", "A")  # by the quarters of a day in UTC
PLANS = [Plan.BUSY, Plan.BUSY, Plan.BUSY, Plan.PLANNED_DOWN, Plan.NOT_PLANNED]


def random_facts(seed: int, lines: tuple[str, ...], first: date, days: int) -> pl.DataFrame:
    """A calm seed (an even one) has few holes and no wild amounts, so that verdicts differ. A wild
    one has some modes and reasons: to add up all of them beside each other takes long."""
    dice, rows = Random(seed), []
    wild = seed % 2 == 1
    modes = dice.sample([None, *MachineMode.names()], 2) if wild else [None]
    reasons = dice.sample([None, REASON_LOST, *ReasonKind.names()], 3) if wild else [None]
    for line in lines:
        lacks = {it for it in QUANTITY_COLUMNS if wild and dice.random() < 0.15}
        for number in range(days):
            day = first + timedelta(days=number)
            start = midnight(day, ZONE).astimezone(UTC)
            for begin in range(4):
                at = start + timedelta(seconds=begin * SLICE_S)
                for _ in range(dice.randint(1, 3)):
                    row = _row(dice, line, day, at, lacks, wild=wild)
                    row["mode"], row["reason_kind"] = dice.choice(modes), dice.choice(reasons)
                    rows.append(row)
    return pl.DataFrame(rows, schema=FACTS).unique(maintain_order=True)


def _row(
    dice: Random, line: str, day: date, at: datetime, lacks: set[str], *, wild: bool
) -> dict[str, object]:
    times = dict.fromkeys(STATE_COLUMNS, 0)
    for name in dice.sample(STATE_COLUMNS, dice.randint(0, 4)) if wild else ["producing_us"]:
        times[name] = dice.randint(0, 3600) * 1_000_000
    if not wild and dice.random() < 0.05:
        times["unknown_us"] = 600_000_000
    total = float(dice.randint(0, 4000))
    good = total * dice.random() if wild else total * 0.95
    amounts = _amounts(dice, total, good, wild=wild)
    for name in amounts:
        if name in lacks or (wild and dice.random() < 0.1):
            amounts[name] = None
    return {
        "line": line,
        "start": at,
        "end": at + timedelta(seconds=SLICE_S),
        "day": day,
        "shift": SHIFTS[at.hour // 6],
        "shift_start": None,
        "plan": dice.choice(PLANS).value if wild else Plan.BUSY.value,
        "mode": None,
        "order": dice.choice([None, "", "A", ORDER_LOST]),
        "product": dice.choice(["juice-330", "other", 'a "quoted", one', "橙汁"]) if wild else "x",
        "reason_kind": None,
        **times,
        **amounts,
        "stops": dice.randint(0, 3),
        "failures": dice.randint(0, 2),
        "flags": dice.choice([0, 1, 4]),
    }


def _amounts(dice: Random, total: float, good: float, *, wild: bool) -> dict[str, float | None]:
    found: dict[str, float | None] = dict.fromkeys(QUANTITY_COLUMNS, 0.0)
    if wild:
        for name in QUANTITY_COLUMNS:
            found[name] = dice.choice([0.0, 0.0, 0.0, dice.random() * 50])
    found |= {
        "total_count": total,
        "good_count": good,
        "reject_count": total - good,
        "rework_count": good * 0.1,
        "ideal_s": total * 1.0,
        "good_ideal_s": good * 1.0,
        "energy_kwh": dice.random() * 30,
    }
    return found
