"""`/connect`: from a machine's address to a profile that is tried against the machine's own panel,
and to the machine's entry in the plant file.

Each step is a form that carries what was found so far; only what the machine said while it was
tried is kept here, for half an hour. The password is typed in for each step that needs it, and is
in no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.http.access.audit_trail import tell
from api.http.access.callers import Seen
from api.http.access.forms import read_form
from api.http.bodies import BYTES_MAX
from api.http.dependencies import CallerDep, SeenDep, Services, ServicesDep
from api.pages.integrator.plant_file import Editing, editor_page
from api.pages.integrator.signal_rules import signal_word, unit_word
from api.pages.refusals import Refusal, refusal_of
from api.pages.render import render
from api.pages.templates import language_of
from api.queries.connecting.looker import MachineAddress, Proposed, Trial
from api.queries.connecting.panel_comparison import ComparedValue, compared
from api.records.machine_insertion import MachineText, with_line, with_machine
from api.records.own_profiles import save_own_profile
from api.records.plant_editing import plant_in_force
from device_profiles.files import catalogue
from device_profiles.files.schema import AnyProfile
from domain.access import Action, Caller
from domain.errors import InputError, LineproofError
from domain.signals import signal_named
from domain.texts import N_
from store.registry.audit import Done, Event

router = APIRouter()
SECONDS = (5, 10, 20)
BESIDES = ("topic", "group", "node", "device")  # what a connection may need besides its address
_DRAFT_FILE = '"profile.yaml"'  # how an entry names a profile that is not saved yet
_PANEL = "panel_"


@dataclass
class Found:
    """What the page shows besides its forms."""

    status: int = 200
    wrong: Refusal | None = None
    proposed: Proposed | None = None
    trial: Trial | None = None
    panel: list[ComparedValue] = field(default_factory=list)
    saved: Path | None = None


@router.get("/connect")
async def connect_page(
    request: Request, services: ServicesDep, caller: CallerDep, seen: SeenDep
) -> Response:
    return await _page(request, services, caller, seen, {}, Found())


@router.post("/connect")
async def connect(
    request: Request, services: ServicesDep, caller: CallerDep, seen: SeenDep
) -> Response:
    """`action`: look, try, compare, save, or place, which shows the plant file with the machine in
    it, to be saved there."""
    fields = await read_form(request, most=BYTES_MAX)
    action = fields.get("action", "")
    place = f"/connect: {action} {_shown(fields.get('url', ''))} {fields.get('name', '')}".strip()
    work = _ACTIONS.get(action)
    tell(request, Event(Done.CHANGE, caller.name, place=place))
    try:
        if action == "place":
            plant, editing = await run_in_threadpool(_placed, services, seen, fields)
            return await editor_page(plant, request, services, caller, seen, editing)
        if work is None:
            raise InputError(f"there is no action '{action}'", todo="Send it from the page.")
        found = await run_in_threadpool(work, services, caller, fields)
    except LineproofError as error:
        tell(request, Event(Done.REFUSED, caller.name, place=place))
        found = Found(error.http_status, refusal_of(error, language_of(request)))
        found.trial = services.looks.last_trial(caller.name, services.queries.now())
        if action == "look":
            found.trial = None
    if found.proposed is not None:
        fields = _with_proposed(fields, found.proposed)
    return await _page(request, services, caller, seen, fields, found)


def _placed(services: Services, seen: Seen, fields: Mapping[str, str]) -> tuple[str, Editing]:
    """The plant, and its file with the machine in it. Raises LineproofError."""
    plant, _, line = fields.get("where", "").partition("/")
    if plant not in {it.id for it in seen.plants(Action.EDIT_PLANT)}:
        raise InputError(N_("no plant is named"), where="where", todo=N_("Choose a line of one."))
    number, text, _ = plant_in_force(services.registry, plant)
    machine = MachineText.of(fields.get("entry", ""), fields.get("machine", ""))
    fresh = fields.get("line", "").strip()
    new = with_machine(text, line, machine) if line else with_line(text, fresh, machine)
    return plant, Editing(new, number, f"{line or fresh}: {machine.name}", is_typed=True)


def _look(services: Services, caller: Caller, fields: Mapping[str, str]) -> Found:
    with services.looks.one_of(caller.name) as looker:
        return Found(proposed=looker.look(_address(fields, ("security", "user", "password"))))


def _try(services: Services, caller: Caller, fields: Mapping[str, str]) -> Found:
    settings = ("security", "user", "password", *BESIDES)
    with services.looks.one_of(caller.name) as looker:
        trial = looker.try_out(
            _address(fields, settings),
            fields.get("profile", ""),
            _parameters(fields.get("parameters", "")),
        )
    services.looks.keep(caller.name, trial)
    return Found(trial=trial)


def _compare(services: Services, caller: Caller, fields: Mapping[str, str]) -> Found:
    trial = services.looks.last_trial(caller.name, services.queries.now())
    if trial is None:
        raise InputError(
            N_("there is nothing to compare with any more"), todo=N_("Read the machine once more.")
        )
    typed = {
        name.removeprefix(_PANEL): said for name, said in fields.items() if name.startswith(_PANEL)
    }
    return Found(trial=trial, panel=compared(trial, _model(trial.profile), typed))


def _save(services: Services, caller: Caller, fields: Mapping[str, str]) -> Found:
    saved = save_own_profile(
        services.profiles.folder, fields.get("name", "").strip(), fields.get("profile", "")
    )
    trial = services.looks.last_trial(caller.name, services.queries.now())
    return Found(trial=trial, saved=saved)


_ACTIONS: Mapping[str, Callable[[Services, Caller, Mapping[str, str]], Found]] = {
    "look": _look,
    "try": _try,
    "compare": _compare,
    "save": _save,
}


def _address(fields: Mapping[str, str], settings: tuple[str, ...]) -> MachineAddress:
    """Raises InputError for a time that is none."""
    seconds = fields.get("seconds", "")
    if seconds not in map(str, SECONDS):
        raise InputError(N_("no time to look is named"), where="seconds", todo=N_("Choose one."))
    given = {it: fields[it].strip() for it in settings if fields.get(it, "").strip()}
    if fields.get("password"):
        given["password"] = fields["password"]  # as it was typed, spaces and all
    if not fields.get("url", "").strip().startswith("opc.tcp:"):
        given.pop("security", None)
    return MachineAddress(
        fields.get("url", "").strip(), given, fields.get("below", "").strip(), float(seconds)
    )


def _parameters(text: str) -> dict[str, str]:
    """Those written as `name=value`, one a line. Raises InputError for a line that is none."""
    found = {}
    for line in filter(str.strip, text.splitlines()):
        name, equals, value = line.partition("=")
        if not name.strip() or not equals:
            raise InputError(
                N_("a parameter is written as in name=value"),
                where="parameters",
                todo=N_("One a line."),
            )
        found[name.strip()] = value.strip()
    return found


def _model(profile: str) -> AnyProfile:
    """Of the packaged one of that name, or of a text."""
    if profile in catalogue.names():
        return catalogue.read(profile)
    return catalogue.parse(profile, "profile.yaml")


def _with_proposed(fields: Mapping[str, str], proposed: Proposed) -> dict[str, str]:
    """The fields of the forms that follow."""
    parameters = "\n".join(f"{name}={value}" for name, value in proposed.parameters.items())
    return {
        **fields,
        **{it: proposed.connection.get(it, "") for it in BESIDES},
        "profile": proposed.profile or proposed.packaged,
        "parameters": parameters,
        "entry": proposed.entry,
    }


def _shown(url: str) -> str:
    """The address for the audit and for the form, without who signs in there."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{port}{parts.path}" if host else ""


