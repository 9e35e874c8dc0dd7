"""`/profiles`: the device profiles that this node knows, and all there is to know of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.documents.profiles import places_of_measurements
from api.http.dependencies import ServicesDep
from api.i18n import Language
from api.pages.integrator.connection_settings import SETTINGS
from api.pages.integrator.signal_rules import signal_rows, signal_word
from api.pages.refusals import Refusal, refusal_of
from api.pages.render import render
from api.pages.templates import language_of
from api.queries.profiles.known_profiles import KnownProfile
from device_profiles.drafting.plant_text import MachineEntry, machine_text
from device_profiles.files.schema import AnyProfile
from device_profiles.proving.check import Level, ProfileReport
from device_profiles.proving.panel import Panel
from domain.plant import text_in
from domain.texts import N_

router = APIRouter()
_ZONE = ZoneInfo("Asia/Hong_Kong")  # of a node that has no plant yet


@router.get("/profiles")
async def profiles_page(request: Request, services: ServicesDep) -> Response:
    language = language_of(request)
    lines = services.queries.lines()
    known = await run_in_threadpool(services.profiles.all, lines)
    return render(
        request,
        "profiles.html",
        profiles=[(it, _title(it, language), _problem(it, language)) for it in known],
        levels=list(Level),
    )


@router.get("/profiles/{vendor}/{model}")
async def profile_page(
    vendor: str, model: str, request: Request, services: ServicesDep, own: str = ""
) -> Response:
    """`own`: of which of the node's own profiles with that name."""
    language = language_of(request)
    lines = services.queries.lines()
    name = f"{vendor}/{model}"
    known = await run_in_threadpool(services.profiles.one, name, own, lines)
    zone = lines[0][0].zone if lines else _ZONE
    return render(
        request,
        "profile.html",
        known=known,
        title=_title(known, language),
        problem=_problem(known, language),
        shown=_shown(known, language, zone),
        zone=zone.key,
    )


def _problem(known: KnownProfile, language: Language) -> Refusal | None:
    """Why it cannot be read."""
    problem = known.proven.problem
    return None if problem is None else refusal_of(problem, language)


def _title(known: KnownProfile, language: Language) -> str:
    model = known.proven.model
    return known.name if model is None else text_in(model.title.texts, language.tag) or known.name


def _shown(known: KnownProfile, language: Language, zone: ZoneInfo) -> dict[str, Any] | None:
    """What the page says of a profile; None: its file cannot be read."""
    model, report = known.proven.model, known.proven.report
    if model is None or report is None:
        return None
    return {
        "model": model,
        "report": report,
        "signals": signal_rows(model, language),
        "measurements": places_of_measurements(model),
        "settings": SETTINGS[model.protocol],
        "entry": _entry(known, model),
        "missing": list(_missing(report, known.proven.panel, language)),
        "panel": _panel_rows(report, known.proven.panel, language, zone),
        "read_by": known.proven.panel.read_by if known.proven.panel else "",
    }


def _entry(known: KnownProfile, model: AnyProfile) -> str:
    """The machine's entry of a plant file, to be filled in."""
    required = {name: "…" for name, it in model.parameters.items() if it.required}
    settings = SETTINGS[model.protocol]
    return machine_text(
        MachineEntry(
            name="machine-1",
            profile=known.place,
            connection={it.name: it.example for it in settings if it.required},
            parameters=required,
            signals=list(model.signals),
        )
    )


def _missing(report: ProfileReport, panel: Panel | None, language: Language) -> Iterator[str]:
    """What stands between the profile and its next level, as `device_profiles.proving.check` has
    it."""

    def named(signals: tuple[str, ...]) -> str:
        return language.listed(signal_word(it, language) for it in signals)

    if report.level is Level.PANEL_VERIFIED:
        return
    if not report.readings:
        yield language.text(N_("There is no recording of a machine yet."))
        return
    if report.silent:
        said = N_("The recording never tells: %(signals)s.")
        yield language.text(said, signals=named(report.silent))
    if report.mismatches:
        yield language.text(N_("What the machine's panel showed contradicts the recording."))
    if panel is None:
        yield language.text(N_("Nobody has read the machine's own panel."))
        return
    if report.simulated:
        yield language.text(N_("The machine is simulated, so it has no panel of its own."))
    if report.unseen:
        said = N_("The panel says nothing of: %(signals)s.")
        yield language.text(said, signals=named(report.unseen))


@dataclass(frozen=True, slots=True)
class PanelRow:
    """What a panel showed of one signal. `decoded`: what the recording says instead, None: the
    same."""

    at: str
    signal: str
    shows: str
    decoded: str | None


def _panel_rows(
    report: ProfileReport, panel: Panel | None, language: Language, zone: ZoneInfo
) -> list[PanelRow]:
    other = {(it.time, it.signal): it.decoded for it in report.mismatches}
    return [
        PanelRow(
            _moment(reading.time, language, zone),
            signal_word(signal, language),
            _value(shows, language),
            _value(other[reading.time, signal], language)
            if (reading.time, signal) in other
            else None,
        )
        for reading in (panel.readings if panel else ())
        for signal, shows in reading.shows.items()
    ]


def _moment(at: datetime, language: Language, zone: ZoneInfo) -> str:
    return f"{language.day(at.astimezone(zone).date())} {language.time(at, zone, seconds=True)}"


def _value(value: str | float | None, language: Language) -> str:
    if value is None:
        return language.text(N_("not known"))
    return value if isinstance(value, str) else f"{value:g}"
