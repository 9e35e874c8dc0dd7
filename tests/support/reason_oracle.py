"""The reason of each second of a line, and where stops begin, in the plainest Python. For tests
alone.

Written from the words of docs/decisions/0009 and docs/trust.md, not from the core: second by
second.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from domain.corrections import Correction, CorrectionKind
from domain.states import STOP_STATES

SECOND = timedelta(seconds=1)
LOST = "\N{REPLACEMENT CHARACTER}"  # a reason that nobody knows
REACH_S = 60  # how soon after its begin a stop may be told its reason
Said = Sequence[tuple[datetime, str | None]]  # None: what cannot be used
Counts = Sequence[tuple[datetime, float]]  # what a counter reads, in the order of time


def reason_of_each_second(
    told: Said,
    corrections: Sequence[Correction],
    states: Sequence[str],
    start: datetime,
    chatter_s: float,
    totals: Counts = (),
) -> list[str | None]:
    """The reason of each second: of the machine, over it of people; both reach back."""
    given = dict(told)
    found: list[str | None] = []
    reason: str | None = None
    is_lost = False
    told_at = 0
    for index, state in enumerate(states):
        before = states[index - 1] if index else "unknown"
        if state == "producing" and before != "producing" and _lasts(states, index, chatter_s):
            reason = LOST if is_lost else None
        at = start + index * SECOND
        since = max(_first_unseen(states, index), told_at)
        may_be_over = index - since >= max(chatter_s, 1) and "unknown" in states[since:index]
        if reason and may_be_over and not _made_nothing(totals, start + since * SECOND, at):
            reason = LOST
        if at in given:
            told_at = index
            is_lost = given[at] is None  # until something is said that can be used
            reason = LOST if is_lost else given[at] or None
        found.append(reason)
    halts = _halts(states, start, chatter_s, corrections)
    for first, end in halts:
        reach = range(first + 1, min(first + REACH_S + 1, end))
        told_at = [index for index in reach if given.get(start + index * SECOND, "") != ""]
        if told_at:
            _reach_back(found, first, told_at[-1], _may_have_begun(states, first, chatter_s))
        if any(when <= start + end * SECOND for when, text in told if text is not None):
            _lose_what_is_cut_off(states, found, (first, end), chatter_s)
    said = [it for it in corrections if it.kind is CorrectionKind.REASON]
    for correction in said:
        begin, end = ((at - start) // SECOND for at in (correction.start, correction.end))
        near = [
            first for first, last in halts if first <= begin < last and begin - first <= REACH_S
        ]
        for index in range(begin, min(end, len(found))):
            found[index] = correction.reason
        if correction.until_stop_ends and begin < len(found):
            for index, is_sure in _goes_on(states, end, chatter_s).items():
                found[index] = correction.reason if is_sure else LOST
        before = [(it.end - start) // SECOND for it in said if it.end <= correction.start]
        for halt in near:
            first, unsure = max([halt, *before]), _may_have_begun(states, halt, chatter_s)
            reason = LOST if unsure else correction.reason
            found[first:begin] = [reason] * (begin - first)
    return found


def _goes_on(states: Sequence[str], entered: int, chatter_s: float) -> dict[int, bool]:
    """The seconds from that one on to which a reason entered then goes on, and whether it is sure.
    Unknown seconds behind what is sure are left out: nothing is counted by reason there."""
    was = states[entered - 1]
    kinds = {was} if was in ("setup", "maintenance") else STOP_STATES
    patience = 1 if was in ("setup", "maintenance") else max(int(chatter_s), 1)
    over = {"producing"} if was == "unknown" else set(states) - kinds - {"unknown"}
    sure, has_seen = was != "unknown", False
    found: dict[int, bool] = {}
    for index in range(entered - 1, len(states)):
        if _run_length(states, index, over) >= patience:
            break
        others = set(states) - kinds
        gap = _run_length(states, index, others)
        ends_here = index + 1 >= len(states) or set(states[index:]) <= others
        sure = sure and gap < patience and not (states[index] in others and ends_here)
        has_seen = has_seen or (not sure and states[index] != "unknown")
        if index >= entered and (sure or has_seen):
            found[index] = sure
    return found


def _run_length(states: Sequence[str], index: int, kinds: Collection[str]) -> int:
    """Of the run of such states around that second; 0 where it is none of them."""
    if states[index] not in kinds:
        return 0
    first = last = index
    while first and states[first - 1] in kinds:
        first -= 1
    while last + 1 < len(states) and states[last + 1] in kinds:
        last += 1
    return last + 1 - first


def _first_unseen(states: Sequence[str], end: int) -> int:
    """The first second up to that one from which on production may be hidden; none, unless
    something else is seen behind."""
    if states[end] in ("producing", "unknown"):
        return end
    first = end
    while first and states[first - 1] in ("producing", "unknown"):
        first -= 1
    return first


def _made_nothing(totals: Counts, start: datetime, end: datetime) -> bool:
    """Whether the counter reads the same before and behind."""
    before = [count for at, count in totals if at <= start]
    behind = [count for at, count in totals if at >= end]
    return bool(before and behind) and before[-1] == behind[0]


def _reach_back(found: list[str | None], first: int, told: int, is_unsure: bool) -> None:
    """What is told in that second holds from the first one of the stop. Where that may have begun
    before, nobody knows; unless the same was told all the time."""
    reason = found[told]
    while is_unsure and told > first and found[told - 1] == reason:
        told -= 1
    found[first:told] = [LOST if is_unsure else reason] * (told - first)


def _may_have_begun(states: Sequence[str], first: int, chatter_s: float) -> bool:
    """Whether a stop that begins with that second may have begun before, in hidden time."""
    return "unknown" in _chatter_seconds(states, first - 1, -1, chatter_s)


def _lose_what_is_cut_off(
    states: Sequence[str], found: list[str | None], stop: tuple[int, int], chatter_s: float
) -> None:
    """Where the stop went on in hidden time, a reason may have been told there that reaches
    back."""
    first, end = stop
    if end - first <= REACH_S and "unknown" in _chatter_seconds(states, end, 1, chatter_s):
        found[first:end] = [LOST] * (end - first)


def _chatter_seconds(states: Sequence[str], index: int, step: int, chatter_s: float) -> list[str]:
    """The states of the seconds from that one on, or backwards, in which a stop may be joined to
    another one; at least one."""
    places = range(index, index + step * max(int(chatter_s), 1), step)
    return [states[it] if 0 <= it < len(states) else "unknown" for it in places]


def _halts(
    states: Sequence[str], start: datetime, chatter_s: float, corrections: Sequence[Correction]
) -> list[tuple[int, int]]:
    """Stops as they are counted, setups and maintenance: first second, and the one behind."""
    instants = [start + index * SECOND for index in range(len(states))]
    recut = [c for c in corrections if c.kind in (CorrectionKind.SPLIT, CorrectionKind.MERGE)]
    stopped = [state in STOP_STATES for state in states]
    begins = sorted(onsets(instants, stopped, chatter_s, recut))
    found = []
    for first, following in zip(begins, [*begins[1:], len(states)], strict=False):
        last = max(index for index in range(first, following) if stopped[index])
        found.append((first, last + 1))
    stops = list(found)
    for alone in ("setup", "maintenance"):
        for index, state in enumerate(states):
            is_first = state == alone and (index == 0 or states[index - 1] != alone)
            if is_first and not any(first <= index < end for first, end in stops):
                rest = states[index:]
                length = next((n for n, it in enumerate(rest) if it != alone), len(rest))
                found.append((index, index + length))
    return found


def _lasts(states: Sequence[str], first: int, chatter_s: float) -> bool:
    """Whether production that begins with that second is more than chatter."""
    seconds = int(chatter_s)
    return list(states[first : first + seconds]) == ["producing"] * seconds


def onsets(
    instants: Sequence[datetime],
    held: Sequence[bool],
    apart_s: float,
    corrections: Sequence[Correction],
) -> list[int]:
    """Where it begins, told once if it was interrupted for less than `apart_s`."""
    found = []
    ended: int | None = None
    for index, holds in enumerate(held):
        before = index > 0 and held[index - 1]
        if holds and not before and (ended is None or index - ended >= apart_s):
            found.append(index)
        if before and not holds:
            ended = index
    for correction in corrections:
        inside = [i for i in found if correction.start <= instants[i] < correction.end]
        place = next((i for i, at in enumerate(instants) if at == correction.start), None)
        if place is None:
            continue
        if correction.kind is CorrectionKind.SPLIT:
            if held[place] and place not in found:
                found.append(place)
        else:
            going = held[place] and place not in inside
            for index in inside if going else inside[1:]:
                found.remove(index)
    return found
