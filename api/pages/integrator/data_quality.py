"""`/data-quality`: of each line what is missing, what could not be used and what came late, by day.

Whoever sees a line sees this of it, without what its plant keeps from them. What was refused
before anybody knew of which line it was, is shown to who may see how the node is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.documents.source_faults import fault_words
from api.http.dependencies import CallerDep, SeenDep, ServicesDep, WithheldDep
from api.i18n import Language
from api.pages.integrator.signal_rules import signal_word
from api.pages.render import render
from api.pages.templates import language_of
from api.queries.data_quality.line_quality import (
    LineQuality,
    MachineQuality,
    Rejected,
    line_quality,
    quality_without,
    rejected_by_line,
)
from api.queries.data_quality.unknown_time import UnknownTime
from api.queries.intake import Intake
from domain.access import Action
from domain.errors import InputError, NotFoundError
from domain.plant import Confidential, Plant, machine_called, text_in
from domain.texts import N_
from domain.time import Window

router = APIRouter()
_GAPS_SHOWN = 50  # of a machine, the longest
_REJECTED_SHOWN = 100  # of a machine, the most frequent
_QUARANTINE_SHOWN = 20
_BYTES_SHOWN = 48
_ZONE = ZoneInfo("Asia/Hong_Kong")  # of a node that has no plant yet
_SILENT = N_("Nothing came, and the agent said nothing of it: it was off or had no network.")
_NOT_IMPORTED = N_("No imported file covers it.")


@router.get("/data-quality")
async def data_quality_page(
    request: Request, services: ServicesDep, seen: SeenDep, caller: CallerDep, day: str = ""
) -> Response:
    """The lines that one sees, and what the node refused."""
    language, queries = language_of(request), services.queries.still()
    lines = seen.lines()
    zone = lines[0][0].zone if lines else _ZONE
    chosen = _day(day, queries.now(), zone)
    window = Window.of_days(chosen, chosen, zone)
    counts = await services.lanes.quick.run(lambda: rejected_by_line(queries, window))
    refused: list[RefusedBatch] = []
    if caller.may(Action.SEE_NODE):
        refused = await run_in_threadpool(
            lambda: list(_refused(services.queries.intake, language, zone))
        )
    return render(
        request,
        "data_quality.html",
        lines=[(line.id, _name(line.name, line.id, language), counts.get(line.id, 0))
               for _, line in lines],
        day=chosen,
        zone=zone.key,
        refused=refused,
    )  # fmt: skip


@router.get("/data-quality/{line}")
async def line_quality_page(
    line: str, request: Request, services: ServicesDep, withheld: WithheldDep, day: str = ""
) -> Response:
    """One line on one local day, today if none is named."""
    language, queries = language_of(request), services.queries.still()
    plant, found = queries.line(line)
    chosen = _day(day, queries.now(), plant.zone)
    window = Window.of_days(chosen, chosen, plant.zone)
    quality = await services.lanes.quick.run(lambda: line_quality(queries, line, window))
    quality = quality_without(quality, withheld)
    return render(
        request,
        "data_quality_of_line.html",
        line=line,
        name=_name(found.name, line, language),
        day=chosen,
        before=chosen - timedelta(days=1),
        after=chosen + timedelta(days=1) if window.end <= queries.now() else None,
        zone=plant.zone.key,
        quality=quality,
        is_kept=Confidential.RAW_SAMPLES in withheld,
        machines=[shown_machine(it, quality, language, plant) for it in quality.machines],
    )


@dataclass(frozen=True, slots=True)
class ShownMachine:
    """`unknown`: how long it was not heard, `share` of the window; `gaps`: (from, until, how long,
    why); `gaps_more`: how many more there are. `signals`: (word, name, values, uncertain, bad,
    last). `rejected`: with the time of the last."""

    name: str
    id: str
    is_imported: bool
    unknown: str
    share: str
    gaps: list[tuple[str, str, str, list[str]]]
    gaps_more: int
    signals: list[tuple[str, str, str, str, str, str]]
    faults: list[tuple[str, str]]
    rejected: list[tuple[Rejected, str]]
    rejected_count: int


def shown_machine(
    it: MachineQuality, quality: LineQuality, language: Language, plant: Plant
) -> ShownMachine:
    """In the reader's language and the plant's zone."""
    zone, whole = plant.zone, quality.window.end - quality.window.start
    longest = sorted(it.unknown, key=lambda gap: gap.window.start - gap.window.end)[:_GAPS_SHOWN]
    name = machine_called(plant.lines[quality.line], it.machine, language.tag)
    words = [fault_words(name, fault, language, zone) for fault in it.faults]
    return ShownMachine(
        name=name,
        id=it.machine,
        is_imported=it.is_imported,
        unknown=language.duration(it.unknown_time.total_seconds()),
        share=language.percent(it.unknown_time / whole if whole else 0.0),
        gaps=[
            _gap(it, gap, quality, language, zone)
            for gap in sorted(longest, key=lambda gap: gap.window.start)
        ],
        gaps_more=max(len(it.unknown) - _GAPS_SHOWN, 0),
        signals=[
            (
                signal_word(row.signal, language),
                row.signal,
                language.number(row.values),
                language.number(row.uncertain),
                language.number(row.bad),
                language.time(row.last, zone, seconds=True),
            )
            for row in it.signals
        ],
        faults=[(said.sentence, said.todo) for said in words],
        rejected=[
            (row, language.time(row.last, zone, seconds=True))
            for row in it.rejected[:_REJECTED_SHOWN]
        ],
        rejected_count=sum(row.count for row in it.rejected),
    )


def _gap(
    it: MachineQuality, gap: UnknownTime, quality: LineQuality, language: Language, zone: ZoneInfo
) -> tuple[str, str, str, list[str]]:
    causes = [fault_words(it.machine, fault, language, zone).what for fault in gap.causes]
    if not causes and Confidential.RAW_SAMPLES not in quality.withheld:
        causes = [language.text(_NOT_IMPORTED if it.is_imported else _SILENT)]
    lasts = (gap.window.end - gap.window.start).total_seconds()
    return (
        language.time(gap.window.start, zone, seconds=True),
        language.time(gap.window.end, zone, seconds=True),
        language.duration(lasts),
        causes,
    )


@dataclass(frozen=True, slots=True)
class RefusedBatch:
    """`begins`: its first bytes, in hex, and what of them can be read."""

    reason: str
    since: str
    size: str
    begins: str
    text: str


def _refused(intake: Intake, language: Language, zone: ZoneInfo) -> Iterator[RefusedBatch]:
    try:
        found = intake.quarantine(_QUARANTINE_SHOWN)
    except NotFoundError:  # the node that runs the collector has it
        return
    for it in found:
        begin = it.first_bytes(_BYTES_SHOWN)
        yield RefusedBatch(
            it.reason,
            language.moment(it.since, zone),
            language.number(it.size),
            begin.hex(" "),
            "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in begin),
        )


def _day(text: str, now: datetime, zone: ZoneInfo) -> date:
    """The local day; today where none is named. Raises InputError for one that is to come."""
    today = now.astimezone(zone).date()
    if not text:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"'{text}' is no day", where="day", todo="Write it as in 2026-03-25."
        ) from None
    if not today - timedelta(days=36_600) <= day <= today:
        raise InputError(f"there are no data of {day} yet", where="day", todo="Choose a past day.")
    return day


def _name(name: dict[str, str], line: str, language: Language) -> str:
    return text_in(name, language.tag) or line