async def _page(
    request: Request,
    services: Services,
    caller: Caller,
    seen: Seen,
    fields: Mapping[str, str],
    found: Found,
) -> Response:
    language = language_of(request)
    kept = {it: fields.get(it, "") for it in ("below", "user", "security", "seconds", *BESIDES)}
    profile, entry = fields.get("profile", ""), fields.get("entry", "")
    if found.saved is not None:
        entry = entry.replace(_DRAFT_FILE, f'"{found.saved.absolute()}"')
    signals = [] if found.trial is None else [it.signal for it in found.trial.decoded]
    shown: dict[str, Any] = {
        "kept": {**kept, "url": _shown(fields.get("url", "")), "entry": entry,
                 "parameters": fields.get("parameters", ""), "profile": profile},
        "machine": fields.get("machine", "") or entry.partition(":")[0].strip('" '),
        "where": fields.get("where", ""), "line": fields.get("line", ""),
        "plants": await services.lanes.quick.run(lambda: seen.plants(Action.EDIT_PLANT)),
        "is_saved": found.saved is not None or fields.get("saved", "") == "1",
        "is_packaged": profile in catalogue.names(),
        "panel_typed": {it: fields.get(f"{_PANEL}{it}", "") for it in signals},
        "words": {it: signal_word(it, language) for it in signals},
        "units": {it: unit_word(signal_named(it).unit, language) for it in signals},
    }  # fmt: skip
    return render(
        request,
        "connect.html",
        status=found.status,
        found=replace(found),
        besides=BESIDES,
        seconds=SECONDS,
        networks=services.looks.networks,
        # An open node has no forms: nobody is signed in who could send one.
        may_connect=not caller.is_open and caller.may(Action.CONNECT),
        signal_word=lambda name: signal_word(name, language),
        **shown,
    )
