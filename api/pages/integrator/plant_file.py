"""`/plants/{plant}`: the plant's file to write, with what is wrong and what it would change as one
types, its versions, what differs between two, and taking back.

A text is saved only as it was looked at: what it changes was shown, in the language of the reader,
before it holds. Of two who change one file the second is told, and keeps what was typed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from api.http.access.audit_trail import tell
from api.http.access.callers import Seen
from api.http.access.forms import read_form
from api.http.access.refusals import not_allowed
from api.http.bodies import PLANT_BYTES_MAX
from api.http.dependencies import CallerDep, SeenDep, Services, ServicesDep
from api.http.lanes import Lane
from api.i18n import Language
from api.pages.drawing.text_difference import DifferenceRow, difference, side_by_side
from api.pages.refusals import Refusal, refusal_beside_line, refusal_of
from api.pages.render import render
from api.pages.templates import language_of
from api.queries.foreseen_change import ForeseenChange, foreseen
from api.records.plant_editing import (
    NOTE_MAX,
    looked_at,
    plant_in_force,
    save_plant,
    text_of_form,
)
from api.records.plant_limits import PlantLimits
from domain.access import Action, Caller
from domain.errors import InputError, LineproofError
from domain.plant import text_in
from domain.texts import N_
from store.registry.audit import Done, Event
from store.registry.plant_saves import ChangedMeanwhileError, PlantSave, PlantVersion
from store.registry.versions import text_digest

router = APIRouter()
_SHORT = 40_000  # characters that are looked at in a moment


@dataclass
class Outcome:
    """What looking at a text came to. `wrong`: with the line of each; `checked`: its digest, where
    it may be saved so."""

    wrong: list[tuple[int | None, Refusal]] = field(default_factory=list)
    change: ForeseenChange | None = None
    rows: list[DifferenceRow] = field(default_factory=list)
    checked: str = ""


@dataclass
class Editing:
    """What stands in the form. `began_with`: the number of the version that is changed; `taken`:
    of an earlier one that is taken back; `is_typed`: it is not simply what is in force."""

    text: str
    began_with: int
    note: str = ""
    taken: str = ""
    is_typed: bool = False
    refused: Refusal | None = None
    theirs: list[DifferenceRow] = field(default_factory=list)
    status: int = 200


@router.get("/plants")
async def plants_page(
    request: Request, services: ServicesDep, caller: CallerDep, seen: SeenDep
) -> Response:
    plants = await services.lanes.quick.run(lambda: seen.plants(Action.EDIT_PLANT))
    if not plants and not caller.is_open:
        raise not_allowed(caller, Action.EDIT_PLANT)
    if len(plants) == 1:
        return RedirectResponse(f"/plants/{plants[0].id}", status_code=303)
    language = language_of(request)
    rows = [(it.id, text_in(it.company, language.tag), list(it.lines)) for it in plants]
    return render(request, "plants.html", rows=rows)


@router.get("/plants/{plant}")
async def plant_page(
    plant: str,
    request: Request,
    services: ServicesDep,
    caller: CallerDep,
    seen: SeenDep,
    version: int | None = None,
) -> Response:
    """`version`: begin with the text of that one, to take it back."""

    def begun() -> Editing:
        number, text, _ = plant_in_force(services.registry, plant)
        if version is None:
            return Editing(text, number)
        note = language_of(request).text("Back to version %(number)s", number=version)
        return Editing(
            services.registry.plant_saves.text(plant, version), number, note, str(version), True
        )

    editing = await services.lanes.quick.run(begun)
    return await editor_page(plant, request, services, caller, seen, editing)


@router.post("/plants/{plant}")
async def change_plant(
    plant: str, request: Request, services: ServicesDep, caller: CallerDep, seen: SeenDep
) -> Response:
    """`action`: check or save; `text`, `note`, `began_with`; `checked`: the digest of the text that
    was looked at last."""
    fields = await read_form(request, most=PLANT_BYTES_MAX)
    action, text = fields.get("action", ""), text_of_form(fields.get("text", ""))
    editing = Editing(
        text, _number(fields.get("began_with", "")), fields.get("note", ""),
        fields.get("taken", ""), True,
    )  # fmt: skip
    if action == "check":
        return await editor_page(plant, request, services, caller, seen, editing)
    place = f"/plants/{plant}: {action}"
    tell(request, Event(Done.CHANGE, caller.name, place=place))
    try:
        if action != "save":
            raise InputError(f"there is no action '{action}'", todo="Send check or save.")
        is_looked_at = fields.get("checked", "") == text_digest(text)
        await _lane(services, text).run(
            lambda: _save(services, plant, caller, editing, is_looked_at)
        )
    except LineproofError as error:
        tell(request, Event(Done.REFUSED, caller.name, place=place))
        editing.refused = refusal_of(error, language_of(request))
        editing.status = error.http_status
        if isinstance(error, ChangedMeanwhileError):
            await services.lanes.long.run(lambda: _go_on(services, plant, editing))
        return await editor_page(plant, request, services, caller, seen, editing)
    return RedirectResponse(f"/plants/{plant}?saved=1", status_code=303)


@router.post("/plants/{plant}/check")
async def check_plant_text(
    plant: str, request: Request, services: ServicesDep, seen: SeenDep
) -> Response:
    """What is wrong with the text of the form, or what it would change: a part of the page."""
    fields = await read_form(request, most=PLANT_BYTES_MAX)
    text = text_of_form(fields.get("text", ""))
    began_with = _number(fields.get("began_with", ""))

    def found() -> dict[str, Any]:
        return {
            "outcome": outcome_of(services, plant, text, language_of(request)),
            "meanwhile": _meanwhile(services, plant, began_with),
            **_of_grants(seen),
        }

    return render(request, "plant_outcome.html", **await _lane(services, text).run(found))


@router.get("/plants/{plant}/versions/{number}")
async def version_text(plant: str, number: int, services: ServicesDep) -> Response:
    text = await services.lanes.quick.run(lambda: services.registry.plant_saves.text(plant, number))
    saved_as = f'attachment; filename="{plant}-{number}.yaml"'
    return PlainTextResponse(text, headers={"content-disposition": saved_as})


@router.get("/plants/{plant}/difference")
async def difference_page(
    plant: str,
    request: Request,
    services: ServicesDep,
    old: int,
    new: int,
    view: str = "unified",
) -> Response:
    """What differs between two versions, `view`: unified or side."""

    def found() -> list[DifferenceRow]:
        saves = services.registry.plant_saves
        return difference(saves.text(plant, old), saves.text(plant, new))

    rows = await services.lanes.long.run(found)
    return render(
        request, "plant_difference.html", plant=plant, old=old, new=new, rows=rows,
        sides=side_by_side(rows) if view == "side" else None,
    )  # fmt: skip


async def editor_page(
    plant: str,
    request: Request,
    services: Services,
    caller: Caller,
    seen: Seen,
    editing: Editing,
) -> Response:
    """The page with that text in its form, looked at where it is not what is in force."""

    def found() -> dict[str, Any]:
        language = language_of(request)
        versions = services.registry.plant_saves.versions(plant)
        _, _, in_force = plant_in_force(services.registry, plant)
        outcome = outcome_of(services, plant, editing.text, language) if editing.is_typed else None
        return {
            "outcome": outcome,
            "meanwhile": _meanwhile(services, plant, editing.began_with),
            **_of_grants(seen),
            "company": text_in(in_force.company, language.tag),
            "versions": [(it, language.moment(it.applied_at, in_force.zone)) for it in versions],
        }

    shown = await _lane(services, editing.text).run(found)
    return render(
        request,
        "plant_file.html",
        status=editing.status,
        plant=plant,
        editing=editing,
        note_max=NOTE_MAX,
        is_saved="saved" in request.query_params,
        reads_machines=services.looks.is_there,
        # An open node has no forms: nobody is signed in who could send one.
        may_save=not caller.is_open,
        **shown,
    )


def outcome_of(services: Services, plant: str, text: str, language: Language) -> Outcome:
    """Of looking at the text as the plant's next version."""
    _, before, in_force = plant_in_force(services.registry, plant)
    looked = looked_at(services.registry, plant, text, limits_of(services))
    if looked.plant is None:
        return Outcome([(it.line, refusal_beside_line(it.error, language)) for it in looked.wrong])
    queries = services.queries.still()
    change = foreseen(queries, in_force, looked.plant, queries.projects())
    return Outcome([], change, difference(before, text), text_digest(text))


