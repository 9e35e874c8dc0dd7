"""What of an error no catalogue can translate: texts without the mark `N_`, English in values."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from domain.errors import FileError, LineproofError

_ROOT = Path(__file__).parents[2]
_PACKAGES = ("domain", "device_profiles", "store/files", "store/registry", "api/records")
_LISTS = ("known", "expected", "names")  # values that list names
_OF_PROFILES = ("description",)  # values that `api.profile_texts` puts into the catalogues


@cache
def marked_texts() -> frozenset[str]:
    """All texts that carry the mark in those packages."""
    files = [file for it in _PACKAGES for file in sorted((_ROOT / it).rglob("*.py"))]
    calls = (
        node
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_"
    )
    return frozenset(
        str(it.value) for call in calls for it in call.args if isinstance(it, ast.Constant)
    )


def left_in_english(error: LineproofError) -> list[str]:
    """Those of its texts and values that stay English on every page; none where it is told whole.
    What stands in quotation marks is somebody's own word."""
    texts = [it for it in (error.message, error.advice) if it]
    said = f"{error.message} {error.advice}"
    unmarked = [it for it in texts if it not in marked_texts()]
    in_full = [error.in_full] if isinstance(error, FileError) and error.in_full else []
    return unmarked + in_full + list(_prose(error, said))


def _prose(error: LineproofError, said: str) -> Iterator[str]:
    for name, value in error.values.items():
        is_own = f"'%({name})s'" in said or f"%({name})s" not in said
        is_named = name in (*_LISTS, *_OF_PROFILES) or str(value).startswith("'")
        if not (is_own or is_named or str(value) in marked_texts()) and " " in str(value):
            yield str(value)
