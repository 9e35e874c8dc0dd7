"""The text of a YAML file that somebody names: a profile, a plant, a configuration."""

from __future__ import annotations

from pathlib import Path

from domain.errors import FileError
from domain.texts import N_
from domain.yaml_text import FILE_LENGTH_MAX, too_long

_BYTES_MAX = 4 * FILE_LENGTH_MAX  # no character takes more in UTF-8


def yaml_file_text(path: Path, what: str) -> str:
    """The file's text; `what` names it in the sentence, as "the profile". Raises InputError, also
    where it is longer than `domain.yaml_text` takes: of that no more is read."""
    try:
        with path.open("rb") as file:
            data = file.read(_BYTES_MAX + 1)
        if len(data) <= _BYTES_MAX:
            return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None)
        message = N_("%(what)s cannot be read (it is no UTF-8 text)")
        raise FileError(
            N_("%(what)s cannot be read") if reason else message,
            file=str(path),
            todo=N_("Give the path of a YAML file that this user may read."),
            values={"what": what},
            in_full=f"{what} cannot be read ({reason})" if reason else "",
        ) from None
    raise too_long(str(path))
