"""What a verdict stands on, as the milestone's page shows it: steps of reasoning that can be read
out, the chart and table of every day, the unknown time with machine and reason, corrections.

What the plant keeps confidential stays out: hours and machines are part of the figures, the words
of an agent are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

from analytics.milestones.known_time import KnownDay, KnownTime, Lacking
from analytics.milestones.kpi_terms import TARGET_OF_BASELINE
from analytics.milestones.verdict import ONLY_THESE_SHIFTS
from api.documents.corrections import Reader
from api.documents.source_faults import fault_words
from api.http.dependencies import Services
from api.i18n import DASH, Language
from api.pages import labels
from api.pages.drawing.day_chart import milestone_chart, span_of
from api.pages.flag_meanings import FLAG_MEANINGS
from api.pages.officer.grants import ShownMilestone
from api.pages.officer.terms import days_text, reason_text
from api.pages.operator.waiting import RecordedRow, recorded_rows
from api.queries.milestone_basis import MilestoneBasis, ToldStretch
from api.queries.verdicts import ProjectVerdicts
from domain.grants import DayRange, Reason
from domain.plant import Confidential, Plant, Withheld, machine_called, text_in
from domain.texts import N_

_ONE_DAY = timedelta(days=1)
_TERMS, _WINDOW, _FACTS = N_("Terms"), N_("Window"), N_("Facts")
_VALUE, _TARGET = N_("Value with its bounds"), N_("Against the target")
_ASKED = N_("Clause %(clause)s asks for this: %(what)s.")
_DAYS = N_(
    "The days %(days)s count; %(count)s of them were production days that had ended by %(moment)s."
)
_ALL_KNOWN = N_("%(planned)s of production were planned on them, and all of that time is recorded.")
_PART_KNOWN = N_(
    "%(planned)s of production were planned on them; %(known)s of that time are recorded, and "
    "%(unknown)s are not."
)
_NOT_HEARD = N_(
    "Unknown are %(unknown)s of the %(planned)s planned, most of them on %(line)s from %(start)s "
    "to %(end)s: the machine %(machine)s was not heard."
)
_NOT_COUNTED = N_(
    "For %(unknown)s of the %(planned)s planned nobody knows what was made, most of them on "
    "%(line)s from %(start)s to %(end)s: the counter of the machine %(machine)s told nothing."
)
_MACHINE_UNKNOWN = N_("none is named")
_SILENT = N_("Nothing came, and the agent said nothing of it: it was off or had no network.")
_NOT_IMPORTED = N_("No imported file covers it.")
_COUNTER_SILENT = N_("Its counter told nothing that can be used, though the line produced.")
_STATE_NOT_TOLD = N_("The machine was heard, but what it said of its state cannot be used.")


@dataclass(frozen=True, slots=True)
class ReasoningStep:
    """One step of the way to the verdict; `link`: what on the page bears it out."""

    title: str
    says: tuple[str, ...]
    link: str


@dataclass(frozen=True, slots=True)
class ShownStretch:
    """Unknown time: where it is told, from when to when, how much of the plan it is, which machine
    and why; `day`: its first, for a link."""

    line: str
    line_name: str
    machine: str
    start: str
    end: str
    unknown: str
    lacking: str
    why: tuple[str, ...]
    day: str


@dataclass(frozen=True, slots=True)
class ShownFlag:
    """A flag with what it means and the days on which it was set; `anchor`: its word."""

    anchor: str
    name: str
    means: str
    days: str


@dataclass(frozen=True)
class ShownBasis:
    """`chart`: as `api.pages.drawing.day_chart` gives it, with `strip` (unknown share of each day)
    and `flags` (days with one). `day_rows`: of the table behind it. `more`: stretches that are not
    among those shown."""

    steps: list[ReasoningStep]
    chart: dict[str, Any] | None
    day_rows: list[tuple[str, ...]]
    stretches: list[ShownStretch]
    more: str
    longest: str
    changes: list[str]
    corrections: list[tuple[str, str, RecordedRow]]
    flags: list[ShownFlag]


def shown_basis(
    services: Services,
    withheld: Withheld,
    found: ProjectVerdicts,
    shown: ShownMilestone,
    basis: MilestoneBasis,
    language: Language,
) -> ShownBasis:
    """Of one of the verdicts found; `withheld`: from who asks."""
    verdict, plant = shown.verdict, found.plant
    stretches = [_stretch(it, plant, withheld, language) for it in basis.stretches]
    drawn = milestone_chart(basis.figures, verdict, language, basis.fan) if basis.figures else None
    if drawn and basis.figures and basis.known:
        span = span_of(basis.figures, verdict, basis.fan)
        drawn |= _marks(span, basis.known.by_day)
    return ShownBasis(
        _reasoning(found, shown, basis, language),
        drawn,
        _day_rows(basis, shown, language),
        stretches,
        _more(basis, language),
        _longest(basis, stretches, language),
        [language.sentence(it) for it in basis.changes],
        _corrections(services, withheld, plant, basis, language),
        _flags(shown, basis.known, language),
    )


def _reasoning(
    found: ProjectVerdicts, shown: ShownMilestone, basis: MilestoneBasis, language: Language
) -> list[ReasoningStep]:
    """From the terms to the target. The verdict's own sentences stand in the step they belong to;
    the first that is left is of the value."""
    say, known, verdict = language.text, basis.known, shown.verdict
    of_terms, of_window, of_value = (
        [reason_text(it, language) for it in some] for some in _sorted(verdict.reasons)
    )
    colon = say(N_(": "))
    what = say(N_("; ")).join(f"{name}{colon}{text}" for name, text in shown.terms)
    asked = say(_ASKED, clause=verdict.milestone.clause, what=what)
    steps = [ReasoningStep(say(_TERMS), (asked, *of_terms), "terms")]
    if known:
        moment = language.moment(found.as_of, found.plant.zone)
        days, count = days_text(known.days, language), language.number(known.production_days)
        counting = say(_DAYS, days=days, count=count, moment=moment)
        steps += [
            ReasoningStep(say(_WINDOW), (counting, *of_window), "days"),
            ReasoningStep(say(_FACTS), (_facts(known, language),), "unknown"),
        ]
    if of_value:
        steps.append(ReasoningStep(say(_VALUE), tuple(of_value[:1]), "days" if known else ""))
    means = say(labels.VERDICTS[verdict.status.value][2])
    last = (*of_value[1:], means)
    steps.append(ReasoningStep(say(_TARGET), last, "change" if basis.changes else ""))
    return steps


def _sorted(reasons: Sequence[Reason]) -> tuple[list[Reason], list[Reason], list[Reason]]:
    """Where the target comes from, which shifts count, and all others."""
    of_terms = [it for it in reasons if it.message in TARGET_OF_BASELINE]
    of_window = [it for it in reasons if it.message == ONLY_THESE_SHIFTS]
    return of_terms, of_window, [it for it in reasons if it not in (*of_terms, *of_window)]


def _facts(known: KnownTime, language: Language) -> str:
    planned = _hours(known.planned_s, language)
    if not known.unknown_s:
        return language.text(_ALL_KNOWN, planned=planned)
    return language.text(
        _PART_KNOWN,
        planned=planned,
        known=_hours(known.planned_s - known.unknown_s, language),
        unknown=_hours(known.unknown_s, language),
    )


def _hours(seconds: float, language: Language) -> str:
    return language.text(N_("%(hours)s h"), hours=language.short_number(seconds / 3600))


def _stretch(it: ToldStretch, plant: Plant, withheld: Withheld, language: Language) -> ShownStretch:
    line = plant.lines[it.stretch.line]
    machine = machine_called(line, it.stretch.machine or "", language.tag)
    word = N_("State") if it.stretch.lacking is Lacking.STATE else N_("Items")
    return ShownStretch(
        line.id,
        text_in(line.name, language.tag) or line.id,
        machine or language.text(_MACHINE_UNKNOWN),
        language.moment(it.window.start, plant.zone),
        language.moment(it.window.end, plant.zone),
        _hours(it.stretch.unknown_s, language),
        language.text(word),
        tuple(_why(it, machine, plant, withheld, language)),
        it.window.start.astimezone(plant.zone).date().isoformat(),
    )


def _why(
    it: ToldStretch, machine: str, plant: Plant, withheld: Withheld, language: Language
) -> Iterable[str]:
    if Confidential.RAW_SAMPLES in withheld:
        return
    if it.stretch.lacking is Lacking.COUNT:
        yield language.text(_COUNTER_SILENT)
    elif it.causes:
        for cause in it.causes:
            yield fault_words(machine, cause, language, plant.zone).what
    elif it.is_imported:
        yield language.text(_NOT_IMPORTED)
    else:
        yield language.text(_SILENT if it.is_silent else _STATE_NOT_TOLD)


def _longest(basis: MilestoneBasis, stretches: Sequence[ShownStretch], language: Language) -> str:
    """How much is unknown, and the longest stretch of it."""
    if not stretches or basis.known is None:
        return ""
    it, lacking = stretches[0], basis.stretches[0].stretch.lacking
    alike = [one.unknown_s for one in basis.known.stretches if one.lacking is lacking]
    return language.text(
        _NOT_HEARD if lacking is Lacking.STATE else _NOT_COUNTED,
        unknown=_hours(sum(alike), language),
        planned=_hours(basis.known.planned_s, language),
        line=it.line_name,
        start=it.start,
        end=it.end,
        machine=it.machine,
    )


def _more(basis: MilestoneBasis, language: Language) -> str:
    if not basis.known:
        return ""
    rest = basis.known.stretches[len(basis.stretches) :]
    if not rest:
        return ""
    return language.text(
        N_("%(count)s shorter stretches, together %(time)s, are not listed."),
        count=language.number(len(rest)),
        time=_hours(sum(it.unknown_s for it in rest), language),
    )


def _marks(span: DayRange, days: Sequence[KnownDay]) -> dict[str, Any]:
    """The unknown share of each day, and the days with flags, along the chart."""
    whole = (span.end - span.start).days + 1
    placed = [((it.day - span.start).days / whole, it) for it in days if it.day >= span.start]
    return {
        "strip": [
            {"from": x, "to": x + 1 / whole, "unknown": it.unknown_s / it.planned_s}
            for x, it in placed
            if it.planned_s
        ],
        "flags": [x + 0.5 / whole for x, it in placed if it.flags],
    }


def _day_rows(
    basis: MilestoneBasis, shown: ShownMilestone, language: Language
) -> list[tuple[str, ...]]:
    """Days, value, low, high, planned time, unknown time, flags."""
    if not basis.figures:
        return []
    by_day = {it.day: it for it in basis.known.by_day} if basis.known else {}
    rows: list[tuple[str, ...]] = []
    for it in basis.figures.figures:
        known = by_day.get(it.days.end)
        flags = [language.text(labels.FLAGS[flag]) for flag in known.flags] if known else []
        rows.append(
            (
                days_text(it.days, language),
                shown.show(it.value),
                shown.show(it.low),
                shown.show(it.high),
                _hours(known.planned_s, language) if known else DASH,
                _hours(known.unknown_s, language) if known else DASH,
                language.listed(flags),
            )
        )
    return rows


def _corrections(
    services: Services, withheld: Withheld, plant: Plant, basis: MilestoneBasis, language: Language
) -> list[tuple[str, str, RecordedRow]]:
    """Line, its name, and each correction that holds and touches the days."""
    reader = Reader(withheld, partial(services.registry.pseudonyms.of, plant.id))
    found = []
    for line in dict.fromkeys(line for line, _ in basis.corrections):
        name = text_in(plant.lines[line].name, language.tag) or line
        wanted = {it for of, it in basis.corrections if of == line}
        rows = recorded_rows(services.queries, line, reader, language)
        found += [(line, name, row) for row in rows if row.id in wanted]
    return found


def _flags(shown: ShownMilestone, known: KnownTime | None, language: Language) -> list[ShownFlag]:
    """Those that no finding explains."""
    explained = {it.flag for it in shown.verdict.findings}
    by_flag: dict[str, list[date]] = {}
    for it in known.by_day if known else ():
        for flag in it.flags:
            by_flag.setdefault(flag, []).append(it.day)
    return [
        ShownFlag(
            flag,
            language.text(labels.FLAGS.get(flag, flag)),
            language.text(FLAG_MEANINGS[flag]) if flag in FLAG_MEANINGS else "",
            language.listed(days_text(it, language) for it in _ranges(by_flag.get(flag, []))),
        )
        for flag in shown.verdict.flags
        if flag not in explained
    ]


def _ranges(days: Sequence[date]) -> list[DayRange]:
    """Days in a row as one range each."""
    if not days:
        return []
    breaks = [n for n, (left, right) in enumerate(pairwise(days), 1) if right - left > _ONE_DAY]
    edges = [0, *breaks, len(days)]
    return [DayRange(days[left], days[right - 1]) for left, right in pairwise(edges)]
