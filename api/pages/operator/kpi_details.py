"""What stands behind a figure: its formula, its inputs with their amounts, and the method."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.kpi.evaluation import KPIS
from analytics.kpi.formulas.inputs import INPUTS
from analytics.kpi.row_columns import KpiRow
from analytics.kpi.words import KPI_WORDS
from api.documents.kpi_texts import formula_text
from api.i18n import DASH, Language
from domain.texts import N_

_NUMBER = N_("ISO 22400-2, KPI %(number)s")
_NO_NUMBER = N_("Times by ISO 22400-2; the standard has no such KPI")


@dataclass(frozen=True, slots=True)
class KpiDetails:
    """Of one KPI of one row; `inputs`: symbol, what it is, its amount. `source`: the method, which
    is the default one."""

    name: str
    title: str
    meaning: str
    formula: str
    inputs: list[tuple[str, str, str]]
    source: str


def kpi_details(row: KpiRow, name: str, language: Language) -> KpiDetails:
    """Behind the row's KPI of that name."""
    kpi, words = KPIS[name], KPI_WORDS[name]
    number = language.text(_NUMBER, number=kpi.number)
    source = language.text(_NO_NUMBER) if kpi.number is None else number
    return KpiDetails(
        name,
        language.text(words.name),
        language.text(words.meaning),
        formula_text(kpi.formula, language),
        [
            (
                formula_text(INPUTS[it].symbol, language),
                language.text(INPUTS[it].text),
                _amount(row, it, language),
            )
            for it in kpi.inputs
        ],
        source,
    )


def _amount(row: KpiRow, name: str, language: Language) -> str:
    figures = row.figures
    value = figures.get(name, figures["time_elements"].get(name, figures["further"].get(name)))
    unit = INPUTS[name].unit
    if value is None:
        return DASH
    if unit == "s":
        return language.duration(value)
    return language.number(value, 1) + " kWh" if unit == "kWh" else language.number(value)
