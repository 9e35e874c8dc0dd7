"""What was counted across gaps and may belong elsewhere, in the plainest Python. For tests alone.

Written from the words of docs/decisions/0009, not from the core: second by second, one counter and
one pair of its readings after the other. A gap is a pair between which a second is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Pairs = Sequence[dict[int, float]]  # of each two readings: the items of each second between them


@dataclass(frozen=True)
class Instant:
    """One second. `cycle_s`: of the product that was told; `quickest_s`, `slowest_s`: what it may
    have been; `begins`: whether a slice (hour, shift, stretch of the plan) begins with it;
    `maintained`: whether the machine was in maintenance by its mode."""

    state: str
    planned: bool
    begins: bool
    cycle_s: float
    quickest_s: float
    slowest_s: float
    maintained: bool = False

    @property
    def may_produce(self) -> bool:
        return self.state in ("producing", "unknown")


@dataclass
class Doubts:
    """By second; what is unsure of a slice's start stands at its first second, of its end at its
    last one."""

    plan_s: dict[int, float] = field(default_factory=dict)
    start_s: dict[int, float] = field(default_factory=dict)
    end_s: dict[int, float] = field(default_factory=dict)
    start_count: dict[int, float] = field(default_factory=dict)
    end_count: dict[int, float] = field(default_factory=dict)


def besides(
    instants: Sequence[Instant],
    counted: dict[str, Pairs],
    missed: dict[str, Pairs],
    leapt: Pairs,
    totals: Sequence[float],
) -> dict[str, dict[int, float]]:
    """By column of FACTS and second. `unsure_plan_s` has two parts: what each counter says, of
    which the larger one holds."""
    total, reject = (_doubts(instants, counted[it]) for it in ("total_count", "reject_count"))
    missed_items = _sums(missed["total_count"])
    found = {
        "total_count_missed": missed_items,
        "implausible_ideal_s": {i: it * instants[i].slowest_s for i, it in missed_items.items()},
        "total_count_implausible": _sums(leapt),
        "reject_count_missed": _sums(missed["reject_count"]),
        "unsure_plan_s_of_total": total.plan_s,
        "unsure_plan_s_of_reject": reject.plan_s,
        "ideal_less_s": {
            i: totals[i] * (it.cycle_s - it.quickest_s)
            for i, it in enumerate(instants)
            if it.planned
        },
        "ideal_more_s": {
            i: totals[i] * (it.slowest_s - it.cycle_s)
            for i, it in enumerate(instants)
            if it.planned
        },
    }
    for name in ("start_s", "end_s", "start_count", "end_count"):
        found[f"unsure_{name}"] = _larger(getattr(total, name), getattr(reject, name))
    return found


def _sums(pairs: Pairs) -> dict[int, float]:
    found: dict[int, float] = {}
    for items in pairs:
        for i, amount in items.items():
            found[i] = found.get(i, 0.0) + amount
    return found


def _doubts(instants: Sequence[Instant], pairs: Pairs) -> Doubts:
    """What one counter says across gaps."""
    found = Doubts()
    for items in pairs:
        is_gap = any(instants[i].state == "unknown" for i in items)
        if is_gap and sum(items.values()) > 0:
            _at_borders(instants, items, found)
            _at_the_plan(instants, items, found)
    return found


def _larger(one: dict[int, float], other: dict[int, float]) -> dict[int, float]:
    return {i: max(one.get(i, 0.0), other.get(i, 0.0)) for i in {*one, *other}}


def _room(instants: Sequence[Instant], items: dict[int, float]) -> dict[int, float]:
    """How many items fit into each second: at ideal speed, or as fast as they were counted."""
    may = [i for i in items if instants[i].may_produce] or list(items)
    at_ideal = sum(1 / instants[i].quickest_s for i in may)
    speed = max(sum(items.values()) / at_ideal, 1.0)
    return {i: speed / instants[i].quickest_s if i in may else 0.0 for i in items}


def _at_borders(instants: Sequence[Instant], items: dict[int, float], found: Doubts) -> None:
    """All that was counted on one side of a border may have been made on the other, if it fits."""
    room = _room(instants, items)
    first, last = min(items), max(items)
    borders = [i for i in items if instants[i].begins and i > first]
    for border in borders:
        made_before = sum(amount for i, amount in items.items() if i < border)
        made_behind = sum(amount for i, amount in items.items() if i >= border)
        room_before = sum(fits for i, fits in room.items() if i < border)
        room_behind = sum(fits for i, fits in room.items() if i >= border)
        moved = max(min(made_behind, room_before), min(made_before, room_behind))
        begin = max([it for it in borders if it < border], default=first)
        end = min([it for it in borders if it > border], default=last + 1)
        before_s = max(instants[i].slowest_s for i in range(begin, border))
        behind_s = max(instants[i].slowest_s for i in range(border, end))
        found.start_count[border] = found.start_count.get(border, 0.0) + moved
        found.start_s[border] = found.start_s.get(border, 0.0) + moved * behind_s
        found.end_count[border - 1] = found.end_count.get(border - 1, 0.0) + moved
        found.end_s[border - 1] = found.end_s.get(border - 1, 0.0) + moved * before_s


def _at_the_plan(instants: Sequence[Instant], items: dict[int, float], found: Doubts) -> None:
    """All that was counted in planned time may have been made outside of it, if it fits, and the
    other way round; and where the product changed, as any of its products. Some methods take
    maintenance out of the plan."""
    planned = [i for i in items if instants[i].planned]
    unmaintained = [i for i in planned if not instants[i].maintained]
    moved = _moved(instants, items, planned)
    if len(unmaintained) < len(planned):
        moved = _larger(moved, _moved(instants, items, unmaintained))
    cycles = [instants[i].cycle_s for i in items]
    for i in planned:
        unsure_s = moved[i] * instants[i].slowest_s + items[i] * (max(cycles) - min(cycles))
        found.plan_s[i] = found.plan_s.get(i, 0.0) + unsure_s


def _moved(
    instants: Sequence[Instant], items: dict[int, float], planned: list[int]
) -> dict[int, float]:
    """By second of the plan, how many items of it may have been made outside it, or come in."""
    room = _room(instants, items)
    inside = sum(items[i] for i in planned)
    outside = sum(items.values()) - inside
    room_inside = sum(room[i] for i in planned)
    room_outside = sum(room.values()) - room_inside
    may = [i for i in planned if room[i] > 0]
    return {
        i: max(
            min(inside, room_outside) * items[i] / inside if inside else 0.0,
            min(outside, room_inside) / len(may) if i in may else 0.0,
        )
        for i in planned
    }
