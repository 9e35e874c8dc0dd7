"""Sentences that pages need in more than one place, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from api.i18n import Language
from domain.texts import N_

# With this much of the time known, a gap moves a figure less than it is rounded by, and is no news.
GAP_MATTERS_BELOW = 0.995
_FIGURE = N_("%(value)s, between %(low)s and %(high)s")
_TARGET = N_("%(figure)s, target %(target)s")
_NOTHING = N_("No figure can be computed yet")


def figures_sentence(
    language: Language,
    value: float | None,
    low: float | None,
    high: float | None,
    *,
    target: float | None,
    show: Callable[[float | None], str],
) -> str:
    """A bounds bar in words, for those who do not see it."""
    if value is None and low is None and high is None:
        return language.text(_NOTHING)
    figure = language.text(_FIGURE, value=show(value), low=show(low), high=show(high))
    if target is None:
        return figure
    return language.text(_TARGET, figure=figure, target=show(target))


def worth_warning(flags: Sequence[str], coverage: float | None) -> list[str]:
    """Those flags of a figure that its reader has to be warned of."""
    known = coverage is not None and coverage >= GAP_MATTERS_BELOW
    return [it for it in flags if not (known and it == "gap")]
