"""What may be the name of an agent, line, machine or signal when it comes from outside.

Plant and agent files allow less (ASCII letters, digits and `._-`). This is the wider rule that
holds for what others say: short, and nothing in it that a log, a page, a query or a database takes
for something else. The pattern means the same to Python's `re` and to polars.
"""

from __future__ import annotations

import re

NAME_LENGTH_MAX = 200
# Control characters, backslash, line and paragraph separators, marks that turn the direction of
# writing, half surrogate pairs, and code points that are no characters.
_NOT_IN_NAMES = (
    r"\x00-\x1f\x7f-\x9f\\\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff"
)
NAME_PATTERN = rf"^[^{_NOT_IN_NAMES}]{{1,{NAME_LENGTH_MAX}}}$"
NAME_IS = f"a name of 1 to {NAME_LENGTH_MAX} characters without control characters"
_NAME = re.compile(rf"[^{_NOT_IN_NAMES}\ud800-\udfff]+\Z")


def is_name(value: object, length_max: int = NAME_LENGTH_MAX) -> bool:
    """Whether that is a text which can be a name."""
    return isinstance(value, str) and len(value) <= length_max and bool(_NAME.match(value))


def as_name(text: str) -> str:
    """The text with a question mark for all that no name may hold, so that it can be kept as one;
    "?" for an empty one."""
    cut = text[:NAME_LENGTH_MAX]
    return cut if is_name(cut) else "".join(it if is_name(it) else "?" for it in cut) or "?"