def limits_of(services: Services) -> PlantLimits:
    """Where a text of a page may lead this node."""
    return PlantLimits(services.looks.check, services.profiles.folder)


def _save(
    services: Services, plant: str, caller: Caller, editing: Editing, is_looked_at: bool
) -> None:
    """Raises LineproofError where it is refused."""
    save = PlantSave(caller.name, editing.note.strip(), editing.began_with)
    latest = services.registry.plant_saves.latest(plant).number
    if not is_looked_at and latest == editing.began_with:
        raise InputError(
            N_("this text was not looked at yet"),
            todo=N_("Below stands what it would change: look at it, then save."),
        )
    now, limits = services.queries.now(), limits_of(services)
    save_plant(services.registry, plant, editing.text, save, now, limits)


def _go_on(services: Services, plant: str, editing: Editing) -> None:
    """The form goes on from the version that somebody else saved; what that changed is shown."""
    saves = services.registry.plant_saves
    number, text, _ = plant_in_force(services.registry, plant)
    if any(it.number == editing.began_with for it in saves.versions(plant)):
        editing.theirs = difference(saves.text(plant, editing.began_with), text)
    editing.began_with = number


def _meanwhile(services: Services, plant: str, began_with: int) -> PlantVersion | None:
    """The version in force, where it is a later one than that."""
    latest = services.registry.plant_saves.latest(plant)
    return latest if latest.number > began_with else None


def _of_grants(seen: Seen) -> Mapping[str, Any]:
    """Of milestones that somebody may not see it is told how many."""
    return {"seen_projects": {it.reference for it in seen.projects()}}


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _lane(services: Services, text: str) -> Lane:
    return services.lanes.quick if len(text) <= _SHORT else services.lanes.long
