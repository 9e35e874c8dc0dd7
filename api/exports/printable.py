"""Texts of other people, fit for a page: what they typed changes nothing but itself.

Typst gets texts as data, so no mark-up in them means anything. What is left is what Unicode itself
does: control characters, marks that turn the direction of writing, and characters that no font
here has. Such a character is written as its code, as on terminals (`domain.texts`):

    "Wong\\u202eKa"    Wong\\x202eKa
    "done 👍"          done \\x1f44d     (where no font has it)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection
from typing import Any

from domain.texts import harmless_lines

_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_ISOLATED = "\u2068{}\u2069"  # FSI … PDI: what stands around it keeps its order


def every_text(value: Any, change: Callable[[str], str]) -> Any:
    """The same value of dicts, lists and texts, each text changed (keys are not)."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: every_text(it, change) for name, it in value.items()}
    if isinstance(value, list | tuple):
        return [every_text(it, change) for it in value]
    return value


def printable(text: str, not_in_fonts: Collection[str] = ()) -> str:
    """The text without what has no sign. `not_in_fonts`: what no font has, each a character with
    the marks that combine with it; nothing else of the text changes."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    shown = harmless_lines(lines)
    for it in sorted(not_in_fonts, key=len, reverse=True):
        shown = shown.replace(it, "".join(map(_code, it)))
    if any(unicodedata.bidirectional(it) in _RIGHT_TO_LEFT for it in shown):
        return "\n".join(_ISOLATED.format(line) for line in shown.split("\n"))
    return shown


def _code(character: str) -> str:
    return character if character.isascii() else f"\\x{ord(character):02x}"
