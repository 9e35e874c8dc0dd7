"""From measurements to the capability KPIs of a row: the worst characteristic speaks.

A line is as capable as its least capable characteristic, so the one with the smallest Cpk (or
Ppk, where there is no subgroup) gives the indices, under its name.
"""

from __future__ import annotations

from collections.abc import Mapping

from analytics.spc_capability import INDICES, Capability


def indices(of: Capability) -> dict[str, float]:
    """The indices that could be computed, by the names of the registry."""
    values: dict[str, float | None] = {name: getattr(of, name) for name in INDICES}
    return {name: value for name, value in values.items() if value is not None}


def worst(found: Mapping[str, Capability]) -> str | None:
    """The characteristic that is least capable; None where none has an index."""
    rated = {name: _rating(capability) for name, capability in found.items() if indices(capability)}
    return min(rated, key=lambda name: rated[name], default=None)


def _rating(of: Capability) -> float:
    known = (of.cpk, of.ppk, of.cmk)
    return next((index for index in known if index is not None), float("inf"))
