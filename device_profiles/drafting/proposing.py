"""A mapping to signals from what was seen, with a reason for each proposal. Pure.

What is proposed is for people to check: a wrong proposal that looks sure does more harm than none.
So a value becomes a signal only by its name or its unit; how it moved makes that surer or less so,
and stands alone only where a single value moved so. No code ever becomes `producing` here: only who
knows the machine can say which one does. The same values give the same proposals, in any order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from device_profiles.drafting.candidates import Candidate, Looked, candidates, looked_at
from device_profiles.drafting.naming import is_no_result, is_quality, is_word_of_bits
from device_profiles.drafting.seen import Place, SeenValue
from device_profiles.drafting.sums import with_sums
from device_profiles.drafting.writable import writable
from domain.signals import SIGNALS, SignalKind
from domain.states import MachineMode, MachineState
from domain.texts import one_line

CORE = ("state", "total_count", "good_count", "reject_count")
CODES_MAX = 60  # that are written down of one value
CODE_MAX = 200  # characters; a longer text is no code
_COUNTS = ("total_count", "good_count")
_OF_A_METER = ("energy", "power")  # which may stand beside the machine
_NAMED_MAX = 4  # of values that are named in a sentence
_OWN_WORDS = {"state": MachineState.names(), "mode": MachineMode.names()}


@dataclass(frozen=True, slots=True)
class SeenCode:
    """A code that was `seen`, or that the machine only names; `text`: what it calls it."""

    code: str
    text: str
    seen: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """`codes`: of a state or mode, None where it speaks in Lineproof's own words; `rivals`: values
    that may be meant as well."""

    signal: str
    looked: Looked
    reasons: tuple[str, ...]
    unit: str | None
    codes: tuple[SeenCode, ...] | None
    rivals: tuple[SeenValue, ...]


@dataclass(frozen=True, slots=True)
class Proposals:
    """`undecided`: what could not be told, a sentence each; `others`: values that are no signal."""

    chosen: tuple[Proposal, ...]
    undecided: tuple[str, ...]
    others: tuple[SeenValue, ...]


def name_of(value: SeenValue) -> str:
    """As people find it at the machine, on one line."""
    return one_line("/".join(value.place.names))


def proposals(values: Sequence[SeenValue]) -> Proposals:
    """What the values may be; in the order of `domain.signals.SIGNALS`."""
    told = [it for it in values if it.moments]
    named = writable(told)
    own = [it for it in named if not is_quality(it.place.names[-1])]
    looked = [looked_at(it) for it in sorted(own, key=_order)]
    found = with_sums(looked, [it for one in looked for it in candidates(one)])
    home, apart, undecided = _home(found)
    found = [it for it in found if _is_in(apart, it.looked.value) or it.signal in _OF_A_METER]
    found.sort(
        key=lambda it: (-it.score, not _is_in(home, it.looked.value), _order(it.looked.value))
    )
    chosen: dict[str, Candidate] = {}
    taken: set[Place] = set()
    for it in found:
        if it.signal not in chosen and it.looked.value.place not in taken:
            chosen[it.signal] = it
            taken.add(it.looked.value.place)
    free = [it for it in looked if it.value.place not in taken and _is_in(apart, it.value)]
    for moved, why in (_counter_by_movement(chosen, free), _state_by_movement(chosen, free)):
        if moved is not None:
            chosen[moved.signal] = moved
            taken.add(moved.looked.value.place)
        undecided += [why] if why else []
    made = tuple(
        _proposal(chosen[signal], [it for it in found if it.looked.value.place not in taken])
        for signal in SIGNALS
        if signal in chosen
    )
    undecided += [f"{it.signal} may also be {_named(it.rivals)}" for it in made if it.rivals]
    others = tuple(it.value for it in looked if it.value.place not in taken)
    return Proposals(made, tuple(undecided), others)


def _order(value: SeenValue) -> tuple[int, str]:
    """Short paths first; then by their text."""
    return len(value.place.names), repr(value.place)


def _home(found: Sequence[Candidate]) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    """The part of the machine that has most of it, as names from the top; the outermost part around
    it beside which another one looks like a machine, too; and what to say of that."""
    home: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    undecided: list[str] = []
    while True:
        core: dict[str, dict[str, int]] = {}
        for it in found:
            names = it.looked.value.place.names
            if it.signal in CORE and len(names) > len(home) + 1 and _is_in(home, it.looked.value):
                best = core.setdefault(names[len(home)], {})
                best[it.signal] = max(best.get(it.signal, 0), it.score)
        if not core:
            return home, apart, undecided
        ranked = sorted(core, key=lambda it: (-sum(core[it].values()), it))
        home = (*home, ranked[0])
        machines = [it for it in ranked if "state" in core[it] and len(core[it]) > 1]
        if len(machines) > 1 and ranked[0] in machines and not apart:
            apart = home
            undecided.append(
                f"several parts look like a machine: {_shortlist(machines)}; this is of "
                f"'{ranked[0]}': name another by --below"
            )


def _is_in(home: tuple[str, ...], value: SeenValue) -> bool:
    return value.place.names[: len(home)] == home


def _counter_by_movement(
    chosen: dict[str, Candidate], free: Sequence[Looked]
) -> tuple[Candidate | None, str]:
    """The one value that counted, where no name says which does."""
    if any(it in chosen for it in _COUNTS):
        return None, ""
    counted = [
        it
        for it in free
        if it.moved.counts
        and it.moved.changes > 1
        and not it.moved.like_clock
        and not is_no_result(it.words)
    ]
    if len(counted) == 1:
        told = ("nothing else counted", counted[0].type, counted[0].moved.told)
        return Candidate("total_count", counted[0], 0, told), ""
    if counted:
        return None, f"no name says which count is which: {_named([it.value for it in counted])}"
    return None, "no count of items was found"


def _state_by_movement(
    chosen: dict[str, Candidate], free: Sequence[Looked]
) -> tuple[Candidate | None, str]:
    """The one value that moved among a few small numbers, where no name says which is the state."""
    if "state" in chosen:
        return None, ""
    words = [it for it in free if is_word_of_bits(it.words)]
    numbers = [it for it in free if it.moved.looks_like_codes and not is_no_result(it.words)]
    codes = [it for it in numbers if it not in words]
    if len(codes) == 1:
        told = ("nothing else looks like a code", codes[0].type, codes[0].moved.told)
        return Candidate("state", codes[0], 0, told), ""
    if codes:
        return None, f"no name says which code is the state: {_named([it.value for it in codes])}"
    if words:
        named = _named([it.value for it in words])
        return None, f"the state may be in the bits of {named}: read them by 'bit'"
    return None, "no state of the machine was found"


def _proposal(it: Candidate, free: Sequence[Candidate]) -> Proposal:
    rivals = [other for other in free if other.signal == it.signal and other.score >= it.score]
    is_coded = SIGNALS[it.signal].kind is SignalKind.STATE
    return Proposal(
        it.signal,
        it.looked,
        it.reasons,
        it.unit,
        _codes(it) if is_coded else None,
        tuple(other.looked.value for other in rivals),
    )


def _codes(it: Candidate) -> tuple[SeenCode, ...] | None:
    """Those that were seen, then those that the machine names besides."""
    seen, texts = it.looked.moved.symbols, it.looked.value.texts
    if not texts and set(seen) <= set(_OWN_WORDS[it.signal]):
        return None
    every = [*seen, *(code for code in texts if code not in seen)]
    codes = [SeenCode(it, texts.get(it, ""), it in seen) for it in every if 0 < len(it) <= CODE_MAX]
    return tuple(codes[:CODES_MAX])


def _named(values: Sequence[SeenValue]) -> str:
    return _shortlist([name_of(it) for it in values])


def _shortlist(names: Sequence[str]) -> str:
    counted = Counter(names)  # names may come twice: a server may give several nodes one
    shown = list(counted)[:_NAMED_MAX]
    more = len(counted) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
