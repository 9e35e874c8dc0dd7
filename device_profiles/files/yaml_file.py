"""The text of a YAML file that somebody names: a profile, a plant, a configuration."""

from __future__ import annotations

from pathlib import Path

from domain.errors import InputError


def yaml_file_text(path: Path, what: str) -> str:
    """The file's text; `what` names it in the sentence, as "the profile". Raises InputError."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise InputError(
            f"{what} cannot be read ({reason})",
            where=str(path),
            todo="Give the path of a YAML file that this user may read.",
        ) from None
