"""The one list of KPIs: the 34 of ISO 22400-2 in their order, then those that others use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from analytics.kpi_inputs import INPUTS, Source
from analytics.kpi_model import Kpi
from analytics.kpi_registry_output import OUTPUT_KPIS
from analytics.kpi_registry_time import TIME_KPIS
from analytics.kpi_registry_told import TOLD_KPIS
from analytics.kpi_sums import Sums

KPIS: dict[str, Kpi] = {
    kpi.name: kpi
    for kpi in sorted(
        (*TIME_KPIS, *OUTPUT_KPIS, *TOLD_KPIS), key=lambda kpi: (kpi.number is None, kpi.number)
    )
}
# Those that need nothing but what machines tell.
FROM_MACHINES: tuple[str, ...] = tuple(
    name
    for name, kpi in KPIS.items()
    if all(INPUTS[each].source not in (Source.FIGURE, Source.MEASUREMENT) for each in kpi.inputs)
)


# Of each KPI's inputs those that may be missing: states are always there, known or not.
_MAY_LACK: dict[str, tuple[str, ...]] = {
    name: (kpi.index,)
    if kpi.index
    else tuple(each for each in kpi.inputs if INPUTS[each].source is not Source.STATES)
    for name, kpi in KPIS.items()
}
_MAY_BE_ABSENT = tuple(dict.fromkeys(each for names in _MAY_LACK.values() for each in names))


def missing(of: Sums) -> Mapping[str, str]:
    """What each KPI lacks that cannot be computed, as a phrase."""
    absent = frozenset(name for name in _MAY_BE_ABSENT if of.amount(name) is None)
    if not of.cut:
        return _without(absent)
    return {
        name: phrase
        for name in KPIS
        if (phrase := _phrase(_MAY_LACK[name], absent, of.cut)) is not None
    }


@lru_cache(maxsize=64)  # the rows of a line mostly lack the same
def _without(absent: frozenset[str]) -> Mapping[str, str]:
    phrases = {name: _phrase(_MAY_LACK[name], absent, {}) for name in KPIS}
    return {name: phrase for name, phrase in phrases.items() if phrase is not None}


def _phrase(inputs: tuple[str, ...], absent: frozenset[str], cut: Mapping[str, str]) -> str | None:
    needs = [_needs(name) for name in inputs if name in absent and name not in cut]
    phrases = [f"needs {', '.join(dict.fromkeys(needs))}"] if needs else []
    phrases += [cut[name] for name in inputs if name in cut]
    return "; ".join(phrases) or None


def _needs(name: str) -> str:
    """What a KPI says that lacks this input; an index of capability lacks measurements."""
    return INPUTS[name].needs if name in INPUTS else "measurement"
