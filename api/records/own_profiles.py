"""A profile of the node's own, written into its folder. One that is there is never written over."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

from device_profiles.files import catalogue
from domain.errors import BusyError, InputError, StorageError
from domain.texts import N_

TEXT_MAX = 100_000  # characters of a profile
_NAME = re.compile(r"[a-z0-9-]{1,60}/[a-z0-9-]{1,60}")
_NAME_LINE = re.compile(r"^name:.*$", re.MULTILINE)


def save_own_profile(folder: Path | None, name: str, text: str) -> Path:
    """The file, with that name in the text. The same once more changes nothing.

    Raises InputError for a name or profile that is none, BusyError where another profile has the
    name, StorageError where the disk refuses.
    """
    if folder is None:
        raise InputError(N_("this node keeps no profiles of its own"), todo=N_("Copy the profile."))
    if _NAME.fullmatch(name) is None:
        raise InputError(
            N_("'%(name)s' is no name of a profile"),
            where="name",
            todo=N_("Write vendor and model in small letters, digits and -, as in acme/press-7."),
            values={"name": name},
        )
    if name in catalogue.names():
        raise BusyError(
            N_("a packaged profile is called '%(name)s'"),
            todo=N_("Choose another name."),
            values={"name": name},
        )
    if len(text) > TEXT_MAX:
        raise InputError(
            N_("a profile has at most %(most)s characters"),
            where="profile",
            values={"most": f"{TEXT_MAX:,}"},
        )
    whole = named(text, name)
    catalogue.parse(whole, "profile.yaml")
    path = folder / name / catalogue.FILE_NAME
    _write(path, whole, name)
    return path


def named(text: str, name: str) -> str:
    """The profile's text with that name in it.

    >>> named("name: a/b\\nvendor: x\\n", "acme/press")
    'name: acme/press\\nvendor: x\\n'
    """
    lines = text.replace("\r\n", "\n")
    return _NAME_LINE.sub(f"name: {name}", lines, count=1)


def _write(path: Path, text: str, name: str) -> None:
    try:
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_text(text, encoding="utf-8")
        try:
            os.link(beside, path)  # fails where there is one, unlike a rename
        finally:
            beside.unlink()
    except FileExistsError:
        with contextlib.suppress(OSError):
            if path.read_text(encoding="utf-8") == text:
                return
        raise BusyError(
            N_("there is another profile '%(name)s'"),
            todo=N_("Choose another name; none is written over."),
            values={"name": name},
        ) from None
    except OSError as error:
        raise StorageError(
            f"the profile cannot be written ({error.strerror})", where=str(path)
        ) from None
