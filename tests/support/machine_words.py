"""What a page shows that is a machine's word: to be read by nobody who is no programmer."""

from __future__ import annotations

import re
from html import unescape

# Where a machine's words are in place: what is copied or typed, and an error's exact wording.
_IN_PLACE = r"<(script|style|code|pre|textarea|option|details)\b.*?</\1>"
_WORDS = {
    "a day of a program": r"\b20\d\d-\d\d-\d\d\b",
    "a time of a program": r"\d\dT\d\d:\d\d",
    "a value of a program": r"\bNone\b(?! is)|\bTrue\b|\bFalse\b|[\[{]'|<\w+\.\w+",
    "a digest": r"\b[0-9a-f]{16,}\b",
    "an id": r"\b[0-9a-f]{8}-[0-9a-f]{4}-",
    "a unit of a program": r"\bkWh/item\b|\bitems/s\b",
    "a name of a program": r"\b[a-z]+_[a-z_]+\b",
}


def machine_words(html: str) -> list[str]:
    """Each with what stands around it."""
    main = html.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    prose = re.sub(_IN_PLACE, " ", main, flags=re.DOTALL)
    text = unescape(" ".join(re.sub(r"<[^>]*>", " ", prose).split()))
    return [
        f"{what}: …{text[max(0, found.start() - 40) : found.end() + 20]}…"
        for what, pattern in _WORDS.items()
        for found in re.finditer(pattern, text)
    ]
