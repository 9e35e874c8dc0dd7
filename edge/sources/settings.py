"""What the settings of every kind of connection have in common. Knows no protocol, no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult

from domain.errors import InputError

IDENTITY_KEYS = ("user", "password", "password_file", "certificate", "key")
_PASSWORD_MAX = 1_000  # characters


class MissingFileError(InputError):
    """A file that a connection names is not there, or cannot be read: it may come yet."""


@dataclass(frozen=True, slots=True)
class Identity:
    """As whom the agent presents itself: each part may be left out."""

    user: str | None
    password: str | None
    certificate: Path | None
    key: Path | None


def identity_of(connection: Mapping[str, str], where: str) -> Identity:
    """Raises InputError for a file that has no password in it, MissingFileError for one that is
    not there."""
    return Identity(
        user=connection.get("user") or None,
        password=_password(connection, where),
        certificate=existing_file(connection, "certificate", where),
        key=existing_file(connection, "key", where),
    )


def _password(connection: Mapping[str, str], where: str) -> str | None:
    file = existing_file(connection, "password_file", where)
    if file is None:
        return connection.get("password") or None
    if connection.get("password"):
        raise InputError(
            "a password is given, and a file of one",
            where=where,
            todo="Leave out 'password' or 'password_file'.",
        )
    try:
        with file.open(encoding="utf-8") as opened:
            text = opened.read(_PASSWORD_MAX + 3).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        text, why = "", f" ({error.strerror})" if isinstance(error, OSError) else ""
    else:
        why = ""
    if not 0 < len(text) <= _PASSWORD_MAX or not text.isprintable():
        raise MissingFileError(
            f"'{file}' holds no password{why}",
            where=f"{where}, password_file",
            todo="Write the password alone into the file, on one line, and let the agent read it.",
        )
    return text


def check_nobody_named(url: SplitResult, where: str) -> None:
    """Raises InputError for a URL with credentials: URLs are shown in logs and on pages."""
    if url.username or url.password:
        raise InputError(
            "the url contains a user name or password",
            where=where,
            todo="Give them as 'user' and 'password'.",
        )


def check_keys(connection: Mapping[str, str], keys: Sequence[str], where: str) -> None:
    """Raises InputError for a key that is none of `keys`."""
    unknown = sorted(set(connection) - set(keys))
    if unknown:
        raise InputError(
            f"unknown setting '{unknown[0]}'", where=where, todo=f"Use {', '.join(keys)}."
        )


def existing_folder(connection: Mapping[str, str], name: str, where: str) -> Path | None:
    """The folder that the setting names; None without it. Raises MissingFileError where none
    is."""
    if not connection.get(name):
        return None
    path = Path(connection[name])
    if not path.is_dir():
        raise MissingFileError(
            f"the folder '{path}' does not exist",
            where=f"{where}, {name}",
            todo="Correct the path, or make the folder.",
        )
    return path


def existing_file(connection: Mapping[str, str], name: str, where: str) -> Path | None:
    """The path that the setting names; None without it. Raises MissingFileError where no file
    is."""
    if not connection.get(name):
        return None
    path = Path(connection[name])
    if not path.is_file():
        raise MissingFileError(
            f"the file '{path}' does not exist", where=f"{where}, {name}", todo="Correct the path."
        )
    return path
