"""Why values could not be used, as figures are told of it: machines make up as many reasons as they
like, so the most frequent ones are told by name and the rest as one. Pure."""

from __future__ import annotations

from collections.abc import Mapping

REASONS_MAX = 10
OTHER = "other"


def most_frequent(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Reasons and how often, the most frequent first; what is beyond REASONS_MAX as OTHER."""
    told = sorted(counts.items(), key=lambda it: (-it[1], it[0]))
    rest = sum(count for _, count in told[REASONS_MAX:])
    return told[:REASONS_MAX] + ([(OTHER, rest)] if rest else [])
