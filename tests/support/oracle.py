"""The facts in the plainest Python: one loop over seconds. For tests alone; slow and obvious.

Written from the definitions, not from the core. All times are whole seconds, so that a second is
wholly in one state, plan, mode and span; shifts are whole minutes. Roles: state, mode, order,
product, stop_reason, total_count, reject_count (good items are the rest).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time

from calendar_oracle import Said as Planned
from calendar_oracle import plan_by_minute
from counter_oracle import counted, leaps, missed, resets, what_a_counter_shows
from doubt_oracle import Instant, besides
from items_oracle import Key, Second, per_second, replace_counts, shared_out
from reason_oracle import LOST, SECOND, Said, onsets, reason_of_each_second
from silence_oracle import Counter, broken_at, is_known, is_silent, silent, untold

from domain.corrections import Correction, CorrectionKind
from domain.frames import ORDER_LOST, REASON_LOST
from domain.plant import Plant
from domain.states import STOP_STATES


@dataclass
class Row:
    """One row of facts: an hour with one plan, mode, order, product and kind of reason."""

    seconds: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    total: float = 0.0
    reject: float = 0.0
    total_unknown: float = 0.0
    ideal_s: float = 0.0
    ideal_unknown_s: float = 0.0
    besides: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    stops: int = 0
    failures: int = 0


@dataclass
class Told:
    """All that a line's one machine told."""

    states: Said
    spans: Sequence[tuple[datetime, datetime]]
    totals: Sequence[tuple[datetime, float]] = ()
    rejects: Sequence[tuple[datetime, float]] = ()
    modes: Said = ()
    orders: Said = ()
    products: Said = ()
    reasons: Said = ()
    corrections: Sequence[Correction] = ()


def rows(plant: Plant, told: Told, start: datetime, end: datetime) -> dict[Key, Row]:
    """What FACTS of the plant's line should hold, by local hour and keys."""
    line = plant.lines["l1"]
    told = replace(
        told,
        **{
            name: what_holds(getattr(told, name))
            for name in ("states", "modes", "orders", "products", "reasons")
        },
        **{name: what_a_counter_shows(getattr(told, name)) for name in ("totals", "rejects")},
    )
    result: dict[Key, Row] = defaultdict(Row)
    seconds = [*_seconds(plant, told, start, end)]
    for second in seconds:
        result[second.key].seconds[second.state] += 1
    cycles = [line.ideal_cycle_time_s or 1.0]  # of all that the line may make
    for product in plant.products.values():
        cycles += [product.ideal_cycle_time_s, *(it.ideal_cycle_time_s for it in product.changes)]
    counts = {"total_count": told.totals, "reject_count": told.rejects}
    shared = {
        role: shared_out(seconds, it, counted(it, min(cycles))) for role, it in counts.items()
    }
    totals, rejects = (per_second(seconds, it) for it in shared.values())
    by_hand: set[int] = set()
    for correction in told.corrections:
        if correction.kind is CorrectionKind.QUANTITY:
            replace_counts(seconds, totals, rejects, correction)
            by_hand |= {
                i for i, it in enumerate(seconds) if correction.start <= it.at < correction.end
            }
    for second, total, reject in zip(seconds, totals, rejects, strict=True):
        row = result[second.key]
        row.total += total
        row.reject += reject
        if second.state == "unknown":
            row.total_unknown += total
            row.ideal_unknown_s += total * _cycle_time_s(plant, second)
        else:
            row.ideal_s += total * _cycle_time_s(plant, second)
    found = _besides(plant, told, seconds, cycles, shared, totals)
    found |= _silences(told, seconds, min(cycles), by_hand, totals)
    for column, amounts in found.items():
        for index, amount in amounts.items():
            if not column.startswith("reject") or index not in by_hand:
                result[seconds[index].key].besides[column] += amount
    stopped = [second.state in STOP_STATES for second in seconds]
    failing = [
        second.state == "fault" or (second.state in STOP_STATES and second.key[5] == "breakdown")
        for second in seconds
    ]
    recut = [c for c in told.corrections if c.kind in (CorrectionKind.SPLIT, CorrectionKind.MERGE)]
    merges = [c for c in recut if c.kind is CorrectionKind.MERGE]
    instants = [second.at for second in seconds]
    for index in onsets(instants, stopped, line.chatter_s, recut):
        result[seconds[index].key].stops += 1
    for index in onsets(instants, failing, line.chatter_s, merges):
        result[seconds[index].key].failures += 1
    return dict(result)


def _besides(
    plant: Plant,
    told: Told,
    seconds: Sequence[Second],
    cycles: list[float],
    shared: dict[str, list[dict[int, float]]],
    totals: list[float],
) -> dict[str, dict[int, float]]:
    """What may have been counted besides, or belong elsewhere, by second."""
    may = {
        role: shared_out(seconds, it, missed(it, min(cycles)))
        for role, it in (("total_count", told.totals), ("reject_count", told.rejects))
    }
    leaping = leaps(told.totals, min(cycles))
    leapt = [it for it, leap in zip(may["total_count"], leaping, strict=True) if leap]
    return besides(_instants(plant, seconds, cycles), shared, may, leapt, totals)


