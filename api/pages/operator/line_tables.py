"""The tabs of a line's page as tables for exports: what a tab shows, all of it and no more.

Each tab is read by the functions that the page reads it with, so an export says what the page says,
and leaves out what the page keeps from who asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from api.documents.corrections import Reader
from api.exports.charts import Chart
from api.exports.tables import Column, ColumnKind, Table
from api.http.dependencies import Services
from api.i18n import Language
from api.pages.labels import STATES
from api.pages.operator.kpi_columns import ENERGY_FIGURES, QUALITY_FIGURES, kpi_table
from api.pages.operator.kpi_tables import figures_of, read_energy, read_kpis
from api.pages.operator.line_charts import (
    band_chart,
    causes_chart,
    energy_chart,
    measurement_chart,
    oee_chart,
)
from api.pages.operator.line_corrections import STANDINGS
from api.pages.operator.line_day import LineDay, read_day
from api.pages.operator.line_window import Asked
from api.pages.operator.measurement_tables import (
    PREFIX,
    measurement_studies,
    measurement_tables,
)
from api.pages.operator.stop_tables import causes_of, loss_tables, stop_tables, stops_read
from api.pages.operator.texts import from_to
from api.pages.operator.waiting import recorded_rows
from api.queries.kpis import KpiQuestion, kpi_rows
from api.queries.lines import Queries
from api.queries.live import Live
from api.queries.prices import check_samples
from domain.plant import Confidential, Text, text_in
from domain.texts import N_
from domain.time import Window


@dataclass(frozen=True, slots=True)
class TabParts:
    """What a tab is made of as an export."""

    tables: Sequence[Table]
    charts: Sequence[Chart] = ()


ReadParts = Callable[[Services, Queries, Live, Window, Asked, Language], TabParts]
_WHOLE = N_("The whole time")


def _day(
    services: Services, queries: Queries, live: Live, window: Window, asked: Asked, words: Language
) -> TabParts:
    day = read_day(queries, live, window, words)
    tables = [
        kpi_table(name, title, rows, words)
        for name, (title, rows) in zip(("shifts", "hours"), day.by, strict=True)
    ]
    if day.drawn:
        tables.append(_states(day, words))
    title = words.text(N_("States of the line"))
    return TabParts(tables, band_chart(day, title, _when(window, live, words), words))


def _when(window: Window, live: Live, language: Language) -> str:
    return from_to(window.start, window.end, language, live.zone)


def _states(day: LineDay, language: Language) -> Table:
    assert day.drawn is not None
    return Table(
        "states",
        language.text(N_("States of the line")),
        (
            Column(language.text(N_("Begin")), ColumnKind.TIME),
            Column(language.text(N_("End")), ColumnKind.TIME),
            Column(language.text(N_("Time")), ColumnKind.DURATION),
            Column(language.text(N_("State"))),
            Column(language.text(N_("Reason"))),
        ),
        [
            (
                it.start,
                it.end,
                (it.end - it.start).total_seconds(),
                language.text(STATES[it.state][0]),
                day.reasons.get(it.reason, it.reason) if it.reason else "",
            )
            for it in day.drawn.marks
        ],
    )


def _stops(
    services: Services, queries: Queries, live: Live, window: Window, asked: Asked, words: Language
) -> TabParts:
    check_samples(queries, live.line, window)
    document = stops_read(queries, live, window, words)
    title, when = words.text(N_("What stopped the line")), _when(window, live, words)
    charts = causes_chart(causes_of(document, words), title, when, words)
    return TabParts(stop_tables(document, words), charts)


def _losses(
    services: Services, queries: Queries, live: Live, window: Window, asked: Asked, words: Language
) -> TabParts:
    check_samples(queries, live.line, window)
    return TabParts(loss_tables(queries, live, window, words))


def _quality(
    services: Services, queries: Queries, live: Live, window: Window, asked: Asked, words: Language
) -> TabParts:
    ((row,),) = kpi_rows(queries, [KpiQuestion(live.line, window)])
    title = words.text(N_("Quality ratio"))
    shown = [figures_of(row, words, words.text(_WHOLE))]
    tables = [kpi_table("quality", title, shown, words, QUALITY_FIGURES)]
    charts: list[Chart] = []
    if Confidential.RAW_SAMPLES not in live.withheld:
        check_samples(queries, live.line, window)
        for study in measurement_studies(queries, live.line, window):
            tables += measurement_tables(study, live.zone, words)
            charts += measurement_chart(study, _when(window, live, words), words)
    return TabParts(tables, charts)


def _energy(
    services: Services, queries: Queries, live: Live, window: Window, asked: Asked, words: Language
) -> TabParts:
    found = read_energy(queries, live, window, asked, words)
    title = words.text(N_("Energy"))
    charts = energy_chart(found["rows"], title, _when(window, live, words), words)
    return TabParts([kpi_table("energy", title, _with_whole(found), words, ENERGY_FIGURES)], charts)


def _kpis(
    services: Services, queries: Queries, live: Live, window: Window, asked: Asked, words: Language
) -> TabParts:
    found = read_kpis(queries, live, window, asked, words)
    note = words.text(N_("Figures by ISO 22400-2; the last row is of the whole time"))
    tables = [kpi_table("kpis", words.text(N_("KPIs")), _with_whole(found), words, note=note)]
    title = words.text(N_("Overall equipment effectiveness (OEE)"))
    return TabParts(tables, oee_chart(found["rows"], title, _when(window, live, words), words))


def _with_whole(found: dict[str, Any]) -> list[Any]:
    return [*found["rows"], found["whole"]]


def _corrections(
    services: Services, queries: Queries, live: Live, window: Window, asked: Asked, words: Language
) -> TabParts:
    plant, _ = queries.line(live.line)
    reader = Reader(live.withheld, partial(services.registry.pseudonyms.of, plant.id))
    rows = recorded_rows(queries, live.line, reader, words)
    columns = (
        Column(words.text(N_("Correction"))),
        Column(words.text(N_("Begin")), ColumnKind.TIME),
        Column(words.text(N_("End")), ColumnKind.TIME),
        Column(words.text(N_("Who"))),
        Column(words.text(N_("Entered")), ColumnKind.TIME),
        Column(words.text(N_("Why"))),
        Column(words.text(N_("Standing"))),
        Column(words.text(N_("Number"))),
        Column(words.text(N_("Of which number")), printed=False),
    )
    cells = [
        (
            it.what,
            it.start,
            it.end,
            it.author,
            it.recorded_at,
            it.comment,
            words.text(STANDINGS[it.standing]),
            it.id,
            it.of,
        )
        for it in rows
    ]
    note = words.text(N_("Nothing is ever removed: what is withdrawn stays in the list."))
    title = words.text(N_("What people recorded"))
    return TabParts([Table("corrections", title, columns, cells, note)])


PARTS: dict[str, ReadParts] = {
    "day": _day,
    "stops": _stops,
    "losses": _losses,
    "quality": _quality,
    "energy": _energy,
    "kpis": _kpis,
    "corrections": _corrections,
}
# tab → tables that are always there, with their titles
_CHART_CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "stops": (("causes", N_("What stopped the line")),),
    "energy": (("energy", N_("Energy")),),
    "kpis": (("oee", N_("Overall equipment effectiveness (OEE)")),),
}
_CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "day": (("shifts", N_("Shifts")), ("hours", N_("Hours"))),
    "stops": (("stops", N_("Each stop")), ("causes", N_("What stopped the line"))),
    "losses": (("losses", N_("Where the planned time went")),),
    "quality": (("quality", N_("Quality ratio")),),
    "energy": (("energy", N_("Energy")),),
    "kpis": (("kpis", N_("KPIs")),),
    "corrections": (("corrections", N_("What people recorded")),),
}


def table_choices(
    measurements: dict[str, Text], live: Live, tab: str, language: Language
) -> list[tuple[str, str]]:
    """Name and title of the tables of the tab that a CSV file may be of. `measurements`: the names
    of those of the line."""
    choices = [(name, language.text(title)) for name, title in _CHOICES[tab]]
    return choices + _of_samples(measurements, live, tab, language)


def chart_choices(
    measurements: dict[str, Text], live: Live, tab: str, language: Language
) -> list[tuple[str, str]]:
    """The same of charts."""
    choices = [(name, language.text(title)) for name, title in _CHART_CHOICES.get(tab, ())]
    return choices + _of_samples(measurements, live, tab, language)


def _of_samples(
    measurements: dict[str, Text], live: Live, tab: str, language: Language
) -> list[tuple[str, str]]:
    """What raw samples show to who may see them."""
    if Confidential.RAW_SAMPLES in live.withheld:
        return []
    if tab == "day":
        return [("states", language.text(N_("States of the line")))]
    if tab == "quality":
        return [
            (f"{PREFIX}{it}", text_in(name, language.tag) or it)
            for it, name in measurements.items()
        ]
    return []
