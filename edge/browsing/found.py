"""A value that was found at a machine's address, as an integrator needs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

EXAMPLE_MAX = 60  # characters that are shown of a value
FIELDS_MAX = 60  # of one value or message
_WORDS = {True: "true", False: "false", None: "null"}
MORE_FIELDS = f"it has more than {FIELDS_MAX} fields"


@dataclass(frozen=True, slots=True)
class FoundValue:
    """`address`: as a profile or a parameter names it; `field`: within a structured value or a
    message (JSON Pointer); `kind`: the type, in the protocol's word; `unit`: as the machine says
    it; `example`: the value, shortened; `per_s`: how often it came, None where nobody listened;
    `problem`: why there is no value."""

    address: str
    field: str
    kind: str
    unit: str
    example: str
    per_s: float | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class WhatIsThere:
    """`left_out`: there was more, and what to say to see it; empty: this is all."""

    values: Sequence[FoundValue]
    left_out: str = ""


def leaves(document: Any) -> tuple[list[tuple[str, Any]], bool]:
    """The single values of a document, each with its JSON Pointer (RFC 6901), and whether these are
    all of them.

    >>> leaves({"a": 1, "b": [True, {}]})
    ([('/a', 1), ('/b/0', True), ('/b/1', {})], True)
    """
    found = list(islice(_leaves(document, ""), FIELDS_MAX + 1))
    return found[:FIELDS_MAX], len(found) <= FIELDS_MAX


def _leaves(document: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(document, dict) and document:
        parts: Iterable[tuple[Any, Any]] = document.items()
    elif isinstance(document, list) and document:
        parts = enumerate(document)
    else:
        yield pointer, document
        return
    for name, part in parts:
        step = str(name).replace("~", "~0").replace("/", "~1")
        yield from _leaves(part, f"{pointer}/{step}")


def example(value: Any) -> str:
    """The value as one short line."""
    if isinstance(value, str):
        text = value
    else:
        text = _WORDS[value] if value is None or isinstance(value, bool) else repr(value)
    line = " ".join(text[: 2 * EXAMPLE_MAX].split())
    return line if len(line) <= EXAMPLE_MAX else f"{line[: EXAMPLE_MAX - 1]}…"
