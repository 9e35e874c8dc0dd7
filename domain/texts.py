"""The mark on texts that people read: whatever carries it goes into the catalogues.

The English text is the id of its translations (gettext's way). It is marked where it is written
and translated where it is shown, so that code which only computes knows no language.
"""

from __future__ import annotations

import unicodedata


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, translate later"
    """The same text; the extraction of messages (babel.cfg) finds it by this mark."""
    return message


def one_line(text: str) -> str:
    """What somebody else wrote as one line: line breaks and whatever else is not printable (control
    sequences of terminals, marks that turn the direction) are written as in `\\x1b`."""
    if text.isprintable():
        return text
    return "".join(it if it.isprintable() or is_space(it) else f"\\x{ord(it):02x}" for it in text)


def harmless_lines(text: str) -> str:
    """The same of each line of a text that may have several."""
    return text if text.isprintable() else "\n".join(map(one_line, text.split("\n")))


def is_space(character: str) -> bool:
    """Whether it is a space of any width, as Chinese texts have them, and no line's end."""
    return unicodedata.category(character) == "Zs"
