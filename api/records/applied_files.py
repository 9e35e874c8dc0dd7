"""Plant and grant files into the registry: all of the given files, or none of them.

A file says what it is by its key `plant:` or `project:` on the first level. Every file is checked
against what the registry will hold before the first one is applied, so that an error in the last
one leaves nothing half changed. Plants go before grants. The command line gives texts of files, the
page a text that somebody wrote there: both go this way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.kpi.evaluation import KPIS
from analytics.kpi.formulas.model import RATIO
from device_profiles.files import catalogue
from domain.errors import FileError, InputError, LineproofError, suggestion
from domain.grants import KpiTerms, Project
from domain.plant import IMPORTED, Plant
from domain.texts import N_
from domain.yaml_text import Lines, Path, load_yaml
from store.files.grant import load_grant, read_grant
from store.files.plant import read_plant
from store.files.possible import check_possible
from store.registry.plant_saves import PlantSave
from store.registry.registry import Registry

_NOTHING = N_("Nothing was changed.")
_AND_NOTHING = N_("%(todo)s Nothing was changed.")
_SHARE_MAX = 2.0  # of a target: 200 %


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that was read: its name for errors, its text, and what it is."""

    file: str
    text: str
    content: Plant | Project

    @property
    def place(self) -> str:
        """As the audit calls it."""
        if isinstance(self.content, Plant):
            return f"plant {self.content.id}"
        return f"project {self.content.reference}"

    @property
    def places(self) -> Lines:
        return load_yaml(self.text, self.file)[1]


def given_file(text: str, name: str) -> GivenFile:
    """The text as a plant or a project. Raises InputError with file, line and field."""
    value, _ = load_yaml(text, name)
    keys = set(value) if isinstance(value, dict) else set()
    if "project" in keys:
        project = read_grant(text, name)
        lines = load_grant(text, name)[1]
        check_possible(project, lines)
        _check_units(project, lines)
        return GivenFile(name, text, project)
    if "plant" in keys:
        return GivenFile(name, text, read_plant(text, name))
    raise FileError(
        N_("this is neither a plant file nor a grant file"),
        file=name,
        todo=N_("Begin a plant file with 'plant: <id>', a grant file with 'project: <reference>'."),
    )


def check_given(given: Sequence[GivenFile]) -> None:
    """Raises InputError for what is wrong whatever the registry holds."""
    _check_twice(given)
    plants = [it for it in given if isinstance(it.content, Plant)]
    _check_secrets(plants)
    _check_profiles(plants)


def apply_given(
    registry: Registry,
    given: Sequence[GivenFile],
    now: datetime,
    save: PlantSave | None = None,
) -> list[str]:
    """Apply the files; what changed, in sentences (empty: nothing did). `save`: who saved the one
    plant file of them, where no file gave it.

    Raises InputError with file, line and field, ChangedMeanwhileError where somebody else saved the
    plant since; then nothing was changed, and it says so.
    """
    try:
        check_fits(registry, given)
    except InputError as error:
        raise unchanged(error) from None
    if save is not None:
        (it,) = given
        assert isinstance(it.content, Plant)
        return registry.apply.plant(it.text, it.content, now, file=it.file, save=save)
    ordered = sorted(given, key=lambda it: isinstance(it.content, Project))
    changes: list[str] = []
    all_made = registry.apply.all([(it.text, it.content, it.file) for it in ordered], now)
    for it, made in zip(ordered, all_made, strict=True):
        changes += _told(registry, it.place, made)
    return changes


def check_fits(registry: Registry, given: Sequence[GivenFile]) -> None:
    """Raises InputError for what does not fit to what the registry holds."""
    plants = [it for it in given if isinstance(it.content, Plant)]
    _check_owners(plants, registry.plants.all())
    _check_grants([it for it in given if isinstance(it.content, Project)], plants, registry)


def unchanged(error: InputError) -> InputError:
    """The same, which also says that nothing was changed: in every language, where what to do is
    not said with names in it."""
    if _NOTHING in error.todo:
        return error
    told = error.twin()
    told.todo = f"{error.todo} {_NOTHING}".strip()
    if not error.advice:
        told.advice = _NOTHING
    elif "%(" not in error.advice:
        told.advice, told.values = _AND_NOTHING, {**error.values, "todo": error.advice}
    return told


def _told(registry: Registry, place: str, changes: list[str]) -> list[str]:
    """The changes, told to the audit where there are any."""
    if changes:
        registry.audit.tell_change(place, "file applied")
    return changes


def _check_units(project: Project, lines: Lines) -> None:
    """A share is 0.65, not 65: a target of several hundred per cent lacks its unit."""
    for index, milestone in enumerate(project.milestones):
        terms = milestone.terms
        if not isinstance(terms, KpiTerms) or terms.target is None:
            continue
        if KPIS[terms.metric].unit == RATIO and terms.target > _SHARE_MAX:
            raise lines.error(
                ("milestones", index, "terms", "target"),
                N_("%(metric)s is a share, and a target of %(target)s is %(percent)s"),
                N_("Write %(share)s for %(meant)s."),
                {
                    "metric": terms.metric,
                    "target": f"{terms.target:g}",
                    "percent": f"{terms.target * 100:g} %",
                    "share": f"{terms.target / 100:g}",
                    "meant": f"{terms.target:g} %",
                },
            )


