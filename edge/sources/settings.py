"""What the settings of every kind of connection have in common. Knows no protocol, no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from domain.errors import InputError


def check_keys(connection: Mapping[str, str], keys: Sequence[str], where: str) -> None:
    """Raises InputError for a key that is none of `keys`."""
    unknown = sorted(set(connection) - set(keys))
    if unknown:
        raise InputError(
            f"unknown setting '{unknown[0]}'", where=where, todo=f"Use {', '.join(keys)}."
        )


def existing_file(connection: Mapping[str, str], name: str, where: str) -> Path | None:
    """The path that the setting names; None without it. Raises InputError where no file is."""
    if not connection.get(name):
        return None
    path = Path(connection[name])
    if not path.is_file():
        raise InputError(
            f"the file '{path}' does not exist", where=f"{where}, {name}", todo="Correct the path."
        )
    return path
