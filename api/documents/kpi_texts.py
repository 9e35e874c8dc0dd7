"""Formulas and units of KPIs in the reader's language: words inside them are translated."""

from __future__ import annotations

from api.i18n import Language
from domain.texts import N_

UNITS = {
    "1": N_("ratio"),
    "s": N_("s"),
    "items": N_("items"),
    "items/s": N_("items/s"),
    "kWh": N_("kWh"),
    "kWh/item": N_("kWh/item"),
    "events": N_("events"),
    "unit of CM": N_("unit of CM"),
    "unit of the quantity": N_("unit of the quantity"),
    "unit of the measurement": N_("unit of the measurement"),
}
# Words inside formulas and symbols.
_PHRASES = (
    N_(" of the first operation"),
    N_("total energy"),
    N_("average inventory"),
    N_("calendar time"),
    N_("availability"),
    N_("effectiveness"),
    N_("quality ratio"),
)


def formula_text(formula: str, language: Language) -> str:
    """A formula or symbol."""
    for phrase in _PHRASES:
        formula = formula.replace(phrase, language.text(phrase))
    return formula
