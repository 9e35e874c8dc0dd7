"""Where profiles are: the packaged folders and files of one's own. The only reader of files.

A profile is a folder `<vendor>/<model>` with `profile.yaml` and, to be more than a draft,
`recording.jsonl` and `panel.yaml`. A plant file may name such a folder, or a single file of any
name, anywhere on disk instead of a packaged profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from device_profiles.files.consistency import Problem, problems
from device_profiles.files.resolve import resolve
from device_profiles.files.schema import AnyProfile, ProfileFile
from device_profiles.files.yaml_file import yaml_file_text
from device_profiles.model.profile import Profile
from domain.errors import InputError, NotFoundError, suggestion
from domain.texts import N_
from domain.yaml_text import Lines, all_wrong, load_yaml, validate_value

PACKAGED = Path(__file__).parents[1]
FILE_NAME = "profile.yaml"


def names() -> list[str]:
    """The packaged profiles, as plant files name them: `packml/opcua` and so on."""
    return sorted(
        path.parent.relative_to(PACKAGED).as_posix() for path in PACKAGED.glob(f"*/*/{FILE_NAME}")
    )


def file_of(name_or_path: str) -> Path:
    """The file of a packaged profile; or that file itself, whatever it is called; or the
    `profile.yaml` of that folder.

    Raises NotFoundError with the nearest names, or for a path with what is looked for there.
    """
    if name_or_path in names():
        return PACKAGED / name_or_path / FILE_NAME
    path = Path(name_or_path)
    if path.is_dir() and (path / FILE_NAME).is_file():
        return path / FILE_NAME
    if path.is_file():
        return path
    if path.is_dir() or path.suffix in (".yaml", ".yml"):
        raise NotFoundError(
            N_("there is no profile.yaml") if path.is_dir() else N_("there is no such profile"),
            where=name_or_path or ".",
            todo=N_("Give the path of a profile's file, or of a folder with a profile.yaml."),
        )
    _, near = suggestion(name_or_path, names())
    raise NotFoundError(
        N_("unknown device profile '%(name)s'"),
        todo=N_("Did you mean '%(near)s'? Or give the path of a profile's file.")
        if "near" in near
        else N_("Known are: %(known)s. Or give the path of a profile's file."),
        values={"name": name_or_path, **near},
    )


def beside(file: Path, name: str) -> Path:
    """Where a profile's recording or panel readings are: `recording.jsonl` beside a `profile.yaml`,
    `press.recording.jsonl` beside a `press.yaml`."""
    return file.with_name(name if file.name == FILE_NAME else f"{file.stem}.{name}")


def read(name_or_path: str) -> AnyProfile:
    """The profile's model, checked; parameters open. Raises InputError with file, line, field."""
    path = file_of(name_or_path)
    return parse(yaml_file_text(path, N_("the profile")), str(path))


def parse(text: str, file: str) -> AnyProfile:
    """A profile.yaml's text as its model, form and references checked. Raises InputError."""
    value, lines = load_yaml(text, file)
    profile = validate_value(ProfileFile, value, lines).root
    found = sorted(problems(profile), key=lambda problem: lines.at(problem.path))
    if found:
        raise _error(found[0], lines)
    return profile


def all_wrong_with(name_or_path: str) -> list[InputError]:
    """All for which `read` would raise, top to bottom. Raises NotFoundError, and InputError for a
    file that is no YAML."""
    path = file_of(name_or_path)
    value, lines = load_yaml(yaml_file_text(path, N_("the profile")), str(path))
    wrong = all_wrong(ProfileFile, value, lines)
    if wrong:
        return wrong
    found = sorted(
        problems(validate_value(ProfileFile, value, lines).root), key=lambda it: lines.at(it.path)
    )
    return [_error(it, lines) for it in found]


def _error(it: Problem, lines: Lines) -> InputError:
    return lines.error(it.path, it.what, it.todo, it.values)


def load(name_or_path: str, parameters: Mapping[str, str] | None = None) -> Profile:
    """A profile with its parameters filled in.

    Raises NotFoundError for an unknown name, InputError with file, line and field for a profile
    that is wrong, InputError with the parameter for parameters that do not fit.
    """
    return resolve(read(name_or_path), parameters or {})
