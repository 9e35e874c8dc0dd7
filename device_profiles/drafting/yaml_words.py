"""Texts of foreign machines as they can stand in a YAML file: quoted, or behind #. Pure.

Nothing of them can end a text, begin a key or move a terminal's cursor.
"""

from __future__ import annotations

import re

from device_profiles.model.values import clean
from domain.texts import one_line

_COMMENT_MAX = 240  # characters of somebody else's words


def quoted(text: str) -> str:
    """As a text in double quotation marks (YAML 1.2, 7.3.1).

    >>> print(quoted('a"b: #\\n'))
    "a\\"b: #\\x0a"
    """
    return f'"{"".join(map(_escaped, clean(text)))}"'


def comment(text: str) -> str:
    """Behind a #, on one line.

    >>> comment("name\\nstate: producing")
    '# name\\\\x0astate: producing'
    """
    line = one_line(clean(text))
    return f"# {line if len(line) <= _COMMENT_MAX else line[: _COMMENT_MAX - 1] + '…'}"


def slug(text: str, instead: str) -> str:
    """As an id of small letters, digits and hyphens.

    >>> slug("Press 7 (old)", "machine"), slug("灌裝機", "machine")
    ('press-7-old', 'machine')
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-") or instead


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
