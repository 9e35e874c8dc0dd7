"""Plant files as they are written on a page: what is wrong with a text, what it would change, and
saving it as a version. The way is that of `lineproof apply` (`api.records.applied_files`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.records.applied_files import GivenFile, apply_given, check_fits, check_given, given_file
from api.records.plant_limits import PlantLimits, check_limits, line_of
from domain.errors import InputError
from domain.plant import Plant
from domain.texts import N_
from domain.yaml_text import all_wrong, load_yaml
from store.files.plant import PlantFile
from store.registry.plant_saves import PlantSave
from store.registry.registry import Registry

FILE = "plant.yaml"  # as sentences call the text
PLANT_TEXT_MAX = 200_000  # characters
NOTE_MAX = 1_000
WRONG_MAX = 20  # that are told at once


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong, and the line of the text that it is about; None: none of them."""

    line: int | None
    error: InputError


@dataclass(frozen=True, slots=True)
class Looked:
    """`wrong`: empty where the text can be saved; then `given` is what was read of it."""

    wrong: Sequence[Wrong]
    given: GivenFile | None = None

    @property
    def plant(self) -> Plant | None:
        return self.given.content if self.given and isinstance(self.given.content, Plant) else None


def text_of_form(text: str) -> str:
    r"""As it was written: forms end lines by \r\n.

    >>> text_of_form("plant: a\r\nlines: {}")
    'plant: a\nlines: {}\n'
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain if plain.endswith("\n") or not plain else f"{plain}\n"


def plant_in_force(registry: Registry, plant: str) -> tuple[int, str, Plant]:
    """Number, text and content of the plant's file. Raises NotFoundError."""
    latest = registry.plant_saves.versions(plant)
    number = latest[0].number if latest else 0
    text = registry.plant_saves.text(plant, number)
    return number, text, registry.plants.read(text)


def looked_at(registry: Registry, plant: str, text: str, limits: PlantLimits) -> Looked:
    """What is wrong with the text as the next version of that plant's file: everything of its form,
    or the first thing that does not fit."""
    try:
        return Looked((), _read(registry, plant, text, limits))
    except InputError as error:
        return Looked(_all_wrong(text, error)[:WRONG_MAX])


def save_plant(
    registry: Registry,
    plant: str,
    text: str,
    save: PlantSave,
    now: datetime,
    limits: PlantLimits,
) -> list[str]:
    """Make it the next version; what changed, in sentences. The text in force changes nothing.

    Raises InputError where it is refused, ChangedMeanwhileError where somebody else saved a version
    since its author began; then nothing is changed.
    """
    if not save.note.strip():
        raise InputError(N_("it is not said why"), where="note", todo=N_("Say it in a few words."))
    if len(save.note) > NOTE_MAX:
        raise InputError(
            N_("the note has %(count)s characters"),
            where="note",
            todo=N_("Keep it within %(most)s."),
            values={"count": len(save.note), "most": NOTE_MAX},
        )
    return apply_given(registry, [_read(registry, plant, text, limits)], now, save)


def _read(registry: Registry, plant: str, text: str, limits: PlantLimits) -> GivenFile:
    """Raises InputError."""
    if len(text) > PLANT_TEXT_MAX:
        raise InputError(
            N_("the text has more than %(most)s characters"),
            where=FILE,
            todo=N_("Apply so large a file by 'lineproof apply'."),
            values={"most": f"{PLANT_TEXT_MAX:,}"},
        )
    given = given_file(text, FILE)
    if not isinstance(given.content, Plant):
        raise InputError(
            N_("this is a grant file"),
            where=f"{FILE}, line 1",
            todo=N_("Grants are applied by the node."),
        )
    if given.content.id != plant:
        raise given.places.error(
            ("plant",),
            N_("this is the page of the plant '%(plant)s'"),
            N_("A plant keeps its name; another one is applied by 'lineproof apply'."),
            {"plant": plant},
        )
    check_limits(given.content, plant_in_force(registry, plant)[2], given.places, limits)
    check_given([given])
    check_fits(registry, [given])
    return given


def _all_wrong(text: str, first: InputError) -> list[Wrong]:
    """`first`: what the text was refused for."""
    errors = [first]
    if len(text) <= PLANT_TEXT_MAX:
        try:
            value, lines = load_yaml(text, FILE)
        except InputError:
            value = None
        if isinstance(value, dict) and "plant" in value:
            errors = all_wrong(PlantFile, value, lines) or errors
    return [Wrong(line_of(it), it) for it in errors]
