"""What of two things that should be the same differs first, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import polars as pl


def first_difference(made: pl.DataFrame, given: pl.DataFrame) -> str:
    """Where the first row of facts differs; both sorted alike."""
    for ours, theirs in zip(made.iter_rows(named=True), given.iter_rows(named=True), strict=False):
        for name in made.columns:
            if ours[name] != theirs[name]:
                return (
                    f"{name} of {theirs['start']:%Y-%m-%d %H:%M} UTC: {theirs[name]} there, "
                    f"{ours[name]} from the batches"
                )
    return f"the number of rows: {given.height} there, {made.height} from the batches"


def differences(shown: Any, made: Any, where: str = "") -> Iterator[tuple[str, str, str]]:
    """Where two JSON values differ: place, what is shown, what was made."""
    if isinstance(shown, dict) and isinstance(made, dict):
        for name in dict.fromkeys((*shown, *made)):
            place = f"{where}.{name}" if where else name
            yield from differences(shown.get(name), made.get(name), place)
    elif isinstance(shown, list) and isinstance(made, list) and len(shown) == len(made):
        for index, (ours, theirs) in enumerate(zip(shown, made, strict=True)):
            name = ours.get("id", index) if isinstance(ours, dict) else index
            yield from differences(ours, theirs, f"{where}[{name}]")
    elif shown != made:
        yield where, _short(shown), _short(made)


def _short(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 80 else f"{text[:80]}…"
