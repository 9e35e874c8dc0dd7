"""The device profiles of a node: those that the program brings along, those in the node's own
folder, and those that a machine of a plant names by a path.

What is said of a profile is read from its files at every question and kept until one of them
changes, because to decode a recording takes some milliseconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from device_profiles.files import catalogue
from device_profiles.files.schema import AnyProfile
from device_profiles.proving.check import ProfileReport, check
from device_profiles.proving.panel import PANEL, Panel, read_panel
from device_profiles.proving.recording import RECORDING
from domain.errors import InputError, LineproofError, NotFoundError, did_you_mean
from domain.plant import IMPORTED, Line, Plant

_KEPT = 200  # profiles; more are read again


@dataclass(frozen=True, slots=True)
class Proven:
    """What the files of a profile say. `report` and `model` None: `problem` is what is wrong.
    `panel`: what was read off a machine's own display, if anything was. `text`: of its file."""

    model: AnyProfile | None
    report: ProfileReport | None
    panel: Panel | None
    text: str
    problem: LineproofError | None = None


@dataclass(frozen=True, slots=True)
class KnownProfile:
    """`name`: its own, or its file's where that cannot be read. `place`: as a plant file names it.
    `own`: what tells a node's own profile from others of the name; empty for a packaged one.
    `machines`: (line, machine) of those that are read by it."""

    name: str
    place: str
    own: str
    proven: Proven
    machines: tuple[tuple[str, str], ...] = ()


class KnownProfiles:
    """`folder`: where the node keeps profiles of its own, as `<vendor>/<model>/profile.yaml`; None:
    nowhere."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def all(self, lines: Iterable[tuple[Plant, Line]]) -> list[KnownProfile]:
        """Own ones first, then by name. One that cannot be read is among them with its problem."""
        read_by = _machines(lines)
        packaged = catalogue.names()
        places = [it for it in read_by if it not in packaged]
        places += [it for it in self._in_folder() if not _is_there(it, places)]
        known = [*_own_ones(places), *(_known(it, "") for it in packaged)]
        return [replace(it, machines=tuple(read_by.get(it.place, ()))) for it in known]

    def one(self, name: str, own: str, lines: Iterable[tuple[Plant, Line]]) -> KnownProfile:
        """The packaged one of that name, or of own ones that with this `own`. Raises
        NotFoundError."""
        known = self.all(lines)
        for it in known:
            if (it.name, it.own) == (name, own):
                return it
        todo = did_you_mean(name, sorted({it.name for it in known}))
        raise NotFoundError(f"there is no device profile '{name}'", todo=todo)

    def _in_folder(self) -> list[str]:
        if self.folder is None:
            return []
        return sorted(str(it) for it in self.folder.glob(f"*/*/{catalogue.FILE_NAME}"))


def _machines(lines: Iterable[tuple[Plant, Line]]) -> dict[str, list[tuple[str, str]]]:
    """The machines that each profile reads, by how their plant files name it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for _, line in lines:
        for machine in line.machines.values():
            if machine.profile != IMPORTED:
                found.setdefault(machine.profile, []).append((line.id, machine.id))
    return found


def _is_there(file: str, places: Sequence[str]) -> bool:
    """Whether a plant file names that file already, by itself or by its folder."""
    return file in places or str(Path(file).parent) in places


def _own_ones(places: Iterable[str]) -> Iterator[KnownProfile]:
    found = [_known(it, hashlib.sha256(it.encode()).hexdigest()[:8]) for it in places]
    yield from sorted(found, key=lambda it: (it.name, it.place))


def _known(place: str, own: str) -> KnownProfile:
    proven = _proven_in(place)
    name = proven.model.name if proven.model is not None else Path(place).name or place
    return KnownProfile(name, place, own, proven)


def _proven_in(place: str) -> Proven:
    try:
        file = catalogue.file_of(place)
        return _proven(place, file, _as_of(file))
    except InputError as error:
        return Proven(None, None, None, "", error)
    except OSError as error:
        return Proven(None, None, None, "", InputError(str(error)))


def _as_of(file: Path) -> tuple[tuple[int, int], ...]:
    """What changes when one of the profile's files does."""
    files = (file, catalogue.beside(file, RECORDING), catalogue.beside(file, PANEL))
    return tuple(
        (it.stat().st_mtime_ns, it.stat().st_size) if it.is_file() else (0, 0) for it in files
    )


@lru_cache(maxsize=_KEPT)
def _proven(place: str, file: Path, _as_of: tuple[tuple[int, int], ...]) -> Proven:
    return Proven(
        catalogue.read(place),
        check(place),
        read_panel(catalogue.beside(file, PANEL)),
        file.read_text(encoding="utf-8"),
    )