def _check_twice(given: Sequence[GivenFile]) -> None:
    seen: dict[tuple[type, str], str] = {}
    for it in given:
        name = it.content.id if isinstance(it.content, Plant) else it.content.reference
        first = seen.setdefault((type(it.content), name), it.file)
        if first != it.file:
            raise FileError(
                N_("'%(name)s' is described in %(first)s as well"),
                file=it.file,
                todo=N_("Give one of them."),
                values={"name": name, "first": first},
            )


def _check_secrets(plants: Sequence[GivenFile]) -> None:
    """A plant file is kept for ever and handed out with dossiers, as it is."""
    for it in plants:
        assert isinstance(it.content, Plant)
        for line in it.content.lines.values():
            for machine in line.machines.values():
                secret = _secret(machine.connection)
                if secret is not None:
                    raise it.places.error(
                        ("lines", line.id, "machines", machine.id, "connection", secret),
                        N_(
                            "a plant file is evidence that others are handed, so no password may "
                            "stand in it"
                        ),
                        N_(
                            "Write it into a file that the node alone may read, and the path of "
                            "that as 'password_file'. Change the password if others have seen it."
                        ),
                    )


def _secret(connection: Mapping[str, str]) -> str | None:
    """The setting that has a password in it."""
    named = connection.get("url", "").partition("://")[2].rpartition("@")[0]
    return "password" if "password" in connection else "url" if ":" in named else None


def _check_profiles(plants: Sequence[GivenFile]) -> None:
    """Every machine's profile exists and takes the parameters that it is given."""
    for it in plants:
        assert isinstance(it.content, Plant)
        for line in it.content.lines.values():
            for machine in line.machines.values():
                if machine.profile == IMPORTED:
                    continue
                try:
                    catalogue.load(machine.profile, machine.parameters)
                except InputError as error:
                    path = ("lines", line.id, "machines", machine.id, "profile")
                    raise _of_profile(error, path, it.places) from None


def _of_profile(error: InputError, path: Path, places: Lines) -> FileError:
    """What is wrong with a machine's profile or its parameters, where the plant file names it."""
    head = f"{error.where}: {error.what}" if error.where else error.what
    what, values, others = error.message, error.values, 0
    if isinstance(error, FileError) and error.file:
        # The profile's file is wrong: its own sentence, which has a place too, stands in English.
        if error.field:
            what = N_(
                "the profile's file '%(file)s' is wrong in line %(line)s, at the field '%(field)s'"
            )
        elif error.line:
            what = N_("the profile's file '%(file)s' is wrong in line %(line)s")
        else:
            what = N_("the profile's file '%(file)s' cannot be used")
        values = {**values, "file": error.file, "line": error.line, "field": error.field}
        others = error.others
    is_whole = LineproofError(what, values=values).what == head
    in_full = "" if is_whole else head
    return places.error(path, what, error.advice, values, in_full=in_full, others=others)


def _check_owners(plants: Sequence[GivenFile], registered: Sequence[Plant]) -> None:
    """A line's name is its own among all plants, those of the registry and those given."""
    owners = {line: plant.id for plant in registered for line in plant.lines}
    for it in plants:
        assert isinstance(it.content, Plant)
        for line in it.content.lines:
            owner = owners.setdefault(line, it.content.id)
            if owner != it.content.id:
                raise it.places.error(
                    ("lines", line),
                    N_("the plant '%(plant)s' has a line of that name already"),
                    N_("Give this line a name of its own."),
                    {"plant": owner},
                )


def _check_grants(
    grants: Sequence[GivenFile], plants: Sequence[GivenFile], registry: Registry
) -> None:
    """Every project, given or registered, names a plant and lines that there will be."""
    lines = {plant.id: list(plant.lines) for plant in registry.plants.all()}
    new = {it.content.id: it for it in plants if isinstance(it.content, Plant)}
    lines |= {
        plant.id: list(plant.lines) for it in plants if isinstance(plant := it.content, Plant)
    }
    for project in registry.projects.all():
        gone = [line for line in project.lines if line not in lines.get(project.plant, ())]
        if gone and project.plant in new:
            raise new[project.plant].places.error(
                ("lines",),
                N_("the line '%(line)s' is gone, but project %(project)s is funded for it"),
                N_("Keep the line, or change the grant file first."),
                {"line": gone[0], "project": project.reference},
            )
    for it in grants:
        assert isinstance(it.content, Project)
        _check_grant(it, it.content, lines)


def _check_grant(given: GivenFile, project: Project, lines: dict[str, list[str]]) -> None:
    if project.plant not in lines:
        todo, near = suggestion(project.plant, list(lines))
        raise given.places.error(
            ("plant",),
            N_("there is no plant '%(plant)s'"),
            todo or N_("Apply its plant file as well."),
            {"plant": project.plant, **near},
        )
    for index, line in enumerate(project.lines):
        if line not in lines[project.plant]:
            todo, near = suggestion(line, lines[project.plant])
            raise given.places.error(
                ("lines", index),
                N_("the plant '%(plant)s' has no line '%(line)s'"),
                todo,
                {"plant": project.plant, "line": line, **near},
            )
