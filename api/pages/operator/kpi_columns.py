"""KPI rows as the tables of exports: the figures of the pages, with all their digits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from api.exports.tables import Column, ColumnKind, Table, Value
from api.i18n import Language
from api.pages.labels import FLAGS
from api.pages.operator.kpi_tables import ShownKpis
from domain.texts import N_

# figure → heading, kind, decimals, unit
_Figures = dict[str, tuple[str, ColumnKind, int, str]]
_NUMBER, _SHARE = ColumnKind.NUMBER, ColumnKind.SHARE
KPI_FIGURES: _Figures = {
    "good_count": (N_("Good"), _NUMBER, 0, ""),
    "reject_count": (N_("Rejects"), _NUMBER, 0, ""),
    "availability": (N_("Availability"), _SHARE, 1, ""),
    "effectiveness": (N_("Effectiveness"), _SHARE, 1, ""),
    "quality_ratio": (N_("Quality ratio"), _SHARE, 1, ""),
    "oee": (N_("OEE"), _SHARE, 1, ""),
    "oee_low": (N_("OEE at worst"), _SHARE, 1, ""),
    "oee_high": (N_("OEE at best"), _SHARE, 1, ""),
    "coverage": (N_("Coverage"), ColumnKind.COVERAGE, 1, ""),
    "planned_busy_time_s": (N_("Production time planned"), ColumnKind.DURATION, 0, ""),
    "unknown_time_s": (N_("Unknown time"), ColumnKind.DURATION, 0, ""),
    "energy_kwh": (N_("Energy"), _NUMBER, 1, "kWh"),
}
ENERGY_FIGURES: _Figures = {
    "energy_kwh": (N_("Energy"), _NUMBER, 1, "kWh"),
    "energy_per_good_unit": (N_("Energy per good unit"), _NUMBER, 5, "kWh"),
    "good_count": (N_("Good"), _NUMBER, 0, ""),
    "coverage": (N_("Coverage"), ColumnKind.COVERAGE, 1, ""),
}
QUALITY_FIGURES: _Figures = {
    "quality_ratio": (N_("Quality ratio"), _SHARE, 1, ""),
    "good_count": (N_("Good"), _NUMBER, 0, ""),
    "reject_count": (N_("Rejects"), _NUMBER, 0, ""),
    "coverage": (N_("Coverage"), ColumnKind.COVERAGE, 1, ""),
}


def kpi_table(
    name: str,
    title: str,
    rows: Sequence[ShownKpis],
    language: Language,
    figures: _Figures = KPI_FIGURES,
    note: str = "",
) -> Table:
    """A row for each period."""
    say = language.text
    columns = (
        Column(say(N_("Period"))),
        Column(say(N_("Begin")), ColumnKind.TIME, printed=False),
        Column(say(N_("End")), ColumnKind.TIME, printed=False),
        *(Column(say(word), kind, digits, unit) for word, kind, digits, unit in figures.values()),
        Column(say(N_("Flags of the data")), printed=False),
    )
    return Table(name, title, columns, [_row(it, figures, language) for it in rows], note)


def _row(shown: ShownKpis, figures: _Figures, language: Language) -> tuple[Value, ...]:
    row = shown.row
    return (
        shown.title,
        datetime.fromisoformat(row["start"]),
        datetime.fromisoformat(row["end"]),
        *(row[it] for it in figures),
        language.listed(language.text(FLAGS.get(it, it)) for it in row["flags"]),
    )
