"""Several inputs to one value: ordered cases, the first that holds wins.

Pure. An input may not have been seen yet (None), which makes a combination incomplete; or it was
seen and not understood (`Unusable`), which makes it unknown. Neither can make a case hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from device_profiles.model.profile import Case, Derived
from device_profiles.model.values import Unusable
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
