"""The one list of KPIs: the 34 of ISO 22400-2 in their order, then those that others use."""

from __future__ import annotations

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


def missing(kpi: Kpi, of: Sums) -> str | None:
    """What the KPI lacks, as a phrase; None where all its inputs are there."""
    if kpi.index is not None:
        return _without_index(kpi.index, of)
    absent = list(
        dict.fromkeys(
            INPUTS[name].needs
            for name in kpi.inputs
            if name not in of.cut and of.amount(name) is None
        )
    )
    phrases = [f"needs {', '.join(absent)}"] if absent else []
    phrases += [of.cut[name] for name in kpi.inputs if name in of.cut]
    return "; ".join(phrases) or None


def _without_index(index: str, of: Sums) -> str | None:
    if index in of.further:
        return None
    return of.cut.get(index, "needs measurement")