def _silences(
    told: Told,
    seconds: Sequence[Second],
    cycle_s: float,
    by_hand: set[int],
    totals: Sequence[float],
) -> dict[str, dict[int, float]]:
    """The seconds in which each count was not heard, or was silent for a moment. Good items follow
    from the two others, in each stretch from the one that was silent for longer."""
    stretches = _stretches(told, seconds)
    produced = [it.state == "producing" for it in seconds]
    may = [
        it.state == "producing" or (it.state == "unknown" and it.plan != "busy") for it in seconds
    ]
    place = {it.at: index for index, it in enumerate(seconds)}
    counters = [
        Counter(
            [place[at] for at, _ in counts],
            resets(counts, cycle_s),
            stands_still,
            broken_at(told.spans, counts, seconds[0].at),
        )
        for counts, stands_still in ((told.totals, False), (told.rejects, True))
    ]
    total, reject = (silent(stretches, may, produced, it) for it in counters)
    is_open = [it.state == "unknown" and it.plan == "busy" for it in seconds]
    unjudged = untold(stretches, totals, is_open, told.spans, seconds[0].at, counters[1])
    judged = (reject.unheard | unjudged) - by_hand
    parts = [(total.unheard & {*it}, judged & {*it}) for it in stretches]
    good = {second for it in parts for second in max(it, key=len)}
    found = {
        "total_unheard_s": total.unheard,
        "good_unheard_s": good,
        "reject_unheard_s": judged,
        "total_quiet_s": total.quiet,
        "reject_quiet_s": reject.quiet - by_hand,
    }
    return {name: dict.fromkeys(it, 1.0) for name, it in found.items()}


def _stretches(told: Told, seconds: Sequence[Second]) -> list[range]:
    """Time in which nothing changes that facts are kept by, and no correction begins or ends."""
    cuts = {at for it in told.corrections for at in (it.start, it.end)}
    begins = [0]
    for index in range(1, len(seconds)):
        says = [
            (it.key, it.plan, it.shift, it.state == "unknown", it.is_product_lost, it.is_silent)
            for it in seconds[index - 1 : index + 1]
        ]
        if says[0] != says[1] or seconds[index].at in cuts:
            begins.append(index)
    return [range(*it) for it in zip(begins, [*begins[1:], len(seconds)], strict=True)]


def _instants(plant: Plant, seconds: Sequence[Second], cycles: list[float]) -> list[Instant]:
    found = []
    before: Second | None = None
    for it in seconds:
        slices = [(one.key[0], one.plan, one.shift) for one in (it, before or it)]
        cycle_s = _cycle_time_s(plant, it)
        found.append(
            Instant(
                it.state,
                it.plan == "busy",
                slices[0] != slices[1],
                cycle_s,
                min(cycles) if it.product_unsure else cycle_s,
                max(cycles) if it.product_unsure else cycle_s,
                it.key[2] == "maintenance",
            )
        )
        before = it
    return found


def what_holds(said: Said) -> Said:
    """One value an instant. Of several things said at one instant those that only repeat what was
    said before yield; where several are left, nothing is known."""
    found: list[tuple[datetime, str | None]] = []
    before: set[str | None] = set()
    for instant in sorted({when for when, _ in said}):
        values = {None if text == "unknown" else text for when, text in said if when == instant}
        before = {value for value in values if value not in before} or values
        found.append((instant, next(iter(before)) if len(before) == 1 else None))
    return found


def _seconds(plant: Plant, told: Told, start: datetime, end: datetime) -> Sequence[Second]:
    calendar = plant.lines["l1"].calendar
    plans = plan_by_minute(calendar, frozenset(), plant.zone, start, end) if calendar else {}
    states, modes, orders, products = (
        _held(said, start, end) for said in (told.states, told.modes, told.orders, told.products)
    )
    first_mode, first_order, first_product = (
        min((when for when, _ in said), default=end)
        for said in (told.modes, told.orders, told.products)
    )
    for index, mode in enumerate(modes):
        at = start + index * SECOND
        maintained = mode is None and at >= first_mode  # it may be
        if not is_known(told.spans, at) or maintained:
            states[index] = "unknown"
        if maintained:
            modes[index] = "unknown"
    states = [state or "unknown" for state in states]
    chatter_s = plant.lines["l1"].chatter_s
    reasons = reason_of_each_second(
        told.reasons, told.corrections, states, start, chatter_s, told.totals
    )
    found = []
    at = start
    for index, state in enumerate(states):
        said = reasons[index]
        if at == start or at.second == 0:  # both change with a minute
            wall = at.astimezone(plant.zone)
            hour = wall.replace(minute=0, second=0).astimezone(UTC)
            planned = plans[at.replace(second=0)] if calendar else Planned("busy")
        key = (
            hour,
            planned.plan,
            modes[index],
            ORDER_LOST if orders[index] is None and at >= first_order else orders[index],
            products[index] or "",
            None if said is None else _kind(plant, said),
        )
        lost = products[index] is None and at >= first_product
        silent = is_silent(told.spans, at, plant.lines["l1"].stale_after_s)
        shift = (planned.shift, planned.shift_start)
        found.append(Second(at, planned.plan, state, key, shift, lost, silent))
        at += SECOND
    return found


def _held(said: Said, start: datetime, end: datetime) -> list[str | None]:
    """What was said last, in each second. Nothing is said before `start`."""
    texts = dict(said)
    found: list[str | None] = []
    text: str | None = None
    at = start
    while at < end:
        text = texts.get(at, text)
        found.append(text)
        at += SECOND
    return found


def _kind(plant: Plant, text: str) -> str:
    if text == LOST:
        return REASON_LOST
    for node in plant.reasons.values():
        if text == node.id or text in node.codes:
            return node.kind.value
    return "unplanned"


def _cycle_time_s(plant: Plant, second: Second) -> float:
    product = plant.products.get(second.key[4])
    if product is None:
        return plant.lines["l1"].ideal_cycle_time_s or float("nan")
    found = product.ideal_cycle_time_s
    for change in product.changes:
        if second.at >= datetime.combine(change.since, time(0), tzinfo=plant.zone):
            found = change.ideal_cycle_time_s
    return found
