"""Site visits as texts in the reader's language, and the choices of the form that enters one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.milestones.panel_readings import Agreement, Comparison
from api.http.access.callers import Seen
from api.http.dependencies import Services
from api.http.routes.attachments import names_for
from api.http.routes.visits import withheld_of
from api.i18n import Language
from api.pages import labels
from api.queries.lines import Queries
from api.queries.site_visits import ComparedReading, compared_visits, without_figures
from domain.grants import Project
from domain.plant import Plant, line_called, machine_called
from domain.signals import SIGNALS, SignalKind, signal_named
from domain.site_visits import SiteVisit, VisitWithdrawal
from domain.texts import N_

FORM_READINGS = range(1, 5)  # of one form; a program may send more
_DECIMALS = 2
_READABLE = frozenset({SignalKind.COUNTER, SignalKind.GAUGE})


@dataclass(frozen=True, slots=True)
class ShownReading:
    """`what` is machine and signal; `sealed`: what the series says, in words; `then`: the same as
    it was known when the reading was entered, where that was something else."""

    what: str
    value: str
    read_at: str
    read_by: str
    note: str
    agreement: Agreement
    sealed: str
    then: str | None


@dataclass(frozen=True, slots=True)
class ShownVisit:
    """`is_of_project`: of the whole project, not of the milestone alone; `withdrawn`: by whom, when
    and why, in words; empty where it was not."""

    number: int
    line: str
    kind: str
    visited_at: str
    author: str
    recorded_at: str
    note: str
    is_of_project: bool
    readings: tuple[ShownReading, ...]
    withdrawn: str


@dataclass(frozen=True, slots=True)
class VisitForm:
    """`lines`: id and name; `sources`: of each line's name the values and names of what its panels
    show; `numbers`: of the readings."""

    lines: Sequence[tuple[str, str]]
    sources: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    numbers: Sequence[int] = FORM_READINGS


def shown_visits(
    services: Services,
    seen: Seen,
    plant: Plant,
    project: Project,
    milestone: str,
    language: Language,
) -> list[ShownVisit]:
    """Those of the milestone and of the whole project, the oldest first."""
    queries: Queries = services.queries
    ref = project.reference
    withheld, name = withheld_of(queries, seen, ref), names_for(services, seen, ref)

    def of(it: Comparison) -> str:
        return _sealed(without_figures(it, withheld), plant, language)

    def reading(it: ComparedReading, visit: SiteVisit) -> ShownReading:
        read, line = it.reading, plant.lines.get(visit.line)
        machine = machine_called(line, read.machine, language.tag) if line else read.machine
        return ShownReading(
            f"{machine} · {_signal(read.signal, language)}",
            f"{read.value} {signal_named(read.signal).unit}".strip(),
            language.moment(read.read_at, plant.zone),
            read.read_by if read.read_by == visit.author else name(read.read_by),
            read.note,
            it.now.agreement,
            of(it.now),
            of(it.then) if it.is_late and it.then is not None else None,
        )

    return [
        ShownVisit(
            visit.number,
            line_called(plant, visit.line, language.tag),
            visit.kind.value,
            language.moment(visit.visited_at, plant.zone),
            visit.author,
            language.moment(visit.recorded_at, plant.zone),
            visit.note,
            not visit.milestone,
            tuple(reading(it, visit) for it in compared.readings),
            _withdrawn(visit.withdrawn, plant, language),
        )
        for compared in compared_visits(queries, ref)
        if (visit := compared.visit).milestone in ("", milestone)
    ]


def _withdrawn(it: VisitWithdrawal | None, plant: Plant, language: Language) -> str:
    if it is None:
        return ""
    return language.text(
        N_("Withdrawn on %(moment)s by %(who)s: %(reason)s"),
        moment=language.moment(it.withdrawn_at, plant.zone),
        who=it.author,
        reason=it.reason,
    )


def visit_form(plant: Plant, project: Project, language: Language) -> VisitForm:
    lines, sources = [], []
    for line_id in project.lines:
        line = plant.lines[line_id]
        name = line_called(plant, line_id, language.tag)
        lines.append((line_id, name))
        shown = [
            (
                f"{machine}/{role}",
                f"{machine_called(line, machine, language.tag)} · {_signal(role, language)}",
            )
            for role, machine in line.roles.items()
            if role in SIGNALS and SIGNALS[role].kind in _READABLE
        ]
        sources.append((name, shown))
    return VisitForm(lines, sources)


def _signal(name: str, language: Language) -> str:
    return language.text(labels.SIGNALS[name]) if name in labels.SIGNALS else name


def _sealed(it: Comparison, plant: Plant, language: Language) -> str:
    """The range and the difference, in words; empty where nothing of it is told."""
    if it.low is None or it.high is None or it.before is None:
        return ""
    low, high = (language.number(each, _DECIMALS) for each in (it.low, it.high))
    words = language.text(N_("sealed: %(low)s to %(high)s"), low=low, high=high)
    start = language.moment(it.before, plant.zone)
    if it.after is not None:
        end = language.moment(it.after, plant.zone)
        words += f" ({start} – {end})"
    if it.difference is not None:
        sign = "+" if it.difference > 0 else "−"
        by = sign + language.number(abs(it.difference), _DECIMALS)
        words += " · " + language.text(N_("outside it by %(difference)s"), difference=by)
    return words
