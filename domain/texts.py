"""The mark on texts that people read: whatever carries it goes into the catalogues.

The English text is the id of its translations (gettext's way). It is marked where it is written
and translated where it is shown, so that code which only computes knows no language.
"""

from __future__ import annotations


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, translate later"
    """The same text; the extraction of messages (babel.cfg) finds it by this mark."""
    return message
