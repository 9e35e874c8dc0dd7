"""A handover in words: one column for each state of its figures, what was signed first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from analytics.shift_forecast import TargetSource
from api.documents.corrections import Reader
from api.documents.handovers import is_changed
from api.documents.times import local_text
from api.i18n import DASH, Language
from api.pages.labels import STATES
from api.pages.operator.stop_links import stop_link
from api.pages.operator.texts import from_to
from api.queries.handovers import figures_without
from domain.handovers import Handover, HandoverSignature, ShiftFigures, Side
from domain.plant import Line, Plant, machine_called, text_in
from domain.reasons import reason_named
from domain.texts import N_

_SOURCES: dict[str, str] = {
    TargetSource.ORDERS.value: N_("from the orders"),
    TargetSource.PLANT_FILE.value: N_("from the plant file"),
    TargetSource.MILESTONE.value: N_("from the grant"),
}
SIDES: dict[Side, str] = {Side.LEAVING: N_("Leaves"), Side.TAKING_OVER: N_("Takes over")}


@dataclass(frozen=True)
class FigureRow:
    """`values`: one of each column; `differs`: of those the ones that are not as in the first."""

    label: str
    values: tuple[str, ...]
    differs: tuple[bool, ...]


@dataclass(frozen=True)
class StopRow:
    times: str
    duration_s: float
    what: str
    link: str
    is_bare: bool


@dataclass(frozen=True)
class NoteRow:
    """`came_after`: whoever had signed before it was written."""

    author: str
    written: str
    text: str
    device: str
    came_after: str


@dataclass(frozen=True)
class SignatureRow:
    """`author` empty: nobody has signed."""

    side: str
    action: str
    author: str
    signed: str
    device: str
    digest: str


@dataclass(frozen=True)
class ShownHandover:
    """`columns`: over the figures, the first without a word where nobody has signed; `stops`: the
    longest, of each column that has others than the one before."""

    shift: str
    day: str
    times: str
    start: str
    until: str
    is_kept: bool
    is_changed: bool
    columns: tuple[str, ...]
    rows: tuple[FigureRow, ...]
    stops: tuple[tuple[str, tuple[StopRow, ...]], ...]
    is_doubtful: bool
    goes_on: tuple[str, ...]
    waiting: int
    notes: tuple[NoteRow, ...]
    signatures: tuple[SignatureRow, ...]
    shows_notes: bool


def shown_handover(
    plant: Plant, found: Handover, present: ShiftFigures, reader: Reader, language: Language
) -> ShownHandover:
    """`present`: its figures now."""
    zone, window = plant.zone, found.shift.window
    columns = _columns(plant, found, present, reader, language)
    last = found.signatures[-1].figures if found.is_kept else present
    until = datetime.fromisoformat(present["until"])
    return ShownHandover(
        shift=found.shift.name,
        day=language.day(window.start.astimezone(zone).date()),
        times=from_to(window.start, window.end, language, zone),
        start=local_text(window.start, zone),
        until=language.moment(until, zone),
        is_kept=found.is_kept,
        is_changed=bool(found.signatures) and is_changed(found.signatures[-1].figures, present),
        columns=tuple(name for name, _ in columns),
        rows=tuple(_rows([it for _, it in columns], plant.lines[found.shift.line], language)),
        stops=tuple(_stops(columns, found.shift.line, plant, language)),
        is_doubtful=last["reasons"]["is_doubtful"],
        goes_on=tuple(_goes_on(figures_without(last, reader.withheld)["open"], plant, language)),
        waiting=present["open"]["waiting_corrections"],
        notes=tuple(_notes(found, plant, reader, language)),
        signatures=tuple(_signature(found, it, plant, reader, language) for it in Side),
        shows_notes=reader.may_see_reasons,
    )


def _columns(
    plant: Plant, found: Handover, present: ShiftFigures, reader: Reader, language: Language
) -> list[tuple[str, ShiftFigures]]:
    """What was signed, once where both signed the same, and what is known now where it differs."""
    columns: list[tuple[str, ShiftFigures]] = []
    for it in found.signatures:
        clock = language.time(it.signed_at, plant.zone)
        text = language.text(N_("Signed %(time)s"), time=clock)
        if columns and not is_changed(columns[-1][1], it.figures):
            columns.pop()
        columns.append((text, it.figures))
    if not columns or is_changed(columns[-1][1], present):
        columns.append((language.text(N_("Now")) if columns else "", present))
    return [(name, figures_without(it, reader.withheld)) for name, it in columns]


def _rows(columns: list[ShiftFigures], line: Line, language: Language) -> list[FigureRow]:
    made: dict[str, Callable[[ShiftFigures], str]] = {
        language.text(name): value for name, value in _figures(language).items()
    }
    machines = list(dict.fromkeys(it["machine"] for of in columns for it in of["machines"]))
    for name in machines:
        label = language.text(
            N_("Not heard: %(machine)s"), machine=machine_called(line, name, language.tag)
        )
        made[label] = partial(_unheard, machine=name, language=language)
    rows = []
    for label, value in made.items():
        values = tuple(value(it) for it in columns)
        if any(values):
            rows.append(
                FigureRow(
                    label,
                    tuple(it or DASH for it in values),
                    tuple(it != values[0] for it in values),
                )
            )
    return rows


def _figures(language: Language) -> Mapping[str, Callable[[ShiftFigures], str]]:
    number, percent, duration = language.number, language.percent, language.duration

    def of_made(name: str, show: Callable[[Any], str]) -> Callable[[ShiftFigures], str]:
        return lambda it: "" if it["made"][name] is None else show(it["made"][name])

    return {
        N_("Good items"): of_made("good_count", number),
        N_("Target by now"): lambda it: _target_now(it["target"] or {}, language),
        N_("Target at the end"): lambda it: _target(it["target"] or {}, language),
        N_("Rejects"): of_made("reject_count", number),
        N_("OEE"): lambda it: _oee(it["made"], language),
        N_("Availability"): of_made("availability", percent),
        N_("Effectiveness"): of_made("effectiveness", percent),
        N_("Quality ratio"): of_made("quality_ratio", percent),
        N_("Stops"): lambda it: (
            f"{number(it['stops']['count'])} · {duration(it['stops']['duration_s'])}"
        ),
        N_("Stops without a reason"): lambda it: _missing(it["reasons"], language),
        N_("Unknown time"): of_made("unknown_time_s", duration),
        N_("Energy"): of_made("energy_kwh", lambda it: f"{number(it, 1)} kWh"),
    }


def _target_now(target: Mapping[str, Any], language: Language) -> str:
    """Nothing once the shift is over: then it is the target at the end."""
    now = target.get("good_count_now")
    return "" if now is None or now == target["good_count"] else language.number(now)


def _target(target: Mapping[str, Any], language: Language) -> str:
    if target.get("good_count") is None:
        return ""
    return f"{language.number(target['good_count'])} ({language.text(_SOURCES[target['source']])})"


def _oee(made: Mapping[str, Any], language: Language) -> str:
    value, low, high = (language.percent(made[it]) for it in ("oee", "oee_low", "oee_high"))
    if made["oee_low"] is None or low == high:
        return value
    between = language.text(N_("between %(low)s and %(high)s"), low=low, high=high)
    return f"{value} ({between})"


def _missing(reasons: Mapping[str, Any], language: Language) -> str:
    if not reasons["asking"]:
        return ""
    counts = {it: language.number(reasons[it]) for it in ("missing", "asking")}
    share = language.percent(reasons["share"])
    return language.text(N_("%(missing)s of %(asking)s (%(share)s)"), share=share, **counts)


def _unheard(of: ShiftFigures, machine: str, language: Language) -> str:
    seconds = [it["unknown_s"] for it in of["machines"] if it["machine"] == machine]
    return language.duration(seconds[0]) if seconds and seconds[0] else ""


def _stops(
    columns: list[tuple[str, ShiftFigures]], line: str, plant: Plant, language: Language
) -> list[tuple[str, tuple[StopRow, ...]]]:
    shown: list[tuple[str, tuple[StopRow, ...]]] = []
    for name, of in columns:
        rows = tuple(_stop(it, line, plant, language) for it in of["stops"]["longest"])
        if not shown or shown[-1][1] != rows:
            shown.append((name, rows))
    return shown


def _stop(it: Mapping[str, Any], line: str, plant: Plant, language: Language) -> StopRow:
    start, end = (datetime.fromisoformat(it[name]) for name in ("start", "end"))
    state = language.text(STATES[it["state"]][0])
    node = reason_named(plant, it["reason"]) if it["reason"] else None
    reason = (text_in(node.name, language.tag) if node else "") or it["reason"]
    what = f"{state}: {reason}" if reason else state
    link = stop_link(line, start, plant.zone)
    is_bare = it["asks"] and not it["reason"]
    return StopRow(from_to(start, end, language, plant.zone), it["duration_s"], what, link, is_bare)


def _goes_on(of: Mapping[str, Any], plant: Plant, language: Language) -> list[str]:
    said = []
    if of["order"]:
        said.append(language.text(N_("Order %(order)s runs."), order=of["order"]))
    if of["stopped_since"]:
        since = language.time(datetime.fromisoformat(of["stopped_since"]), plant.zone)
        said.append(language.text(N_("The line has stood since %(time)s."), time=since))
    return said


def _notes(found: Handover, plant: Plant, reader: Reader, language: Language) -> list[NoteRow]:
    return [
        NoteRow(
            reader.author(it.author) or "",
            language.moment(it.written_at, plant.zone),
            it.text,
            it.device,
            language.listed(
                [
                    reader.author(by.author) or ""
                    for by in found.signatures
                    if by.signed_at < it.written_at
                ]
            ),
        )
        for it in found.notes
    ]


def _signature(
    found: Handover, side: Side, plant: Plant, reader: Reader, language: Language
) -> SignatureRow:
    it: HandoverSignature | None = found.signed_by(side)
    word = language.text(SIDES[side])
    if it is None:
        return SignatureRow(word, side.value, "", "", "", "")
    return SignatureRow(
        word,
        side.value,
        reader.author(it.author) or DASH,
        language.moment(it.signed_at, plant.zone),
        it.device if reader.may_see_reasons else "",
        it.digest,
    )
