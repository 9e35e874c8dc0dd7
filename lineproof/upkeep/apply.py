"""Plant and grant files from the disk into the registry: all of the given files, or none of them.

What a file must hold is known by `api.records.applied_files`; here the files are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from api.records.applied_files import (
    GivenFile,
    apply_given,
    check_given,
    given_file,
    unchanged,
)
from device_profiles.files.yaml_file import yaml_file_text
from domain.errors import InputError
from domain.plant import Plant
from lineproof.undefined_names import UndefinedName, undefined_names
from store.node.opening import Stores
from store.registry.registry import Registry
from store.registry.versions import text_digest


def apply_files(registry: Registry, files: Sequence[Path], now: datetime) -> list[str]:
    """Apply the files; what changed, in sentences (empty: nothing did).

    Raises InputError with file, line and field; then nothing was changed, and it says so.
    """
    return apply_given(registry, _read_files(files), now)


def start_with_files(registry: Registry, files: Sequence[Path], now: datetime) -> list[str]:
    """As `apply_files`, for a node that starts with its files again: a plant file that is as it was
    applied last is left alone where people saved later versions of it. Says which."""
    given, says = [], []
    for it in _read_files(files):
        if isinstance(it.content, Plant) and registry.plant_saves.is_overtaken(
            it.content.id, text_digest(it.text)
        ):
            last = registry.plant_saves.versions(it.content.id)[0]
            says.append(
                f"{it.place}: version {last.number}, which was saved on its page, stays in force; "
                f"{it.file} is as it was before. Download the plant file there to have it on disk."
            )
        else:
            given.append(it)
    return says + apply_given(registry, given, now)


def undefined_in(stores: Stores) -> list[UndefinedName]:
    """What machines told before that the plant files, as they are now, do not define."""
    return [
        name
        for plant in stores.registry.plants.all()
        for line in plant.lines.values()
        for name in undefined_names(stores.telemetry, plant, line)
    ]


def check_files(files: Sequence[Path]) -> None:
    """Raises InputError, as `apply_files` would, for what is wrong whatever the registry holds, so
    that no data folder is made for files that cannot be used."""
    _read_files(files)


def _read_files(files: Sequence[Path]) -> list[GivenFile]:
    try:
        given = [given_file(yaml_file_text(it, "the file"), str(it)) for it in files]
        check_given(given)
    except InputError as error:
        raise unchanged(error) from None
    return given
