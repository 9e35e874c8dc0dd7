"""Several inputs to one value: ordered `when` cases, and sums of counters.

Both are pure; `Total` remembers what it must to keep a difference of counters from falling.
An input can be not seen yet (None), or seen and not understood (`Unusable`): the first makes a
combination incomplete, the second makes it unknown. Neither can make a case hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from device_profiles.profile import Case, Derived, Term
from device_profiles.values import Unusable
from domain.samples import Quality


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an input (or of a combination): its symbol and how good that is."""

    symbol: str | Unusable
    quality: Quality


Lookup = Callable[[str], Known | None]


def with_derived(derived: Iterable[Derived], lookup: Lookup) -> Lookup:
    """A lookup that also knows derived inputs: each takes the value of the input it chooses."""
    by_name = {item.name: item for item in derived}

    def known(name: str) -> Known | None:
        if name not in by_name:
            return lookup(name)
        chosen = choose(by_name[name].cases, None, known)
        if chosen is None or isinstance(chosen.symbol, Unusable):
            return chosen
        taken = known(chosen.symbol)
        return taken and Known(taken.symbol, max(taken.quality, chosen.quality))

    return known


def choose(cases: Iterable[Case], otherwise: str | None, known: Lookup) -> Known | None:
    """The result of the first case that holds.

    A case fails as soon as one input is known to be something else, whatever the others are. It
    holds when all are known and fit. Otherwise it is open: None (incomplete) where an input
    was never seen, Unusable where one was not understood; later cases are not tried then.
    The quality is the worst of the inputs that decided.
    """
    quality = Quality.GOOD
    for case in cases:
        inputs = [(condition, known(condition.input)) for condition in case.conditions]
        against = [
            item.quality
            for condition, item in inputs
            if item is not None
            and isinstance(item.symbol, str)
            and item.symbol not in condition.symbols
        ]
        if against:
            quality = max(quality, min(against))
            continue
        seen = [item for _, item in inputs if item is not None]
        if len(seen) < len(inputs):
            return None
        quality = max([quality, *(item.quality for item in seen)])
        for item in seen:
            if isinstance(item.symbol, Unusable):
                return Known(item.symbol, quality)
        return Known(case.result, quality)
    if otherwise is None:
        return Known(Unusable("no case holds"), quality)
    return Known(otherwise, quality)


class Total:
    """A sum of counters that goes down only when one of them was reset.

    Good = processed − defective falls for a moment when an item that was counted as processed
    is found defective later, and whoever reads a counter takes a fall for a reset. So a lower
    result is held back until the sum has caught up. When an input itself falls (a reset), the
    others are awaited before anything is given again, lest half a reset show as a jump.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self._weights = {term.input: term.weight for term in terms}
        self._values: dict[str, float] = {}
        self._awaited: set[str] = set()
        self._after_reset = False
        self._last: float | None = None

    def update(self, name: str, value: float) -> float | None:
        """The new sum; None where it is incomplete, held back, or below zero."""
        before = self._values.get(name)
        self._values[name] = value
        if name in self._awaited:
            self._awaited.discard(name)  # the other half of a reset, whether it fell or not
        elif before is not None and value < before:
            self._after_reset = True
            self._awaited |= {it for it, other in self._values.items() if it != name and other}
        if len(self._values) < len(self._weights) or self._awaited:
            return None
        result = weighted_sum(self._weights, self._values)
        if result < 0 or (self._last is not None and result < self._last and not self._after_reset):
            return None
        self._after_reset = False
        self._last = result
        return result


def weighted_sum(weights: Mapping[str, float], values: Mapping[str, float]) -> float:
    return sum(weight * values[name] for name, weight in weights.items())
