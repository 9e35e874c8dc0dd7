"""Which second made which items, in the plainest Python. For tests alone; slow and obvious.

What a counter counted between two readings was made in the time between them that may have
produced, first of all in planned time; a single item when it was told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.corrections import Correction

Key = tuple[datetime, str, str | None, str | None, str, str | None]


@dataclass
class Second:
    at: datetime
    plan: str
    state: str
    key: Key
    shift: tuple[str, datetime | None]  # of the plan: which, and since when
    is_product_lost: bool  # what was said of it last cannot be used
    is_silent: bool  # for so long that it may be another product

    @property
    def product_unsure(self) -> bool:
        return self.is_product_lost or self.is_silent


def shared_out(
    seconds: Sequence[Second], counts: Sequence[tuple[datetime, float]], amounts: Sequence[float]
) -> list[dict[int, float]]:
    """Of each two readings, which second between them has how much of the amount."""
    place = {second.at: index for index, second in enumerate(seconds)}
    found = []
    for (before, _), (after, _), amount in zip(counts, counts[1:], amounts, strict=False):
        between = range(place[before], place.get(after, len(seconds)))
        running = [i for i in between if seconds[i].state in ("producing", "unknown")]
        planned = [i for i in running if seconds[i].plan == "busy"]
        chosen = planned or running or list(between)
        if after == before:  # at once: told as an item that is counted whole
            chosen = [place[after] - 1] if place.get(after) else []
        elif amount <= 1 and all(seconds[i].state != "unknown" for i in between):
            chosen = list(between)[-1:]  # an item is counted whole, when it is told
        items = dict.fromkeys(between, 0.0)
        found.append(items | {index: amount / len(chosen) for index in chosen})
    return found


def per_second(seconds: Sequence[Second], pairs: Sequence[dict[int, float]]) -> list[float]:
    """The items of each second."""
    found = [0.0] * len(seconds)
    for items in pairs:
        for index, amount in items.items():
            found[index] += amount
    return found


def replace_counts(
    seconds: Sequence[Second],
    totals: Sequence[float],
    rejects: list[float],
    correction: Correction,
) -> None:
    """What a person counted: fewer, in the proportions of what the machine did; more, of the
    items that it took for good ones."""
    mine = [i for i, each in enumerate(seconds) if correction.start <= each.at < correction.end]
    may = [i for i in mine if seconds[i].state in ("producing", "unknown")]
    busy = [i for i in may if seconds[i].plan == "busy"]
    told = sum(rejects[i] for i in mine)
    good = sum(totals[i] - rejects[i] for i in mine)
    amount = correction.amount or 0.0
    chosen = busy or may or mine
    for index in mine:
        if amount > told and good > 1e-6:
            rejects[index] += (amount - told) * (totals[index] - rejects[index]) / good
        elif told > 0:
            rejects[index] *= amount / told
        else:
            rejects[index] = amount / len(chosen) * (index in chosen)
