"""The one list of KPIs: the 34 of ISO 22400-2 in their order, then those that others use."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from functools import lru_cache, reduce

import numpy as np

from analytics.arrays import Flags
from analytics.kpi.formulas.hidden import is_expected
from analytics.kpi.formulas.inputs import INPUTS, Source
from analytics.kpi.formulas.manual_kpis import MANUAL_KPIS
from analytics.kpi.formulas.model import Kpi
from analytics.kpi.formulas.output_kpis import OUTPUT_KPIS
from analytics.kpi.formulas.sums import Sums, is_present
from analytics.kpi.formulas.time_kpis import TIME_KPIS

KPIS: dict[str, Kpi] = {
    kpi.name: kpi
    for kpi in sorted(
        (*TIME_KPIS, *OUTPUT_KPIS, *MANUAL_KPIS), key=lambda kpi: (kpi.number is None, kpi.number)
    )
}
# Those that need no manual input and no measurement.
FROM_MACHINES: tuple[str, ...] = tuple(
    name
    for name, kpi in KPIS.items()
    if all(INPUTS[each].source not in (Source.MANUAL, Source.MEASUREMENT) for each in kpi.inputs)
)


# Of each KPI's inputs those that may be missing: states are always there, known or not.
MAY_LACK: dict[str, tuple[str, ...]] = {
    name: (kpi.index,)
    if kpi.index
    else tuple(each for each in kpi.inputs if INPUTS[each].source is not Source.STATES)
    for name, kpi in KPIS.items()
}
_MAY_BE_ABSENT = tuple(dict.fromkeys(each for names in MAY_LACK.values() for each in names))


def missing(sums: Sums, names: Iterable[str] = _MAY_BE_ABSENT) -> dict[str, Flags]:
    """For each of these inputs, the rows that lack it, or whose window cuts it."""
    found = {}
    for name in names:
        lacking = ~is_present(sums.amount(name))
        if sums.cut:
            lacking = lacking | np.array([name in cut for cut in sums.cut])
        found[name] = np.broadcast_to(lacking, len(sums))
    return found


def lacking(metric: str, absent: Mapping[str, Flags]) -> Flags | bool:
    """The rows for which that KPI cannot be computed. `absent`: of its inputs (`missing`)."""
    return reduce(operator.or_, (absent[name] for name in MAY_LACK[metric]), False)


def unexpected(sums: Sums, metric: str, absent: Mapping[str, Flags]) -> dict[str, Flags]:
    """Of the rows that lack an input of that KPI, those that have no counter for it: where it was
    only not heard, the KPI has bounds, though no value."""
    return {
        name: absent[name] & ~(is_expected(sums, name) & ~is_present(sums.amount(name)))
        for name in MAY_LACK[metric]
    }


def not_computable(sums: Sums, absent: Mapping[str, Flags]) -> list[Mapping[str, str]]:
    """For each row, by KPI that cannot be computed: a phrase that says what it lacks.

    `absent`: of all inputs (`missing`).
    """
    patterns = np.zeros(len(sums), dtype=np.int64)
    for bit, name in enumerate(_MAY_BE_ABSENT):
        patterns |= absent[name].astype(np.int64) << bit
    cuts = sums.cut or [{}] * len(sums)
    return [
        _phrases(pattern, tuple(cut.items()))
        for pattern, cut in zip(patterns.tolist(), cuts, strict=True)
    ]


@lru_cache(maxsize=256)  # the rows of a line mostly lack the same
def _phrases(pattern: int, cut: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    absent = frozenset(name for bit, name in enumerate(_MAY_BE_ABSENT) if pattern >> bit & 1)
    phrases = {name: _phrase(MAY_LACK[name], absent, dict(cut)) for name in KPIS}
    return {name: phrase for name, phrase in phrases.items() if phrase is not None}


def _phrase(inputs: tuple[str, ...], absent: frozenset[str], cut: Mapping[str, str]) -> str | None:
    needs = [_needs(name) for name in inputs if name in absent and name not in cut]
    phrases = [f"needs {', '.join(dict.fromkeys(needs))}"] if needs else []
    phrases += [cut[name] for name in inputs if name in cut]
    return "; ".join(phrases) or None


def _needs(name: str) -> str:
    """What a KPI that lacks this input says it needs; a capability index needs measurements."""
    return INPUTS[name].needs if name in INPUTS else "measurement"
