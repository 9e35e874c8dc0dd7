"""Files with one mistake, and the sentence that has to name its place."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from domain.errors import InputError


def changed(text: str, old: str, new: str) -> str:
    """The text with the first occurrence replaced; fails where there is none."""
    assert old in text, f"not in the example: {old}"
    return text.replace(old, new, 1)


def check_refused(read: Callable[[str, str], object], text: str, line: int, sentence: str) -> None:
    """That reading the text is refused with the line, and the sentence or a part of it."""
    with pytest.raises(InputError) as refused:
        read(text, "file.yaml")
    assert re.search(rf"file\.yaml, line {line}(, clause [^:]+)?: ", str(refused.value)), (
        refused.value
    )
    assert sentence in str(refused.value)
